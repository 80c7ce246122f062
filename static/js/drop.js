// Files dropped anywhere on the page are sent like those that were chosen.

const form = document.querySelector("[data-drop]");
if (form) {
  const carriesFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  // On a page with a place for files, one that was dropped beside it is not meant for an import.
  const elsewhere = document.querySelector("[data-file-place]");
  addEventListener("dragenter", (event) => { if (carriesFiles(event) && !elsewhere) form.hidden = false; });
  addEventListener("dragover", (event) => { if (carriesFiles(event)) event.preventDefault(); });
  addEventListener("dragleave", (event) => { if (!event.relatedTarget) form.hidden = true; });
  addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    if (elsewhere) return;
    const files = event.dataTransfer.files;
    if (!files.length) {
      form.hidden = true;
      return;
    }
    form.querySelector("input[type=file]").files = files;
    form.querySelector("p").textContent = `Reading ${files.length === 1 ? files[0].name : `${files.length} files`}…`;
    form.submit();
  });
}
