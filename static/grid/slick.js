// SlickGrid as this house needs it: under a strict Content-Security-Policy, with every record and
// field placed for a screen reader, and the browser's focus on the cell itself.
import { SlickGrid } from "./vendor.js";

const TALLEST = 16_000_000;

export class HouseGrid extends SlickGrid {
  // SlickGrid writes a <style> element, which style-src 'self' refuses; a constructed sheet is allowed.
  createCssRules() {
    const sheet = new CSSStyleSheet();
    const own = `.${this.uid}`;
    sheet.insertRule(`${own} .slick-row { height: ${this._options.rowHeight}px; }`);
    sheet.insertRule(`${own} .slick-header-column { left: 1000px; }`);
    const rule = (selector) => sheet.cssRules[sheet.insertRule(`${own} ${selector} {}`, sheet.cssRules.length)];
    this.columnCssRulesL = this.columns.map((_, index) => rule(`.l${index}`));
    this.columnCssRulesR = this.columns.map((_, index) => rule(`.r${index}`));
    this.stylesheet = sheet;
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  }

  removeCssRules() {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => sheet !== this.stylesheet);
    this.stylesheet = null;
  }

  // Fields that stay in sight are sticky, and a sticky cell needs a width of its own.
  applyColumnWidths() {
    super.applyColumnWidths();
    let left = 0;
    this.columns.forEach((column, index) => {
      if (!column.stays) return;
      this._container.style.setProperty(`--stay-${index}`, `${left}px`);
      this._container.style.setProperty(`--width-${index}`, `${column.width}px`);
      left += column.width;
    });
  }

  appendRowHtml(left, right, row, range, length) {
    super.appendRowHtml(left, right, row, range, length);
    this.describeRow?.(left[left.length - 1], row);
  }

  appendCellHtml(line, row, cell, ...rest) {
    super.appendCellHtml(line, row, cell, ...rest);
    const node = line.lastElementChild;
    node.setAttribute("aria-colindex", String(cell + 1));
    this.describeCell?.(node, row, cell);
    if (row === this.activeRow && cell === this.activeCell) node.tabIndex = 0;
  }

  // SlickGrid probes this with an element that a flexible page squeezes. Firefox ends at 17.9 million,
  // Chromium at 33.5; beyond it the scrollbar is scaled, and every record can still be reached.
  getMaxSupportedCssHeight() {
    return TALLEST;
  }

  // SlickGrid keeps the focus in an empty element, where a screen reader hears nothing.
  setFocus() {}

  // Dragging is ours (it chooses a block); SlickGrid's would swallow a finger's scrolling.
  createDraggable() {}
}
