// Asks for a picture: on a phone, with its camera. Gives the file, or null.

export function choosePicture() {
  const input = Object.assign(document.createElement("input"), { type: "file", accept: "image/*", hidden: true });
  input.setAttribute("capture", "environment");
  input.setAttribute("aria-label", "A picture of the code");
  document.body.append(input);
  return new Promise((done) => {
    const end = () => { input.remove(); done(input.files[0] ?? null); };
    input.addEventListener("change", end);
    input.addEventListener("cancel", end);
    input.click();
  });
}
