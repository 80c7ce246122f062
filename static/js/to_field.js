// Who opened a cell that has room on the record's page alone goes on in its field.

const name = decodeURIComponent(/^#field=(.*)$/.exec(location.hash)?.[1] ?? "");
if (name) {
  history.replaceState(history.state, "", location.pathname + location.search);
  document.querySelector(`[name="f:${CSS.escape(name)}"]:not([type=hidden])`)?.focus();
}
