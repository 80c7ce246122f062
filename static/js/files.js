// A record's file is sent as soon as it is chosen, taken with the camera, or dropped on its place.

const places = [...document.querySelectorAll("[data-file-place]")];
const put = (place, files) => {
  const input = place.querySelector("input[type=file]");
  input.files = files;
  input.form.requestSubmit();
};
for (const place of places) {
  const { form } = place.querySelector("input[type=file]");
  form.addEventListener("submit", () => { place.setAttribute("aria-busy", "true"); });
  place.addEventListener("dragover", (event) => { event.preventDefault(); place.classList.add("is-over"); });
  place.addEventListener("dragleave", () => place.classList.remove("is-over"));
  place.addEventListener("drop", (event) => {
    event.preventDefault();
    event.stopPropagation();
    place.classList.remove("is-over");
    if (event.dataTransfer.files.length) put(place, event.dataTransfer.files);
  });
}
