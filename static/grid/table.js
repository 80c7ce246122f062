// The table page: brings the grid's parts together.
import { get } from "../js/send.js";
import { toast, toastNext } from "../js/toast.js";
import { Block } from "./block.js";
import { listenToChangeAll } from "./change_all.js";
import { Choosing, counted } from "./choosing.js";
import { Editing } from "./editing.js";
import { emptying } from "./emptying.js";
import { listenToExport } from "./export.js";
import { countItems, itemsOf } from "./conditions.js";
import { openPanel } from "./filter_panel.js";
import { drawChips } from "./filters.js";
import { Filling } from "./filling.js";
import { Head } from "./head.js";
import { listenToKeys } from "./keys.js";
import { LinkNames } from "./link_names.js";
import { Memory, keepView } from "./memory.js";
import { listenToPointer } from "./pointer.js";
import { listenToPrintChosen } from "./print_chosen.js";
import { Rows } from "./rows.js";
import { Steps } from "./steps.js";
import { Surface } from "./surface.js";
import { readView, viewAddress, viewParameters, writeView } from "./view.js";
import { Views } from "./views.js";
import { Waiting } from "./waiting.js";

const AHEAD = 40;
const NEAR = 20; // records at the beginning, among which an old place is found early
const STOPPED = "It was stopped.";
const place = document.querySelector("[data-grid]");
const tool = (name) => document.querySelector(`[data-grid-${name}]`);

