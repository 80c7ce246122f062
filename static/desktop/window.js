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

  const reload = () => location.reload();
  const WITH_CONTROL = { r: reload, p: () => print() };
  const WITH_ALT = { ArrowLeft: () => history.back(), ArrowRight: () => history.forward() };
  const ALONE = { F5: reload };

  // WebView2 has these keys itself.
  if (navigator.userAgent.includes("Edg/")) return;
  addEventListener("keydown", (event) => {
    const control = event.ctrlKey || event.metaKey;
    const keys = control ? WITH_CONTROL : event.altKey ? WITH_ALT : ALONE;
    const does = !(control && event.altKey) && keys[event.key];
    // The page may have a use of its own for the key, and may stop the event on its way.
    if (does) setTimeout(() => { if (!event.defaultPrevented) does(); });
  }, true);
})();
