// The annotations beside a page: shown, filtered, kept fresh while others write, and made. The list itself is drawn by
// the server; this script fetches it again when something changed, and leaves alone what is being written in it.
import { announce } from "../announce.js";
import { isTyping } from "../keys.js";
import { forget, recall, remember } from "./drafts.js";
import { Layer } from "./layer.js";
import { Pen } from "./pen.js";

const EVERY = 4000; // milliseconds between two looks for what others wrote
const NUMBERS = ["left", "top", "width", "height"];

/** Start the margin of a reader, where there is one. */
export function startMargin(reader) {
  const root = document.querySelector("[data-dl-margin]");
  if (root) new Margin(root, reader);
}

/** Beside what has no pages: words that are chosen go along to the form. */
export function startPlainMargin() {
  const link = document.querySelector('[data-margin-plain][data-kind="passage"]');
  link?.addEventListener("pointerdown", () => {
    const words = String(getSelection()).slice(0, 2000);
    if (!words.trim()) return;
    const address = new URL(link.href);
    address.searchParams.set("exact", words);
    link.href = address;
  });
}

class Margin {
  constructor(root, reader) {
    this.root = root;
    this.reader = reader;
    this.what = null; // what is chosen
    this.current = null;
    this.asking = 0;
    this.list = this.part("list");
    this.bar = this.part("bar");
    this.form = this.part("form");
    this.filter = this.part("filter");
    this.filter.hidden = false;
    this.layers = reader.sheets.map((sheet) => new Layer(sheet));
    this.take(JSON.parse(document.getElementById("margin-facts").textContent));
    if (this.form) {
      this.part("tools").hidden = false;
      this.part("plain").hidden = true;
      this.pen = new Pen(reader, this.layers, (name) => this.say(name), {
        chosen: (what) => this.choose(what),
        ready: () => this.write(),
      });
    }
    this.listen();
    this.bringBack();
    this.poll();
    const named = /^#annotation-(\d+)$/.exec(location.hash);
    if (named) this.open(Number(named[1]), true);
  }

  part(name) {
    return this.root.querySelector(`[data-margin-${name}]`);
  }

  say(name, values = {}) {
    const words = this.root.dataset[`say${name[0].toUpperCase()}${name.slice(1)}`] ?? "";
    return words.replace(/[A-Z]{3,}/g, (word) => (word in values ? values[word] : word));
  }

  tell(words) {
    this.part("said").textContent = words;
  }

  // --- what is there ---

  pages() {
    return this.reader.sheets.filter((sheet) => sheet.facts).map((sheet) => sheet.facts.number);
  }

  take(facts) {
    this.stamp = facts.stamp;
    this.marks = facts.marks;
    this.counts = facts.counts;
    this.draw();
  }

  draw() {
    for (const layer of this.layers) {
      const number = layer.sheet.facts?.number;
      layer.show(this.marks.filter((mark) => mark.page === number), this.current);
    }
  }

  /** Ask for the annotations of the pages in sight; `isNew`: other pages than before, so that nothing is the same. */
  async refresh(isNew = false) {
    this.asking += 1;
    const turn = this.asking;
    const asked = new URLSearchParams({ pages: this.pages().join(",") });
    for (const [name, value] of new FormData(this.filter.querySelector("form"))) if (value) asked.set(name, value);
    if (!isNew) asked.set("stamp", this.stamp);
    let facts;
    try {
      const answer = await fetch(`${this.root.dataset.url}?${asked}`, { headers: { Accept: "application/json" } });
      if (!answer.ok) return;
      facts = await answer.json();
    } catch {
      return; // asked again in a moment
    }
    if (turn !== this.asking || facts.same) return;
    this.take(facts);
    this.put(facts.html);
    if (isNew && facts.shown) announce(this.say("marks", { MARKS: facts.shown }));
    else if (!isNew && !this.isOwn) announce(this.say("fresh"));
    this.isOwn = false;
  }

