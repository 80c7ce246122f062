// A scanner in the hand types the code and Enter. Where that led to a page of what was found, the words
// are chosen, so that the next scan takes their place.

const input = document.querySelector("#search-all");
if (input?.value && input.value === new URLSearchParams(location.search).get("q")) {
  input.focus({ preventScroll: true });
  input.select();
}
