// A text grows with its lines, also where the browser does not know `field-sizing`.

if (!CSS.supports("field-sizing", "content")) {
  // Of many, all are measured before one grows: the page is laid out once for all of them.
  const grow = (texts) => {
    for (const text of texts) text.style.height = "auto";
    const heights = texts.map((text) => text.scrollHeight + text.offsetHeight - text.clientHeight);
    texts.forEach((text, number) => { text.style.height = `${heights[number]}px`; });
  };
  const all = [...document.querySelectorAll("textarea[data-grows]")];
  for (const text of all) text.addEventListener("input", () => grow([text]));
  grow(all);
}
