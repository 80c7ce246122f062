// A form whose refusal is told beside it, with what was typed still there.
import { sendForm } from "./send.js";

for (const form of document.querySelectorAll("form[data-beside]")) {
  let problem;
  const forget = () => {
    problem?.remove();
    form.querySelectorAll("[aria-invalid]").forEach((each) => each.removeAttribute("aria-invalid"));
  };
  const explain = (sentence) => {
    problem = Object.assign(document.createElement("p"), { className: "notice is-danger", textContent: sentence });
    problem.setAttribute("role", "alert");
    form.append(problem);
    const typed = form.querySelector("input:not([type=hidden])");
    typed?.setAttribute("aria-invalid", "true");
    typed?.focus();
    problem.scrollIntoView({ block: "nearest" });
  };
  form.addEventListener("input", forget);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.ariaBusy === "true") return;
    form.ariaBusy = "true";
    forget();
    try {
      location.assign(await sendForm(form));
    } catch (error) {
      explain(error.message);
      form.ariaBusy = "false";
    }
  });
}
