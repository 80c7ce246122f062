// A window of its own has no toolbar: its menu shows what stands there, with the keys.

const isMac = /Mac/.test(navigator.platform);
const isOwn = () => Boolean(window.ownWindow) || matchMedia("(display-mode: standalone)").matches;
const zooms = navigator.userAgent.includes("Chrome/");
const DOES = {
  back: () => history.back(),
  forward: () => history.forward(),
  reload: () => location.reload(),
  // A page that has one made for paper is printed by that one.
  print: () => { const paper = document.querySelector("a[data-print-page]"); if (paper) paper.click(); else print(); },
};

for (const menu of document.querySelectorAll("[data-window-menu]")) {
  // Looked at when it opens, since a native window makes itself known after its page.
  menu.addEventListener("toggle", () => {
    for (const each of menu.querySelectorAll("[data-own-window]")) each.hidden = !isOwn() || (each.dataset.ownWindow === "zooms" && !zooms);
  });
  if (isMac) for (const keys of menu.querySelectorAll("kbd")) keys.textContent = keys.textContent.replace(/Ctrl\+?/, "⌘").replace("Alt+", "⌥");
  menu.addEventListener("click", (event) => {
    const does = DOES[event.target.closest("[data-window-does]")?.dataset.windowDoes];
    if (!does) return;
    menu.open = false;
    does();
  });
}