  /** Put the new list in place of the old one. What is open stays open, and what is being written stays written. */
  put(html) {
    const open = [...this.list.querySelectorAll("details[open]")].map((fold) => fold.dataset.annotationFold);
    const typed = new Map([...this.list.querySelectorAll("[data-annotation-draft]")].map((box) => [box.dataset.annotationDraft, box.value]));
    const focus = this.list.contains(document.activeElement) ? document.activeElement : null;
    const spot = focus?.id ? { id: focus.id, start: focus.selectionStart } : null;
    const parsed = new DOMParser().parseFromString(html, "text/html");
    this.list.replaceChildren(...parsed.body.childNodes);
    for (const fold of this.list.querySelectorAll("[data-annotation-fold]")) fold.open = open.includes(fold.dataset.annotationFold);
    for (const box of this.list.querySelectorAll("[data-annotation-draft]")) box.value = typed.get(box.dataset.annotationDraft) ?? "";
    this.bringBackReplies();
    const again = spot && document.getElementById(spot.id);
    if (again) {
      again.focus({ preventScroll: true });
      if (spot.start !== undefined && again.setSelectionRange) again.setSelectionRange(spot.start, spot.start);
    }
    this.showCurrent();
  }

  poll() {
    setTimeout(async () => {
      if (!document.hidden) {
        await this.sendWaiting();
        await this.refresh();
      }
      this.poll();
    }, EVERY);
  }

  /** Open an annotation of the page in sight. */
  open(id, isFocused) {
    this.current = id;
    this.draw();
    this.reader.showMargin(true);
    this.showCurrent();
    const card = document.getElementById(`annotation-${id}`);
    card?.scrollIntoView({ block: "nearest" });
    if (isFocused) card?.focus({ preventScroll: true });
    this.layers.forEach((layer) => layer.picture.querySelector(".dl-mark--current")?.scrollIntoView({ block: "nearest", inline: "nearest" }));
  }

  showCurrent() {
    for (const card of this.list.querySelectorAll("[data-annotation]")) {
      card.classList.toggle("dl-annotation--current", Number(card.dataset.annotation) === this.current);
    }
  }

  /** Go to the annotation after this one, or before it: on this page, else on the next that has any. */
  async step(by) {
    const here = this.pages();
    const ids = [...this.list.querySelectorAll("[data-annotation]")].map((card) => Number(card.dataset.annotation));
    const at = ids.indexOf(this.current);
    const next = at < 0 ? (by > 0 ? ids[0] : ids.at(-1)) : ids[at + by];
    if (next !== undefined) {
      this.open(next, true);
      return;
    }
    const others = Object.keys(this.counts).map(Number).filter((page) => page > 0 && (by > 0 ? page > Math.max(...here) : page < Math.min(...here)));
    const page = by > 0 ? Math.min(...others) : Math.max(...others);
    if (!others.length) {
      announce(this.say("none"));
      return;
    }
    this.current = null;
    await this.reader.open(page, { jump: true });
    await this.refresh(true);
    const found = [...this.list.querySelectorAll("[data-annotation]")]
      .map((card) => Number(card.dataset.annotation))
      .filter((id) => this.marks.find((mark) => mark.id === id)?.page === page);
    if (found.length) this.open(by > 0 ? found[0] : found.at(-1), true);
  }

  // --- choosing and writing ---

  choose(what) {
    if (this.form && !this.form.hidden && !what) return; // somebody is writing about it
    this.what = what;
    this.bar.hidden = !what;
    if (!what) return;
    this.reader.showMargin(true);
    this.part("chosen").textContent = this.nameOf(what);
  }

  nameOf(what) {
    const quote = what.exact && what.exact.length > 90 ? `${what.exact.slice(0, 88)}…` : what.exact;
    const name = { text: "words", region: "region", page: "page" }[what.kind];
    return this.say(name, { QUOTE: quote, PAGE: what.place });
  }

  /** Write a note about what is chosen. */
  write() {
    if (!this.what) return;
    this.bar.hidden = true;
    this.fill(this.what);
    this.form.elements.key.value = crypto.randomUUID();
    this.form.hidden = false;
    this.form.elements.body.focus();
  }

  fill(what) {
    for (const name of ["kind", "place", "exact", "start"]) this.form.elements[name].value = what[name] ?? "";
    for (const name of NUMBERS) this.form.elements[name].value = what[name] ?? "";
    this.part("about").textContent = this.nameOf(what);
  }

