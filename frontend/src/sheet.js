// A sheet of a spreadsheet: [data-dl-sheet] scrolls over all its rows, fetching the windows in sight; its cells are
// walked by keyboard, chosen by mouse, and copied with their names. Without this script the table is read page by page.
import { announce } from "./announce.js";

const KEPT = 3; // windows kept on each side of what is in sight

function letters(column) {
  let name = "";
  for (let left = column; left > 0; left = Math.floor((left - 1) / 26)) name = String.fromCharCode(65 + ((left - 1) % 26)) + name;
  return name;
}

function columnOf(name) {
  return [...name].reduce((number, letter) => number * 26 + letter.charCodeAt(0) - 64, 0);
}

/** The row and column that B7 names. */
function placeOf(id) {
  const match = /^([A-Z]{1,3})(\d+)$/.exec(id ?? "");
  return match ? { column: columnOf(match[1]), row: Number(match[2]) } : null;
}

class SheetTable {
  constructor(box) {
    this.box = box;
    this.table = box.querySelector("table");
    this.size = Number(box.dataset.window);
    this.base = Number(box.dataset.base);
    this.count = Number(box.dataset.count);
    this.windows = new Map(); // number of a window -> its tbody, once its rows are there
    this.fetching = new Map();
    this.active = null;
    this.anchor = null;
    this.cellBox = document.querySelector("[data-dl-cell]");
    this.wakeTable();
    this.wakeKeys();
    this.wakeCopies();
    this.wakeAnnotating();
  }

  /** Take over the rows that came with the page: they may begin anywhere, so the windows around are fetched anew. */
  wakeTable() {
    this.table.setAttribute("role", "grid");
    this.box.removeAttribute("tabindex");
    const body = this.table.tBodies[0];
    this.height = body.rows.length ? body.rows[0].getBoundingClientRect().height : 30;
    const start = Number(this.box.dataset.start) - this.base;
    this.above = this.spacer();
    this.below = this.spacer();
    this.table.insertBefore(this.above, body);
    this.table.append(this.below);
    document.querySelector("[data-dl-sheet-pages]")?.setAttribute("hidden", "");
    if (start % this.size === 0) {
      this.windows.set(start / this.size, body);
    } else {
      body.remove();
    }
    this.layOut();
    this.box.scrollTop = start * this.height;
    let waiting = 0;
    this.box.addEventListener("scroll", () => {
      cancelAnimationFrame(waiting);
      waiting = requestAnimationFrame(() => this.show());
    });
    const chosen = this.box.dataset.chosen.split(":");
    this.show().then(() => {
      const first = document.getElementById(chosen[0]) ?? document.getElementById(location.hash.slice(1));
      if (first && this.table.contains(first)) {
        this.choose(first, false);
        const last = chosen[1] && document.getElementById(chosen[1]);
        if (last) this.choose(last, true);
      } else if (placeOf(location.hash.slice(1)) && !chosen[0]) {
        const address = new URL(location.href);
        address.searchParams.set("cell", location.hash.slice(1));
        address.hash = "";
        location.replace(address);
      }
    });
  }

  spacer() {
    const body = document.createElement("tbody");
    body.setAttribute("aria-hidden", "true");
    const cell = body.insertRow().insertCell();
    cell.colSpan = this.table.tHead.rows[0].cells.length;
    cell.className = "dl-sheet__gap";
    return body;
  }

  /** The rows in sight, as places from 0. */
  inSight() {
    const head = this.table.tHead.getBoundingClientRect().height;
    const first = Math.floor(this.box.scrollTop / this.height);
    return { first, last: Math.min(this.count - 1, first + Math.ceil((this.box.clientHeight - head) / this.height)) };
  }

  async show() {
    const { first, last } = this.inSight();
    const from = Math.max(0, Math.floor(first / this.size) - 1);
    const to = Math.min(Math.floor((this.count - 1) / this.size), Math.floor(last / this.size) + 1);
    const wanted = [];
    for (let number = from; number <= to; number += 1) if (!this.windows.has(number)) wanted.push(number);
    for (const number of [...this.windows.keys()]) {
      if (number < from - KEPT || number > to + KEPT) {
        this.windows.get(number).remove();
        this.windows.delete(number);
      }
    }
    this.layOut();
    await Promise.all(wanted.map((number) => this.fetch(number)));
    this.say();
  }

  fetch(number) {
    if (!this.fetching.has(number)) {
      this.fetching.set(number, this.fetchNow(number).finally(() => this.fetching.delete(number)));
    }
    return this.fetching.get(number);
  }

