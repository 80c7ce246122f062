// Run by the native window in each page: what a browser does by itself and such a window does not.
(() => {
  if (window.ownWindow) return;
  window.ownWindow = true;

  const isForeign = (link) => /^https?:$/.test(link.protocol) && link.origin !== location.origin;

  // The window shows the program's own pages alone. What wants a new window goes to the browser.
  addEventListener("click", (event) => {
    const link = event.target instanceof Element && event.target.closest("a[href]");
    if (link) link.target = isForeign(link) ? "_blank" : "";
  }, true);

  const STEPS = [0.5, 0.67, 0.75, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2, 2.5, 3];
  const factor = () => Number(sessionStorage.getItem("window-zoom")) || 1;

  function zoom(value) {
    document.documentElement.style.zoom = value;
    sessionStorage.setItem("window-zoom", value);
  }

  const larger = () => zoom(STEPS.find((each) => each > factor()) ?? factor());
  const smaller = () => zoom(STEPS.findLast((each) => each < factor()) ?? factor());
  const reload = () => location.reload();
  const WITH_CONTROL = { "+": larger, "=": larger, "-": smaller, 0: () => zoom(1), r: reload, p: () => print() };
  const WITH_ALT = { ArrowLeft: () => history.back(), ArrowRight: () => history.forward() };
  const ALONE = { F5: reload };

  // WebView2 has these keys itself.
  if (navigator.userAgent.includes("Edg/")) return;
  if (factor() !== 1) zoom(factor());
  addEventListener("keydown", (event) => {
    const control = event.ctrlKey || event.metaKey;
    const keys = control ? WITH_CONTROL : event.altKey ? WITH_ALT : ALONE;
    if (event.defaultPrevented || (control && event.altKey) || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
})();