  cancel() {
    this.what = null;
    this.bar.hidden = true;
    this.form.hidden = true;
    this.form.reset();
    this.trouble("");
    forget(this.draftName());
    this.pen.stop();
    getSelection().removeAllRanges();
    this.reader.stage.focus({ preventScroll: true });
  }

  draftName() {
    return `new:${this.root.dataset.document}`;
  }

  waitingName() {
    return `waiting:${this.root.dataset.document}`;
  }

  /** What was begun in a tab that was closed stands there again. */
  bringBack() {
    this.bringBackReplies();
    if (!this.form) return;
    const kept = recall(this.draftName());
    if (!kept) return;
    for (const [name, value] of Object.entries(kept)) if (this.form.elements[name]) this.form.elements[name].value = value;
    this.what = Object.fromEntries(Object.entries(kept).filter(([name, value]) => value !== "" && !["body", "label", "visibility", "key"].includes(name)));
    this.what.place = Number(this.what.place);
    this.part("about").textContent = this.nameOf(this.what);
    this.form.hidden = false;
    this.reader.showMargin(true);
    this.tell(this.say("draft"));
  }

  bringBackReplies() {
    for (const box of this.list.querySelectorAll("[data-annotation-draft]")) {
      const kept = box.value ? null : recall(box.dataset.annotationDraft);
      if (!kept) continue;
      box.value = kept;
      box.closest("details").open = true;
    }
  }

  values() {
    const values = Object.fromEntries(new FormData(this.form));
    delete values.csrfmiddlewaretoken;
    return values;
  }

  trouble(words) {
    const place = this.part("trouble");
    place.textContent = words;
    place.hidden = !words;
  }

  /** Give what is chosen this label, at once. */
  async label(slug) {
    if (!this.what) return;
    const values = { ...this.what, label: slug, body: "", visibility: "team", key: crypto.randomUUID() };
    this.bar.hidden = true;
    this.pen.stop();
    this.pen.hasSelection = false;
    this.what = null;
    getSelection().removeAllRanges();
    const answer = await this.send(values);
    if (answer.isLater) this.wait(values);
    else if (answer.errors) this.tell(`${this.say("refused")} ${answer.errors}`);
    else this.kept(answer.id);
  }

  async keep() {
    const values = this.values();
    const answer = await this.send(values);
    if (answer.errors) {
      this.trouble(answer.errors);
      return;
    }
    if (answer.isLater) this.wait(values);
    this.cancel();
    if (!answer.isLater) this.kept(answer.id);
  }

  kept(id) {
    this.tell(this.say("kept"));
    this.current = id;
    this.isOwn = true;
    this.refresh();
  }

  /** Send what was written. Returns its id, what is wrong with it, or that it must be sent later. */
  async send(values, address = this.root.dataset.annotateUrl) {
    const body = new URLSearchParams(values);
    body.set("csrfmiddlewaretoken", this.form.elements.csrfmiddlewaretoken.value);
    let answer;
    try {
      answer = await fetch(address, { method: "POST", body, headers: { Accept: "application/json" } });
    } catch {
      return { isLater: true };
    }
    if (answer.status >= 500 || answer.redirected) return { isLater: true };
    try {
      const said = await answer.json();
      return said.errors ? { errors: Object.values(said.errors).flat().join(" ") } : said;
    } catch {
      return { errors: this.say("refused") };
    }
  }

  /** Keep on this device what could not be sent. */
  wait(values) {
    remember(this.waitingName(), [...(recall(this.waitingName()) ?? []), values]);
    this.tell(this.say("offline"));
  }

  async sendWaiting() {
    const waiting = recall(this.waitingName()) ?? [];
    if (!waiting.length || !this.form) return;
    const left = [];
    for (const values of waiting) {
      const answer = await this.send(values);
      if (answer.isLater) left.push(values);
      else if (answer.errors) this.tell(`${this.say("refused")} ${answer.errors} ${values.body}`);
    }
    if (left.length) remember(this.waitingName(), left);
    else {
      forget(this.waitingName());
      this.tell(this.say("sent"));
    }
  }

  // --- what buttons and keys do ---

