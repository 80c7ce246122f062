// Files dropped anywhere on the page are sent like those that were chosen.

const form = document.querySelector("[data-drop]");
if (form) {
  const carriesFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  addEventListener("dragenter", (event) => { if (carriesFiles(event)) form.hidden = false; });
  addEventListener("dragover", (event) => { if (carriesFiles(event)) event.preventDefault(); });
  addEventListener("dragleave", (event) => { if (!event.relatedTarget) form.hidden = true; });
  addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
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
