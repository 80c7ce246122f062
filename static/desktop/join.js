// Whoever joins may be another device afterwards than this browser was before: see presence.js.

document.querySelector("form").addEventListener("submit", () => {
  try {
    localStorage.setItem("desktop-joining", Date.now());
  } catch { /* A browser that keeps nothing compares nothing. */ }
});
