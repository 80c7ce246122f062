// A web address that was typed without its beginning gets it, as in a browser's own address line.

for (const input of document.querySelectorAll('input[type="url"]')) {
  input.addEventListener("change", () => {
    const text = input.value.trim();
    if (/^[^\s/:?#]+\.[^\s/:?#.]{2,}(:\d+)?([/?#]\S*)?$/.test(text)) input.value = `https://${text}`;
  });
}