async function start() {
  const memory = new Memory();
  const menu = tool("views");
  let view = readView(JSON.parse(menu.dataset.saved));
  const { fields, may } = await get(place.dataset.fields); // what may be done with the records
  const selectable = may.edit || may.delete;
  const first = new AbortController();
  let answered = true; // whether what is shown is of the view that was asked for
  const waiting = new Waiting(place, giveUp);
  const rows = new Rows(place.dataset.rows, fields.length, { arrived, failed, asking: (busy) => waiting.turn(busy) });
  rows.view = view;
  // The first records come before the grid is made: they say how wide a field should be.
  waiting.turn(true);
  const firstPage = await rows.window(0, rows.size, { signal: first.signal, early: Math.max(memory.place?.top ?? 0, memory.place?.row ?? 0) < NEAR }).catch((error) => (first.signal.aborted ? new Error(STOPPED) : error));
  waiting.turn(false);
  let placed = false;
  let note = null;

  const judge = (filter) => get(`${place.dataset.filter}?${viewParameters({ sort: [], q: "", filter })}`);
  const panel = () => openPanel(fields, view.filter, judge, (filter) => change({ ...view, filter }));
  const head = new Head(() => view, change, judge, panel, {
    settings: place.dataset.change,
    mayHide: () => shownNow().length > 1,
  });
  const views = new Views(menu, place.dataset.views, fields, {
    view: () => view,
    widths: () => surface.hooks.widths,
    change,
    forget: (name) => memory.forgetWidths(name),
    moved: (from, to) => { memory.forgetWidths(to); memory.keepWidths(to, surface.hooks.widths); memory.forgetWidths(from); },
    offer: (undo) => steps.offer(undo),
    undo: () => steps.undo(),
  });
  memory.measure(fields, firstPage.rows ?? []);
  const widthsNow = () => memory.widthsFor(view.name, views.widthsOf(view.name));
  const shownNow = () => { const hidden = Views.hidden(view, fields); return fields.filter((field) => !hidden.includes(field)); };
  rows.pick(placesOf(shownNow()));
  const surface = new Surface(place, shownNow(), rows, {
    widths: widthsNow(),
    selectable,
    may,
    head: (field, index) => head.make(field, index),
    formAddress: (id) => `${place.dataset.records}/${encodeURIComponent(id)}`,
    get addAddress() { return tool("add")?.href; },
    linkAddress,
    seen,
    moved: keepPlace,
    scrolled: keepPlaceSoon,
    resized: () => { memory.keepWidths(view.name, surface.hooks.widths); views.update(); },
  });
  const steps = new Steps(place, stepTaken);
  const editing = new Editing(surface, place.dataset, { saved: (undo) => steps.offer(undo), added, undo: () => steps.undo() });
  const block = new Block(surface);
  const choosing = new Choosing(surface, place.dataset.records, {
    changed: (count) => { showChosen(count); offerPrint(count); offerChange(count); },
    deleted: (undo) => { steps.offer(undo); rows.renew(); },
    undo: () => steps.undo(),
  });
  const filling = new Filling(surface, place.dataset.records, block, {
    filled: (undo) => { steps.offer(undo); rows.renew(); },
    refused: () => rows.renew(),
    undo: () => steps.undo(),
  });

  function seen() {
    const [first, last] = surface.shownRange;
    rows.want(first - AHEAD / 2, last + AHEAD);
  }

  function arrived(first, last, resized) {
    answered ||= !rows.early;
    if (rows.total) say(null);
    else sayNothingIsHere();
    tool("count").textContent = rows.counting ? "Counting…" : counted(rows.total);
    place.removeAttribute("aria-busy");
    const { active: { row, field }, holdsFocus } = surface;
    const toNew = placed && resized && surface.wasNew;
    if (!placed) putBack();
    else if (resized && !toNew && row >= rows.total && rows.total) surface.moveTo(rows.total - 1, field, { focus: false });
    if (!editing.open || resized) surface.draw(resized ? undefined : first, last);
    else surface.draw(first, last);
    // Only now is there room for it below the records that came.
    if (toNew) surface.moveTo(rows.total, field, { focus: holdsFocus && !editing.open });
    if (resized && surface.lastRow >= 0 && !surface.activeNode) surface.moveTo(0, 0, { focus: document.activeElement === document.body });
    if (resized) seen();
    choosing.check();
    surface.markHead();
  }

  // Where a record stands that was filled in after the last one: the view's order or filters may put it elsewhere.
  async function added(answer) {
    steps.offer(answer.undo);
    const parameters = viewParameters(view);
    parameters.set("id", answer.id);
    let position = null;
    try {
      // An SQL view may not tell which of its records that is.
      if (answer.id !== null) ({ position } = await get(`${place.dataset.position}?${parameters}`));
      await rows.grow(position ?? rows.total);
    } catch (error) {
      // It is saved, and must not be sent once more.
      failed(error);
      return rows.total;
    }
    if (position === null) toast(answer.id === null ? "The record was added." : "The record was added, but this view does not show it.", { action: "Undo", onAction: () => steps.undo() });
    return position ?? rows.total;
  }

  // The first answer tells how many records there are; only now can the old place be found.
  function putBack() {
    placed = true;
    surface.draw();
    const kept = memory.place;
    if (kept && rows.total) surface.showRow(Math.min(kept.top, rows.total - 1));
    const begin = rows.total ? 0 : Math.max(0, surface.fields.findIndex((field) => !field.automatic));
    surface.moveTo(kept?.row ?? 0, kept?.field ?? begin, { focus: document.activeElement === document.body });
    if (kept && rows.total) surface.showRow(Math.min(kept.top, rows.total - 1));
  }

  function keepPlace() {
    if (placed) memory.keep({ place: { search: location.search, top: surface.topRow, ...surface.active } });
  }

  let keeping = 0;
  function keepPlaceSoon() {
    clearTimeout(keeping);
    keeping = setTimeout(keepPlace, 200);
  }

  function sayNothingIsHere() {
    if (!view.filter.length && !view.q) {
      say(may.add ? "No records yet. Type the first one into the empty row, use “Add record”, or paste cells from a spreadsheet." : "No records yet.");
      return;
    }
    say("No record fits this view.", button("Show all records", () => change({ ...view, filter: [], q: "" })));
    const here = note;
    if (view.filter.length) judge(view.filter).catch((error) => { if (error.status === 422) here.firstChild.append(` ${error.message}`); });
  }

  function button(textContent, act) {
    const element = Object.assign(document.createElement("button"), { className: "button", type: "button", textContent });
    element.addEventListener("click", act);
    return element;
  }

  function say(sentence, action) {
    note?.remove();
    note = null;
    if (!sentence) return;
    note = Object.assign(document.createElement("div"), { className: "grid-note" });
    note.append(Object.assign(document.createElement("p"), { textContent: sentence }), ...(action ? [action] : []));
    place.append(note);
  }

  // The server hears that nobody waits any more. What the grid showed before comes back.
  function giveUp() {
    first.abort();
    rows.giveUp();
    if (!answered) history.back();
    else if (rows.early) onlyBeginning();
    else if (rows.total !== null) failed(new Error(`${STOPPED} What is shown may be out of date.`));
  }

  function onlyBeginning() {
    if (rows.counting) tool("count").textContent = `First ${counted(rows.total)}`;
    failed(new Error(`${STOPPED} Only the first records are shown.`));
  }

  function failed(error) {
    const again = () => { say(null); rows.renew(); };
    if (rows.total === null) say(error.message, button("Try again", again));
    else toast(error.message, { danger: true, action: "Try again", onAction: again, seconds: 60 });
  }

  let typing = 0;
  let searching = false; // while a person types, Back leads to what was there before the first letter
  function change(next, { replace = false } = {}) {
    view = next;
    searching = false;
    writeView(view, views.saved, { replace });
    apply();
  }

  // The address may name a view that was deleted since, or has another name now.
  function found({ missing, ...rest }) {
    if (missing) {
      toast(`There is no view “${missing}” any more.`);
      writeView(rest, views.saved, { replace: true });
    }
    return rest;
  }

  function placesOf(shown) {
    return shown.length === fields.length ? null : shown.map((field) => fields.indexOf(field));
  }

  function apply() {
    if (editing.open) editing.end(false);
    block.clear();
    applyFields();
    if (`${viewParameters(view)}` !== `${viewParameters(rows.view)}`) applyQuestion();
    rows.view = view;
    showView();
  }

  function applyFields() {
    const shown = shownNow();
    const widths = widthsNow();
    if (sameNames(shown, surface.fields) && [...widths].every(([name, width]) => surface.hooks.widths.get(name) === width)) return;
    surface.hooks.widths = widths;
    rows.pick(placesOf(shown));
    surface.show(shown);
  }

  function applyQuestion() {
    choosing.none();
    surface.showRow(0);
    place.setAttribute("aria-busy", "true");
    rows.wanted = [0, surface.pageRows + AHEAD];
    answered = rows.total === null;
    rows.show(view);
    if (rows.total) surface.moveTo(0, surface.active.field, { focus: false });
  }

  const title = document.title;
  const linkNames = new LinkNames(place.dataset.choices, fields, () => showView());
  function showView() {
    document.title = view.name ? `${view.name} · ${title}` : title;
    views.update();
    head.update();
    drawChips(tool("chips"), fields, view, change, panel, (item) => linkNames.of(item));
    linkNames.learn(view.filter);
    if (tool("add")) tool("add").search = view.filter.length ? new URLSearchParams({ filter: JSON.stringify(view.filter) }) : "";
    const conditions = countItems(itemsOf(view.filter));
    tool("print").search = new URL(viewAddress(view, views.saved), location.href).search;
    tool("filters").textContent = conditions ? `Filters: ${conditions}` : "Filters";
    if (tool("search").value.trim() !== view.q) tool("search").value = view.q;
  }

  function showChosen(count) {
    const button = tool("delete");
    if (!button) return;
    button.disabled = count === 0;
    const [number, word] = count ? counted(count).split(" ") : [];
    button.replaceChildren(count ? `Delete ${number}` : "Delete", ...(count ? [Object.assign(document.createElement("span"), { className: "tools-word", textContent: ` ${word}` })] : []));
  }

  const sameNames = (one, other) => one.length === other.length && one.every((field, index) => field.name === other[index].name);

  // An undone import or schema change may have taken this table away, or given it another name.
  async function stepTaken(answer, said) {
    const { name } = place.dataset;
    const gone = `${said}. “${name}” is not there any more.`;
    choosing.none();
    if (answer.before === name && answer.table !== name) {
      toastNext(answer.table ? said : gone);
      return location.replace(answer.table ? answer.address + location.search : "/");
    }
    if (answer.table !== answer.before && fields.some((field) => field.link?.table === answer.before)) {
      toastNext(said);
      return location.reload();
    }
    if (answer.table && answer.table !== name) {
      rows.renew(); // triggers, links and SQL views carry a change from one to the other
      return undefined;
    }
    try {
      const [now, then] = await Promise.all([get(place.dataset.fields), get(place.dataset.views)]);
      // A field that came, went, or is another one now changes the whole page.
      if (JSON.stringify(now.fields) !== JSON.stringify(fields)) return location.reload();
      views.take(then.views);
      rows.renew();
    } catch (error) {
      if (error.status !== 404) return failed(error);
      toastNext(gone);
      location.replace("/");
    }
    return undefined;
  }

  // Somebody changed the file: it is taken in, but not under the hands of who types; what then stands
  // against what was typed is told when it is saved.
  let later = 0;
  async function takeIn(version) {
    clearTimeout(later);
    if (version === rows.version) return undefined;
    if (editing.open) {
      later = setTimeout(takeIn, 500, version);
      return undefined;
    }
    try {
      const [now, then] = await Promise.all([get(place.dataset.fields), get(place.dataset.views)]);
      if (!sameNames(now.fields, fields)) return location.reload();
      steps.offer(now.undo, now.redo, { own: false });
      views.take(then.views);
      rows.renew();
    } catch (error) {
      if (error.status !== 404) return failed(error);
      toastNext(`“${place.dataset.name}” is not there any more: somebody deleted or renamed it.`);
      location.replace("/");
    }
    return undefined;
  }

  function linkAddress(field, cell) {
    const value = cell.link !== null && typeof cell.link === "object" ? cell.link.int : cell.link;
    const table = field.link.table.replaceAll("~", "~~").replaceAll("/", "~s");
    return `/tables/${encodeURIComponent(table)}/follow?field=${encodeURIComponent(field.link.field)}&value=${encodeURIComponent(value)}`;
  }

  async function set(typed, sentence) {
    try {
      if (await editing.setValue(typed) && sentence) toast(sentence, { action: "Undo", onAction: () => steps.undo() });
    } catch (error) {
      toast(error.message, { danger: true });
      if (error.status === 409) rows.renew();
    }
  }

  const { empty, cut } = emptying(surface, { filling, block, choosing, may, set });
  const open = () => { if (surface.onNew) location.href = surface.hooks.addAddress; else if (surface.activeRecord) location.href = surface.hooks.formAddress(surface.activeRecord.id); };
  const keys = listenToKeys(surface, head, {
    editing, choosing, block, may, selectable, open,
    fill: () => filling.down(),
    add: () => tool("add")?.click(),
    follow: () => surface.activeNode?.querySelector("a.grid-follow")?.click(),
    remove: () => choosing.remove(surface.chosenCount ? undefined : [surface.activeRecord?.id].filter((id) => id !== undefined)),
    turn: () => (surface.onNew ? editing.begin() : set(surface.activeRecord?.cells[surface.active.field] === 1 ? "no" : "yes")),
    empty,
  });
  keys.alsoTell((event) => steps.key(event));
  addEventListener("keydown", (event) => steps.key(event));
  listenToPointer(surface, { editing, choosing, block });
  surface.element.addEventListener("copy", (event) => { if (!editing.open) block.copy(event); });
  surface.element.addEventListener("cut", (event) => { if (!editing.open) { if (may.edit) cut(event); else block.copy(event); } });
  // A view that finds nothing has no cell to hold the focus.
  addEventListener("paste", (event) => {
    const here = event.target === document.body || surface.element.contains(event.target);
    if (!here || editing.open || event.target.closest("input:not([type=checkbox]), textarea, select")) return;
    event.preventDefault();
    if (may.add || may.edit) filling.paste(event.clipboardData);
    else toast(`${place.dataset.name} can only be read. Nothing was pasted.`);
  });

  tool("search").value = view.q;
  const search = () => {
    clearTimeout(typing);
    const q = tool("search").value.trim();
    if (q === view.q) return;
    change({ ...view, q }, { replace: searching });
    searching = true;
  };
  tool("search").addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(search, 250);
  });
  tool("search").addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") { event.preventDefault(); surface.focus(); }
    // Enter ends a scan by hand: what is scanned next takes its place.
    else if (event.key === "Enter") { search(); event.target.select(); }
  });
  const offerPrint = listenToPrintChosen(tool("print-chosen"), tool("print"), () => [...surface.chosen], () => surface.whole !== null);
  const offerChange = listenToChangeAll(tool("change-all"), fields, {
    which: () => choosing.which,
    choices: place.dataset.choices,
    address: place.dataset.records,
    changed: (undo) => { choosing.none(); steps.offer(undo); rows.renew(); },
    refused: () => rows.renew(),
    undo: () => steps.undo(),
    back: () => surface.focus(),
  });
  listenToExport(tool("export"), place.dataset.name, () => view, () => [...surface.chosen]);
  tool("delete")?.addEventListener("click", () => choosing.remove());
  tool("filters").addEventListener("click", panel);
  addEventListener("popstate", () => { searching = false; view = found(readView(views.saved)); apply(); });
  addEventListener("pagehide", () => {
    keepPlace();
    keepView(view);
  });
  addEventListener("records-changed", (event) => { event.preventDefault(); takeIn(event.detail); });

  view = found(view);
  showView();
  if (firstPage instanceof Error) failed(firstPage);
  else rows.keep(0, firstPage);
  if (place.dataset.told) {
    toast(place.dataset.told, { action: "Undo", onAction: () => steps.undo() });
    writeView(view, { replace: true });
  }
}

if (place) {
  start().catch((error) => {
    place.append(Object.assign(document.createElement("p"), { className: "notice is-danger", textContent: error.message }));
  });
}
