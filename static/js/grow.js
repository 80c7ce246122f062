// A text grows with its lines, also where the browser does not know `field-sizing`.

if (!CSS.supports("field-sizing", "content")) {
  for (const text of document.querySelectorAll("textarea[data-grows]")) {
    const grow = () => {
      text.style.height = "auto";
      text.style.height = `${text.scrollHeight + text.offsetHeight - text.clientHeight}px`;
    };
    text.addEventListener("input", grow);
    grow();
  }
}
