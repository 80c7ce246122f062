// Printing the records that are chosen: beside the printing of all, in the menu of the tools.
import { send } from "./export.js";

const number = new Intl.NumberFormat("en");
const LONGEST = 2500; // characters of ids that an address is sure to take, and a page that can be loaded again

// `link` leads to the printing of the whole view, and names it. Gives what shows the button.
export function listenToPrintChosen(button, link, readChosen, isWhole) {
  button?.addEventListener("click", () => {
    if (isWhole()) return link.click();
    const parameters = new URLSearchParams(link.search);
    parameters.set("ids", JSON.stringify(readChosen()));
    if (`${parameters}`.length <= LONGEST) location.assign(`${link.pathname}?${parameters}#now`);
    else send(`${button.dataset.gridPrintChosen}#now`, parameters);
  });
  return (count) => {
    if (!button) return;
    button.hidden = count === 0;
    button.textContent = `Print ${number.format(count)} chosen ${count === 1 ? "record" : "records"}`;
  };
}
