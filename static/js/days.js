// A day or a moment that is pasted as it is written at home: the browser's own inputs take none of it.
// What is pasted is shown then, and judged when it is saved.

document.addEventListener("paste", (event) => {
  const input = event.target;
  const text = event.clipboardData?.getData("text/plain").trim();
  if (!text || !input.matches?.("input[type=date], input[type=datetime-local]") || input.readOnly) return;
  event.preventDefault();
  input.type = "text";
  input.value = text;
  input.dispatchEvent(new Event("input", { bubbles: true }));
});