  async fetchNow(number) {
    const address = new URL(this.box.dataset.rows, location.href);
    address.searchParams.set("from", String(this.base + number * this.size + 1));
    let answer = null;
    try {
      answer = await fetch(address, { headers: { accept: "text/html" } });
    } catch {
      answer = null;
    }
    if (!answer?.ok || answer.redirected) {
      announce(this.box.dataset.failed);
      return;
    }
    const body = document.createElement("tbody");
    body.innerHTML = await answer.text();
    body.dataset.window = String(number);
    this.windows.set(number, body);
    this.layOut();
  }

  /** Put the windows in their order, with gaps as high as the rows that are not there. */
  layOut() {
    const numbers = [...this.windows.keys()].sort((one, other) => one - other);
    this.table.querySelectorAll("tbody[data-gap]").forEach((gap) => gap.remove());
    let next = 0; // the place that the next row has
    let before = this.above;
    for (const number of numbers) {
      const body = this.windows.get(number);
      const missing = number * this.size - next;
      if (before === this.above) {
        this.stretch(this.above, missing);
      } else if (missing > 0) {
        const gap = this.spacer();
        gap.dataset.gap = "";
        this.stretch(gap, missing);
        before.after(gap);
        before = gap;
      }
      if (before.nextElementSibling !== body) before.after(body);
      before = body;
      next = number * this.size + body.rows.length;
    }
    if (!numbers.length) this.stretch(this.above, 0);
    if (before.nextElementSibling !== this.below) before.after(this.below);
    this.stretch(this.below, this.count - next);
    this.paint();
  }

  stretch(body, rows) {
    body.hidden = rows <= 0;
    body.rows[0].cells[0].style.height = `${Math.max(0, rows) * this.height}px`;
  }

  say() {
    const line = document.querySelector("[data-dl-sheet-place]");
    if (line) line.hidden = true; // what it says was true of the page as it came
  }

  // The chosen cell

  cellAt(row, column) {
    return document.getElementById(`${letters(column)}${row}`);
  }

  choose(cell, further) {
    if (!placeOf(cell.id)) return;
    this.entry?.removeAttribute("tabindex");
    this.active?.removeAttribute("tabindex");
    this.active = cell;
    if (!further || !this.anchor) this.anchor = placeOf(cell.id);
    cell.tabIndex = 0;
    cell.focus({ preventScroll: true });
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
    this.paint();
    this.tell();
  }

  /** Both corners of what is chosen. */
  area() {
    const here = placeOf(this.active?.id);
    if (!here) return null;
    const { anchor } = this;
    return {
      top: Math.min(here.row, anchor.row), bottom: Math.max(here.row, anchor.row),
      left: Math.min(here.column, anchor.column), right: Math.max(here.column, anchor.column),
    };
  }

  name() {
    const area = this.area();
    if (!area) return "";
    const first = `${letters(area.left)}${area.top}`;
    const last = `${letters(area.right)}${area.bottom}`;
    return first === last ? first : `${first}:${last}`;
  }

  paint() {
    this.table.querySelectorAll(".is-chosen").forEach((cell) => cell.classList.remove("is-chosen"));
    const area = this.area();
    if (!area) return;
    for (const cell of this.chosenCells(area)) cell.classList.add("is-chosen");
  }

  /** The chosen cells that are there, row by row. In a sorted table the rows between are those on the screen. */
  chosenRows(area) {
    const first = this.cellAt(area.top, area.left)?.parentElement;
    const last = this.cellAt(area.bottom, area.left)?.parentElement;
    const rows = [...this.table.rows].filter((row) => row.dataset.row);
    const [from, to] = [rows.indexOf(first), rows.indexOf(last)];
    if (from < 0 || to < 0) return rows.filter((row) => Number(row.dataset.row) >= area.top && Number(row.dataset.row) <= area.bottom);
    return rows.slice(Math.min(from, to), Math.max(from, to) + 1);
  }

  chosenCells(area) {
    return this.chosenRows(area).flatMap((row) => [...row.cells].filter((cell) => {
      const place = placeOf(cell.id);
      return place && place.column >= area.left && place.column <= area.right;
    }));
  }

  words(cell) {
    const copy = cell.cloneNode(true);
    copy.querySelectorAll(".usa-sr-only").forEach((part) => part.remove());
    return copy.textContent;
  }

  tell() {
    const cell = this.active;
    const set = (name, words) => {
      const line = this.cellBox.querySelector(`[data-dl-cell-${name}]`);
      line.hidden = !words;
      line.lastElementChild.textContent = words ?? "";
    };
    this.cellBox.hidden = false;
    this.cellBox.querySelector("[data-dl-cell-name]").textContent = this.name();
    this.cellBox.querySelector("[data-dl-cell-shown]").textContent = this.words(cell);
    set("exact", cell.dataset.value);
    set("formula", cell.dataset.formula);
    set("comment", cell.dataset.comment);
    this.cellBox.querySelector("[data-dl-cell-acts]").hidden = !navigator.clipboard;
    const detail = { sheet: Number(this.box.dataset.number), area: this.name() };
    this.box.dispatchEvent(new CustomEvent("dl:cells", { bubbles: true, detail }));
  }

