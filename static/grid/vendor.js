// Loads the vendored SlickGrid. Its files are classic scripts that share one global, so they are
// added as such, in order, and only on a page that has a grid.

const folder = new URL("../vendor/slickgrid/", import.meta.url);

function load(name) {
  return new Promise((done, failed) => {
    const script = Object.assign(document.createElement("script"), { src: new URL(name, folder), async: false });
    script.addEventListener("load", done);
    script.addEventListener("error", () => failed(new Error("A part of this page did not arrive. Reload the page.")));
    document.head.append(script);
  });
}

await Promise.all(["slick.core.js", "slick.interactions.js", "slick.grid.js"].map(load));

export const SlickGrid = window.Slick.Grid;
