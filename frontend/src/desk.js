// The coordinator's desk: single keys that move between rows and press what stands on them.
//
// A key is left alone while somebody types, with Ctrl, Alt or the command key, and where the page has no
// [data-dl-desk-keys]: each person can turn the keys off for themselves (WCAG 2.1.4). Every key presses a link or a button
// that stands on the page for everybody. Escape leaves the form under a row; Tab goes where it always goes.
import { isTyping } from "./keys.js";

const rows = () => [...document.querySelectorAll("[data-dl-row]")];
const rowOf = (element) => element?.closest?.("[data-dl-row]") ?? null;

/** The row that has the focus, or had it last. */
let last = null;

/** Put the focus on a row's reference, where the row is in sight. */
function goTo(row) {
  const link = row?.querySelector("[data-dl-open]");
  if (!link) return;
  link.focus();
  row.scrollIntoView({ block: "nearest" });
}

/** The row on which keys act: the one with the focus, or the last one as it stands now. */
function current() {
  return rowOf(document.activeElement) ?? (last && document.getElementById(last));
}

/** Move down or up; from nowhere, to the first row. */
function step(by) {
  const all = rows();
  const place = all.indexOf(current());
  goTo(place < 0 ? all[0] : all[Math.min(Math.max(place + by, 0), all.length - 1)]);
}

/** Press what has this key: on the row, on a page of one thing, or the undo button of the page. */
function press(key) {
  const row = current();
  const target = row?.querySelector(`[data-dl-key="${CSS.escape(key)}"]`)
    ?? document.querySelector(`[data-dl-page-key="${CSS.escape(key)}"]`)
    ?? (key === "u" ? document.querySelector('.dl-done [data-dl-key="u"], .dl-done button') : null);
  target?.click();
  return Boolean(target);
}

/** The way out of the form that is meant by Escape: around the focus, or where nothing has the focus, the one last used. */
function cancelFor(target) {
  const from = (row) => row?.querySelector("[data-dl-cancel]");
  if (target !== document.body && target !== document.documentElement) return from(rowOf(target));
  return from(current()) ?? document.querySelector("[data-dl-row] [data-dl-cancel]");
}

/** Tell how many rows are chosen, beside the buttons that act on them; these stay in sight while any is. */
function count() {
  const words = document.querySelector("[data-dl-chosen]");
  if (!words) return;
  const chosen = document.querySelectorAll("input.dl-tick:checked").length;
  words.textContent = chosen ? `(${chosen})` : "";
  words.closest(".dl-bulk").classList.toggle("dl-bulk--ready", chosen > 0);
}

/** The rows that are chosen, by reference: a row that comes back from the server is a new one. */
const chosenRows = new Set();
const referenceOf = (tick) => tick.value.split(":")[0];

function chooseAgain() {
  for (const tick of document.querySelectorAll("input.dl-tick")) {
    if (chosenRows.has(referenceOf(tick))) tick.checked = true;
  }
  count();
}

function act(key) {
  if (key === "j" || key === "ArrowDown") return step(1), true;
  if (key === "k" || key === "ArrowUp") return step(-1), true;
  if (key === "?") {
    const list = document.querySelector("[data-dl-desk-keys]");
    list.open = !list.open;
    list.querySelector("summary").focus();
    return true;
  }
  if (key === "/") {
    const fold = document.querySelector(".dl-filter-fold");
    const box = fold?.querySelector('input[name="words"]');
    if (!box) return false;
    fold.open = true;
    box.focus();
    return true;
  }
  if (key === "x") {
    const tick = current()?.querySelector("input.dl-tick");
    tick?.click();
    return Boolean(tick);
  }
  return "rlsanuw".includes(key) && press(key);
}

/** Start the keys of the desk, once; on other pages nothing happens. */
export function startDesk() {
  document.addEventListener("focusin", (event) => {
    const row = rowOf(event.target);
    if (row) last = row.id;
  });
  document.addEventListener("change", (event) => {
    if (!event.target.matches?.("input.dl-tick")) return;
    chosenRows[event.target.checked ? "add" : "delete"](referenceOf(event.target));
    count();
  });
  document.body.addEventListener("htmx:afterSettle", chooseAgain);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat && !"jk".includes(event.key)) return;
    if (event.key === "Escape") {
      const leave = cancelFor(event.target);
      if (!leave) return;
      event.preventDefault();
      leave.click();
      return;
    }
    if (!document.querySelector("[data-dl-desk-keys]") || isTyping(event.target)) return;
    // Arrows move between rows only from row to row: elsewhere they scroll, or choose in a group of buttons.
    if (event.key.startsWith("Arrow") && !event.target.matches?.("[data-dl-open]")) return;
    if (act(event.key)) event.preventDefault();
  });
  count();
}
