// A view that takes long to compute says so in the grid, and for how long; Cancel gives it up.

const LONG = 1000;

export class Waiting {
  constructor(place, stop) {
    Object.assign(this, { place, stop, timer: 0, note: null });
  }

  turn(busy) {
    if (busy && !this.timer) this.begin();
    else if (!busy) this.end();
  }

  begin() {
    const began = performance.now();
    this.timer = setInterval(() => {
      this.note ??= this.draw();
      this.note.querySelector("span").textContent = `${Math.round((performance.now() - began) / 1000)} s`;
    }, LONG);
  }

  end() {
    clearInterval(this.timer);
    this.timer = 0;
    this.note?.remove();
    this.note = null;
  }

  draw() {
    const make = (tag, properties, ...inside) => {
      const element = Object.assign(document.createElement(tag), properties);
      element.append(...inside);
      return element;
    };
    const cancel = make("button", { className: "button", type: "button", textContent: "Cancel" });
    cancel.addEventListener("click", () => { this.end(); this.stop(); });
    const note = make(
      "div",
      { className: "grid-waiting" },
      make("p", {}, "Looking through the records… ", make("span", {})),
      make("progress", { ariaLabel: "Looking through the records" }),
      cancel,
    );
    this.place.append(note);
    return note;
  }
}
