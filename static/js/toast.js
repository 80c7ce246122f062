// A short message at the foot of the page, with at most one thing to do about it.

const place = document.getElementById("toasts");

// What is to be said on the page that comes next.
export function toastNext(sentence) {
  try {
    sessionStorage.setItem("toast", sentence);
  } catch { /* A forbidden storage costs only the word. */ }
}

export function toast(sentence, { action, onAction, danger = false, seconds = 8 } = {}) {
  place.replaceChildren();
  const box = document.createElement("div");
  box.className = danger ? "toast is-danger" : "toast";
  box.append(Object.assign(document.createElement("span"), { textContent: sentence }));
  if (action === "Undo") box.dataset.undoes = "";
  if (action) {
    const button = Object.assign(document.createElement("button"), { className: "button", type: "button", textContent: action });
    button.addEventListener("click", () => { box.remove(); onAction(); });
    box.append(button);
  }
  place.append(box);
  setTimeout(() => box.remove(), seconds * 1000);
}

try {
  const kept = sessionStorage.getItem("toast");
  sessionStorage.removeItem("toast");
  if (kept) toast(kept);
} catch { /* See above. */ }
