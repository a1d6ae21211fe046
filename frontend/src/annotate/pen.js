// Choosing what to mark: words by mouse, touch or keyboard, and a box by dragging or with the arrows.
import { announce } from "../announce.js";
import { boxesOf, onNextBlock, onNextLine, spansOf } from "./words.js";

const STEP = 0.01; // of the page, for each press of an arrow
const LEAST = 0.005; // a smaller box was drawn by a slip

const within = (value, from, to) => Math.min(Math.max(value, from), to);

export class Pen {
  /** `chosen(what)` is told what was chosen: words, a box, or null. `ready(what)`: that it is to be written about. */
  constructor(reader, layers, say, { chosen, ready }) {
    this.reader = reader;
    this.layers = layers;
    this.say = say;
    this.chosen = chosen;
    this.ready = ready;
    this.mode = "";
    let waiting = 0;
    document.addEventListener("selectionchange", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => this.selected(), 150);
    });
    for (const [place, sheet] of reader.sheets.entries()) this.listen(sheet, layers[place]);
  }

  get sheet() {
    return this.reader.sheets[this.place ?? 0];
  }

  /** Leave what is being chosen. */
  stop() {
    this.mode = "";
    for (const layer of this.layers) layer.choose([]);
    this.reader.root.classList.remove("dl-reader--drawing");
  }

  // --- words ---

  /** Words that the browser selected, by mouse or touch. */
  selected() {
    if (this.mode) return;
    const selection = getSelection();
    if (!selection.rangeCount || selection.isCollapsed) {
      if (this.hasSelection) this.chosen(null);
      this.hasSelection = false;
      return;
    }
    const range = selection.getRangeAt(0);
    const place = this.reader.sheets.findIndex((sheet) => sheet.facts && range.intersectsNode(sheet.words));
    if (place < 0 || !this.reader.stage.contains(range.startContainer)) return;
    const sheet = this.reader.sheets[place];
    const numbers = [...sheet.words.querySelectorAll("[data-word]")].filter((word) => {
      if (!range.intersectsNode(word)) return false;
      // A range that only touches the edge of a word has none of its letters.
      if (range.startContainer === word.firstChild && range.startOffset >= word.textContent.length) return false;
      return !(range.endContainer === word.firstChild && range.endOffset === 0);
    }).map((word) => Number(word.dataset.word));
    const what = numbers.length ? this.words(sheet, numbers[0], numbers.at(-1)) : null;
    if (!what) return;
    this.hasSelection = true;
    this.chosen(what);
  }

  words(sheet, first, last) {
    const { facts } = sheet;
    const spans = spansOf(facts.text, facts.words);
    if (!spans) return null;
    const [start, end] = [spans[first][0], spans[last][1]];
    return { kind: "text", place: facts.number, start, exact: facts.text.slice(start, end) };
  }

  /** Begin to choose words with the arrows. */
  startCursor() {
    this.place = 0;
    const { facts } = this.sheet;
    this.spans = spansOf(facts.text, facts.words);
    if (!this.spans?.length) {
      announce(this.reader.root.dataset.sayNoWords);
      return;
    }
    this.stop();
    this.mode = "cursor";
    this.at = this.firstInSight();
    this.from = this.at;
    this.reader.stage.focus({ preventScroll: true });
    announce(this.say("cursor"));
    this.showCursor(false);
  }

  firstInSight() {
    const edge = this.reader.stage.getBoundingClientRect().top;
    const words = [...this.sheet.words.querySelectorAll("[data-word]")];
    const seen = words.find((word) => word.getBoundingClientRect().top >= edge);
    return Number(seen?.dataset.word ?? 0);
  }

  showCursor(isSpoken = true) {
    const [first, last] = [Math.min(this.from, this.at), Math.max(this.from, this.at)];
    const { facts } = this.sheet;
    this.layers[this.place].choose(boxesOf(facts.words.slice(first, last + 1)));
    this.sheet.words.querySelector(`[data-word="${this.at}"]`)?.scrollIntoView({ block: "nearest", inline: "nearest" });
    const what = this.words(this.sheet, first, last);
    if (isSpoken) announce(first === last ? facts.words[this.at][0] : what.exact.slice(-200));
    this.chosen(what);
  }

  cursorKey(event) {
    const { facts } = this.sheet;
    const moves = {
      ArrowRight: () => this.at + 1,
      ArrowLeft: () => this.at - 1,
      ArrowDown: () => onNextLine(facts.words, this.at, 1),
      ArrowUp: () => onNextLine(facts.words, this.at, -1),
      PageDown: () => onNextBlock(facts.text, this.spans, this.at, 1),
      PageUp: () => onNextBlock(facts.text, this.spans, this.at, -1),
      Home: () => 0,
      End: () => facts.words.length - 1,
    };
    if (!(event.key in moves)) return false;
    this.at = within(moves[event.key](), 0, facts.words.length - 1);
    if (!event.shiftKey) this.from = this.at;
    this.showCursor();
    return true;
  }

  // --- a box ---

  /** Begin to draw a box: in the middle of what is in sight, so that the arrows have something to move. */
  startBox() {
    this.place = 0;
    getSelection().removeAllRanges();
    this.stop();
    this.mode = "box";
    const stage = this.reader.stage.getBoundingClientRect();
    const page = this.sheet.turnable.getBoundingClientRect();
    const middle = (within(stage.top + stage.height / 2, page.top, page.bottom) - page.top) / page.height;
    this.box = { left: 0.35, top: within(middle - 0.05, 0, 0.9), width: 0.3, height: 0.1 };
    this.reader.root.classList.add("dl-reader--drawing");
    this.reader.stage.focus({ preventScroll: true });
    announce(this.say("box"));
    this.showBox();
  }

  showBox() {
    const { left, top, width, height } = this.box;
    const { facts } = this.sheet;
    this.layers[this.place].choose([[left * facts.width, top * facts.height, (left + width) * facts.width, (top + height) * facts.height]]);
    this.chosen({ kind: "region", place: facts.number, left, top, width, height });
  }

  boxKey(event) {
    const by = { ArrowRight: [STEP, 0], ArrowLeft: [-STEP, 0], ArrowDown: [0, STEP], ArrowUp: [0, -STEP] }[event.key];
    if (!by) return false;
    const { box } = this;
    if (event.shiftKey) {
      box.width = within(box.width + by[0], STEP, 1 - box.left);
      box.height = within(box.height + by[1], STEP, 1 - box.top);
    } else {
      box.left = within(box.left + by[0], 0, 1 - box.width);
      box.top = within(box.top + by[1], 0, 1 - box.height);
    }
    this.showBox();
    return true;
  }

  /** Where on the page something was pointed at, as shares of it, however the page is turned. */
  pointOn(sheet, event) {
    const frame = sheet.turnable.getBoundingClientRect();
    const u = within((event.clientX - frame.left) / frame.width, 0, 1);
    const v = within((event.clientY - frame.top) / frame.height, 0, 1);
    return { 0: [u, v], 90: [v, 1 - u], 180: [1 - u, 1 - v], 270: [1 - v, u] }[this.reader.turned];
  }

  listen(sheet, layer) {
    const place = this.reader.sheets.indexOf(sheet);
    let from = null;
    sheet.turnable.addEventListener("pointerdown", (event) => {
      if (this.mode !== "box" || event.button) return;
      event.preventDefault();
      from = this.pointOn(sheet, event);
      sheet.turnable.setPointerCapture(event.pointerId);
      for (const other of this.layers) if (other !== layer) other.choose([]);
      this.place = place;
    });
    sheet.turnable.addEventListener("pointermove", (event) => {
      if (!from) return;
      const to = this.pointOn(sheet, event);
      this.box = {
        left: Math.min(from[0], to[0]), top: Math.min(from[1], to[1]), width: Math.abs(to[0] - from[0]), height: Math.abs(to[1] - from[1]),
      };
      this.showBox();
    });
    for (const name of ["pointerup", "pointercancel"]) {
      sheet.turnable.addEventListener(name, () => {
        if (!from) return;
        from = null;
        if (this.box.width < LEAST || this.box.height < LEAST) this.startBox();
      });
    }
  }

  /** What a key does while something is chosen. Returns whether it did anything. */
  key(event) {
    if (event.key === "Enter" && this.mode) {
      this.ready();
      return true;
    }
    if (this.mode === "cursor") return this.cursorKey(event);
    if (this.mode === "box") return this.boxKey(event);
    return false;
  }
}
