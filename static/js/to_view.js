// Back from a record leads to the view of its table that the tab came from, and not to all records.

for (const link of document.querySelectorAll("a[data-to-view]")) {
  const table = new URL(link.href).pathname; // as the grid's page has it
  const from = document.referrer ? new URL(document.referrer) : null;
  if (from?.origin !== location.origin || !(from.pathname === table || from.pathname.startsWith(`${table}/`))) continue;
  try {
    link.search = sessionStorage.getItem(`address:${table}`) ?? "";
  } catch { /* Without storage it leads to the whole table. */ }
}
