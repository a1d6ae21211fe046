// One page on the screen: its picture, the words over it, the boxes of what was found, its size and turn.
import { layWords } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const WIDTHS = [900, 1600, 2400];
const PIXELS = 96 / 72; // of the screen, for a point at 100 %

export class Sheet {
  constructor(element, pictureAddress) {
    this.element = element;
    this.pictureAddress = pictureAddress;
    const part = (name) => element.querySelector(`[data-reader-${name}]`);
    this.turnable = part("turn");
    this.picture = part("picture");
    this.marks = part("marks");
    this.words = part("words");
    this.id = part("id");
    this.facts = null;
    for (const outcome of ["load", "error"]) {
      this.picture.addEventListener(outcome, () => element.classList.remove("dl-leaf--waiting"));
    }
  }

  /** The addresses of a page's picture, for the browser to choose from. */
  sourcesOf(number) {
    return WIDTHS.map((width) => `${this.pictureAddress(number, width)} ${width}w`).join(", ");
  }

  /** Show a page. The picture that stands there already, because the server drew it, is left alone. */
  show(facts, isFirst = false) {
    const isOther = this.facts?.number !== facts.number;
    this.facts = facts;
    this.element.hidden = false;
    this.element.dataset.page = facts.number;
    if (!isFirst && isOther) {
      // A browser shows the old picture until it has the new one: the wrong page under the right number.
      this.element.classList.add("dl-leaf--waiting");
      this.picture.removeAttribute("src");
      this.picture.srcset = this.sourcesOf(facts.number);
      this.picture.width = Math.round(facts.width);
      this.picture.height = Math.round(facts.height);
    }
    this.marks.setAttribute("viewBox", `0 0 ${facts.width} ${facts.height}`);
    layWords(this.words, facts.words, facts.width);
    this.id.textContent = facts.id;
  }

  hide() {
    this.facts = null;
    this.element.hidden = true;
  }

  /** Draw boxes; those of `current` stand out. */
  mark(hits, current) {
    this.marks.replaceChildren(...hits.flatMap((hit) => hit.boxes.map(([left, top, right, bottom]) => {
      const box = document.createElementNS(SVG, "rect");
      const place = { x: left - 1, y: top - 1, width: right - left + 2, height: bottom - top + 2, rx: 1.5 };
      for (const [name, value] of Object.entries(place)) box.setAttribute(name, value);
      if (hit === current) box.classList.add("dl-current");
      return box;
    })));
  }

  /** How large the page is at 100 %, as it is turned, in pixels. */
  size(turn) {
    const { width, height } = this.facts;
    return turn % 180 ? [height * PIXELS, width * PIXELS] : [width * PIXELS, height * PIXELS];
  }

  /** Give the page this scale (1: 100 %) and turn (degrees to the right). */
  fit(scale, turn) {
    const [across, down] = this.size(turn);
    const wide = this.facts.width * PIXELS * scale;
    const tall = this.facts.height * PIXELS * scale;
    this.element.style.width = `${across * scale}px`;
    this.turnable.parentElement.style.height = `${down * scale}px`;
    this.turnable.style.width = `${wide}px`;
    this.turnable.style.height = `${tall}px`;
    const moves = { 0: "", 90: `translate(${tall}px, 0)`, 180: `translate(${wide}px, ${tall}px)`, 270: `translate(0, ${wide}px)` };
    this.turnable.style.transform = turn ? `${moves[turn]} rotate(${turn}deg)` : "";
    this.picture.sizes = `${Math.ceil(wide)}px`;
  }

  /** Bring the box that stands out into sight. */
  showCurrent() {
    this.marks.querySelector(".dl-current")?.scrollIntoView({ block: "center", inline: "nearest" });
  }
}
