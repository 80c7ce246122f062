// The way to the export page takes the view along, and the records that are chosen.
import { viewParameters } from "./view.js";

export function listenToExport(link, table, readView, readChosen) {
  link.addEventListener("click", (event) => {
    const parameters = viewParameters(readView());
    parameters.set("table", table);
    if (readView().name) parameters.set("view", readView().name);
    if (readView().hide.length) parameters.set("hide", JSON.stringify(readView().hide));
    const ids = readChosen();
    link.search = parameters;
    if (!ids.length || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    parameters.set("ids", JSON.stringify(ids));
    send(link.dataset.choose, parameters);
  });
}

// Thousands of ids do not fit into an address.
export function send(action, parameters) {
  const form = Object.assign(document.createElement("form"), { method: "post", action, hidden: true });
  const token = document.querySelector('meta[name="desktop-token"]')?.content ?? "";
  for (const [name, value] of [...parameters, ["_token", token]]) {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }
  document.body.append(form);
  form.submit();
}