  do(name) {
    switch (name) {
      case "cursor": this.pen.startCursor(); break;
      case "box": this.pen.startBox(); break;
      case "page":
        this.pen.stop();
        this.choose({ kind: "page", place: this.reader.number });
        announce(this.nameOf(this.what));
        break;
      case "write": this.write(); break;
      case "cancel": this.cancel(); break;
      default: return false;
    }
    return true;
  }

  /** Send a form of a card, and show the list as it is then. */
  async act(form, submitter) {
    const values = Object.fromEntries(new FormData(form, submitter));
    delete values.next;
    const answer = await this.send(values, form.action);
    if (answer.isLater) {
      this.tell(this.say("offline"));
      return;
    }
    if (answer.errors) {
      this.tell(`${this.say("refused")} ${answer.errors}`);
      return;
    }
    const box = form.querySelector("[data-annotation-draft]");
    if (box) {
      forget(box.dataset.annotationDraft);
      box.value = "";
      box.closest("details").open = false;
    }
    this.kept(this.current);
    announce(answer.said);
  }

  listen() {
    this.root.addEventListener("click", (event) => {
      const doer = event.target.closest("[data-margin-do]");
      const label = event.target.closest("[data-margin-label]");
      const card = event.target.closest("[data-annotation]");
      if (doer) this.do(doer.dataset.marginDo);
      else if (label) this.label(label.dataset.marginLabel);
      else if (card && !event.target.closest("a, button, summary, textarea, form")) this.open(Number(card.dataset.annotation), false);
    });
    this.root.addEventListener("pointerdown", (event) => {
      // The buttons that say what becomes of the chosen words must not unchoose them.
      if (event.target.closest("[data-margin-bar]")) event.preventDefault();
    });
    this.root.addEventListener("submit", (event) => {
      const form = event.target;
      if (form === this.form) this.keep();
      else if (form.matches("[data-annotation-act]") && this.form) this.act(form, event.submitter);
      else return;
      event.preventDefault();
    });
    this.root.addEventListener("input", (event) => {
      if (event.target.form === this.form && this.form) remember(this.draftName(), this.values());
      const name = event.target.dataset?.annotationDraft;
      if (name) {
        if (event.target.value) remember(name, event.target.value);
        else forget(name);
      }
    });
    this.filter.addEventListener("change", () => this.refresh(true));
    this.reader.root.addEventListener("dl-reader-page", () => {
      this.pen?.stop();
      if (this.form?.hidden) this.choose(null);
      this.draw();
      this.refresh(true);
    });
    this.reader.root.addEventListener("click", (event) => {
      if (this.pen?.mode || !getSelection().isCollapsed) return;
      for (const layer of this.layers) {
        if (!layer.sheet.facts || !layer.sheet.turnable.contains(event.target) || !this.pen) continue;
        const mark = layer.at(...this.pen.pointOn(layer.sheet, event));
        if (mark) this.open(mark.id, false);
      }
    });
    addEventListener("online", () => this.sendWaiting().then(() => this.refresh()));
    addEventListener("keydown", (event) => this.pressed(event), { capture: true });
  }

  pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || this.reader.part("help").open) return;
    const acted = this.key(event);
    if (!acted) return;
    event.preventDefault();
    event.stopPropagation(); // the reader has the same arrows
  }

  key(event) {
    if (event.key === "Escape" && (this.what || this.pen?.mode)) {
      this.cancel();
      return true;
    }
    if (!("dlReaderKeys" in this.reader.root.dataset) || isTyping(event.target)) return false;
    const isButton = Boolean(event.target.closest?.("button, a, summary"));
    if (this.pen && !(isButton && event.key === "Enter") && this.pen.key(event)) return true;
    if (this.what && this.form.hidden) {
      const label = this.bar.querySelector(`[data-margin-key="${CSS.escape(event.key)}"]`);
      if (label) {
        this.label(label.dataset.marginLabel);
        return true;
      }
      if (event.key === "Enter" && !isButton) {
        this.write();
        return true;
      }
    }
    if (event.key === "]" || event.key === "[") {
      this.step(event.key === "]" ? 1 : -1);
      return true;
    }
    const doing = { a: "cursor", b: "box", m: "page" }[event.key];
    return Boolean(doing && this.pen && this.do(doing));
  }
}