  wakeKeys() {
    const first = this.table.querySelector("td[id]");
    if (first) first.tabIndex = 0; // the way in for the keyboard; nothing is chosen yet
    this.entry = first;
    this.table.addEventListener("click", (event) => {
      const cell = event.target.closest("td[id], thead th[id]");
      if (cell) this.choose(cell, event.shiftKey);
    });
    this.table.addEventListener("keydown", (event) => this.onKey(event));
  }

  async onKey(event) {
    const cell = event.target.closest("td[id], thead th[id]");
    if (!cell || event.altKey) return;
    const row = cell.parentElement;
    const page = Math.max(1, this.inSight().last - this.inSight().first - 2);
    const far = event.ctrlKey || event.metaKey;
    const moves = {
      ArrowUp: [far ? -Infinity : -1, 0], ArrowDown: [far ? Infinity : 1, 0], ArrowLeft: [0, far ? -Infinity : -1],
      ArrowRight: [0, far ? Infinity : 1], PageUp: [-page, 0], PageDown: [page, 0],
      Home: [far ? -Infinity : 0, -Infinity], End: [far ? Infinity : 0, Infinity],
    };
    const move = moves[event.key];
    if (!move) {
      if (far && event.key.toLowerCase() === "c" && !String(getSelection())) this.copy(event, false);
      return;
    }
    event.preventDefault();
    const cells = [...row.cells].filter((one) => one.id);
    const column = Math.min(cells.length - 1, Math.max(0, cells.indexOf(cell) + move[1]));
    const target = await this.rowFrom(row, move[0]);
    const next = [...target.cells].filter((one) => one.id)[column];
    if (next) this.choose(next, event.shiftKey);
  }

  /** The row so many rows further, fetched when it is not there. */
  async rowFrom(row, by) {
    if (!by) return row;
    const inHead = row.parentElement === this.table.tHead;
    const here = inHead ? -1 : Number(row.parentElement.dataset.window) * this.size + row.sectionRowIndex;
    const place = Math.min(this.count - 1, here + by);
    if (place < 0) return this.table.tHead.querySelector("tr[data-row]") ?? (await this.rowAt(0)) ?? row;
    return (await this.rowAt(place)) ?? row;
  }

  async rowAt(place) {
    const number = Math.floor(place / this.size);
    if (!this.windows.has(number)) {
      this.box.scrollTop = place * this.height;
      await this.fetch(number);
    }
    return this.windows.get(number)?.rows[place % this.size];
  }

  // Copies

  wakeCopies() {
    const { cellBox } = this;
    cellBox?.querySelector("[data-dl-cell-copy]").addEventListener("click", (event) => this.copy(event, true));
    cellBox?.querySelector("[data-dl-cell-link]").addEventListener("click", async (event) => {
      await navigator.clipboard.writeText(this.link());
      announce(event.target.dataset.dlCopied);
    });
  }

  /** The cells that are chosen go along to the form that annotates them. */
  wakeAnnotating() {
    const link = document.querySelector('[data-margin-plain][data-kind="cells"]');
    link?.addEventListener("click", () => {
      if (!this.area()) return;
      const address = new URL(link.href);
      address.searchParams.set("cells", this.name());
      link.href = address;
    });
  }

  link() {
    const address = new URL(location.href);
    for (const name of ["from", "find"]) address.searchParams.delete(name);
    address.searchParams.set("cell", this.name());
    address.hash = "";
    return address.href;
  }

  async copy(event, named) {
    if (!navigator.clipboard) return;
    event.preventDefault();
    const area = this.area();
    if (!area) return;
    const clean = (cell) => this.words(cell).replace(/[\t\n]/g, " ");
    const rows = this.chosenRows(area).map((row) => [...row.cells].filter((cell) => this.chosenCells(area).includes(cell)));
    const lines = named
      ? rows.flat().map((cell) => `${cell.id}\t${clean(cell)}`)
      : rows.map((cells) => cells.map(clean).join("\t"));
    const head = named ? [`${this.box.dataset.name || this.box.dataset.number}!${this.name()}`, this.link()] : [];
    await navigator.clipboard.writeText([...head, ...lines].join("\n"));
    const said = this.cellBox.querySelector("[data-dl-cell-copy]").dataset.dlCopied;
    announce(said);
  }
}

/** Start the sheet of this page, where there is one. */
export function startSheet() {
  const box = document.querySelector("[data-dl-sheet]");
  if (box?.querySelector("tbody")) new SheetTable(box);
}
