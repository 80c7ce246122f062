// A finished export is downloaded by itself, once: not again on Back or Reload.

const link = document.querySelector("[data-download]");
if (link && !sessionStorage.getItem(link.href)) {
  sessionStorage.setItem(link.href, "downloaded");
  link.click();
}
