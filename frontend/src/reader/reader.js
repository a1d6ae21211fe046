// The page of a document to read: turns pages without loading anew, finds words, shows pages large, small, turned, two
// at a time. The same page works without this script, by its links and forms; every key presses what has a button.
import { announce } from "../announce.js";
import { startMargin } from "../annotate/margin.js";
import { isTyping } from "../keys.js";
import { Sheet } from "./sheet.js";
import { startStrip } from "./strip.js";

const STEPS = [0.25, 0.33, 0.5, 0.67, 0.75, 0.9, 1, 1.1, 1.25, 1.5, 2, 3, 4];
const COMFORT = 928; // pixels: no page is made wider by itself, because lines become too long to read
const KEPT = 60; // pages whose words are kept at hand
const SWIPE = 60; // pixels
const WIDE = 1024; // pixels: narrower, what stands beside the page covers it

/** Start the reader where there is one. */
export function startReader() {
  const root = document.querySelector("[data-dl-reader]");
  if (root) startMargin(new Reader(root));
}

class Reader {
  constructor(root) {
    this.root = root;
    this.count = Number(root.dataset.count);
    this.stage = this.part("stage");
    this.kept = new Map();
    this.mode = "width";
    this.scale = 1;
    this.turned = 0;
    this.isTwo = false;
    this.found = { query: "", hits: [], more: false };
    this.hit = null;
    const first = JSON.parse(document.getElementById("reader-page").textContent);
    this.keep(first);
    this.number = first.number;
    const sheet = this.part("sheet");
    const second = sheet.cloneNode(true);
    sheet.after(second);
    this.sheets = [sheet, second].map((element) => new Sheet(element, (number, width) => this.pictureUrl(number, width)));
    this.sheets[0].show(first, true);
    this.sheets[1].hide();
    root.classList.add("dl-reader--live");
    this.part("tools").hidden = false;
    root.querySelector('[data-reader-do="more"]').hidden = false;
    this.strip = startStrip(this.part("strip"), this.part("thumbs"), this.count, {
      page: (number) => this.pageUrl(number),
      picture: (number) => this.pictureUrl(number, 160),
      words: (number) => this.say("page", { PAGE: number, COUNT: this.count }),
    }, (number) => this.open(number, { jump: true }));
    const found = document.getElementById("reader-found");
    if (found) this.showFound(JSON.parse(found.textContent));
    if (innerWidth < WIDE) this.button("margin")?.setAttribute("aria-pressed", "false");
    this.tellOf(first);
    this.strip.show(this.number);
    history.replaceState({ page: this.number }, "");
    this.listen();
    this.tellOfStrip();
    new ResizeObserver(() => {
      this.fit();
      this.tellOfStrip();
    }).observe(this.stage);
    this.prefetch();
  }

  part(name) {
    return this.root.querySelector(`[data-reader-${name}]`);
  }

  say(name, values) {
    const words = this.root.dataset[`say${name[0].toUpperCase()}${name.slice(1)}`] ?? "";
    return words.replace(/[A-Z]{3,}/g, (word) => (word in values ? values[word] : word));
  }

  pageUrl(number) {
    const path = this.root.dataset.pageUrl.replace("/pages/0/", `/pages/${number}/`);
    return this.found.query ? `${path}?${new URLSearchParams({ q: this.found.query })}` : path;
  }

  pictureUrl(number, width) {
    return this.root.dataset.pictureUrl.replace("/pages/0/picture/0/", `/pages/${number}/picture/${width}/`);
  }

  // --- pages ---

  keep(facts) {
    this.kept.set(facts.number, facts);
    if (this.kept.size > KEPT) this.kept.delete(this.kept.keys().next().value);
  }

  async factsOf(number) {
    const known = this.kept.get(number);
    if (known) return known;
    const answer = await fetch(this.root.dataset.wordsUrl.replace("/pages/0/", `/pages/${number}/`), {
      headers: { Accept: "application/json" },
    });
    if (!answer.ok) throw new Error(`page ${number}: ${answer.status}`);
    const facts = await answer.json();
    this.keep(facts);
    return facts;
  }

  /** Show a page. `jump`: the way back leads to where one was; turning a page only renames where one is. */
  async open(number, { jump = false, isBack = false, atEnd = false } = {}) {
    const wanted = Math.min(Math.max(1, number), this.count);
    const shown = this.isTwo ? [wanted, wanted + 1].filter((one) => one <= this.count) : [wanted];
    this.asked = wanted;
    let facts;
    try {
      facts = await Promise.all(shown.map((one) => this.factsOf(one)));
    } catch {
      this.trouble(this.root.dataset.sayOffline);
      return;
    }
    if (this.asked !== wanted) return; // somebody turned on meanwhile
    this.trouble("");
    const isOther = wanted !== this.number;
    this.number = wanted;
    this.sheets.forEach((sheet, place) => (facts[place] ? sheet.show(facts[place]) : sheet.hide()));
    this.fit();
    this.mark();
    this.tellOf(facts[0]);
    this.strip.show(wanted);
    if (isOther) this.stage.scrollTop = atEnd ? this.stage.scrollHeight : 0;
    if (!isBack) history[jump && isOther ? "pushState" : "replaceState"]({ page: wanted }, "", this.pageUrl(wanted));
    if (isOther) announce(this.nameOf(facts[0]));
    this.root.dispatchEvent(new CustomEvent("dl-reader-page"));
    this.prefetch();
  }

  nameOf(facts) {
    const labelled = facts.label && facts.label !== String(facts.number);
    return this.say(labelled ? "labelled" : "page", { PAGE: facts.number, LABEL: facts.label, COUNT: this.count });
  }

  /** Say everywhere which page it is. */
  tellOf(facts) {
    const data = this.root.dataset;
    document.title = `${this.say("title", { PAGE: facts.number })} · Daylight`;
    this.stage.setAttribute("aria-label", this.nameOf(facts));
    this.part("number").value = facts.label || facts.number;
    const of = this.part("count");
    of.textContent = facts.label && facts.label !== String(facts.number)
      ? `(${facts.number} / ${this.count})` : `/ ${this.count}`;
    for (const [name, to] of [["previous", facts.number - 1], ["next", facts.number + (this.isTwo ? 2 : 1)]]) {
      const link = this.part(name);
      const exists = to >= 1 && to <= this.count;
      if (exists) {
        link.href = this.pageUrl(to);
        link.removeAttribute("aria-disabled");
      } else {
        link.removeAttribute("href");
        link.setAttribute("aria-disabled", "true");
      }
    }
    this.part("text-heading").textContent = this.nameOf(facts);
    this.part("text-words").textContent = facts.text;
    const remark = facts.read === "unread" ? data.sayUnread
      : !facts.text.trim() ? data.sayNoWords
        : facts.doubtful ? data.sayDoubtful
          : facts.read === "ocr" ? data.sayOcr : "";
    this.part("text-remark").textContent = remark;
    this.part("note").href = data.noteUrl.replace("page=0", `page=${facts.number}`);
    const notes = this.part("notes");
    notes.hidden = !facts.notes.length;
    this.part("note-list").replaceChildren(...facts.notes.map((text) => {
      const item = document.createElement("li");
      item.textContent = text;
      return item;
    }));
    this.showSide();
  }

  trouble(words) {
    const place = document.getElementById("dl-trouble");
    if (place.textContent !== words) place.textContent = words;
    place.classList.toggle("dl-reader__trouble", Boolean(words));
  }

  /** Fetch what is likely to be read next: the words of the neighbours, and the picture of the page that follows. */
  prefetch() {
    const step = this.isTwo ? 2 : 1;
    for (const number of [this.number + step, this.number + step + 1, this.number - 1]) {
      if (number < 1 || number > this.count) continue;
      this.factsOf(number).then((facts) => {
        if (number < this.number) return;
        const picture = new Image();
        picture.sizes = this.sheets[0].picture.sizes;
        picture.srcset = this.sheets[0].sourcesOf(facts.number);
      }).catch(() => {});
    }
  }

  // --- size ---

  fit() {
    const shown = this.sheets.filter((sheet) => sheet.facts);
    if (!shown.length || !this.stage.clientWidth) return;
    const style = getComputedStyle(this.part("sheets"));
    const beside = parseFloat(style.paddingLeft) + parseFloat(style.paddingRight) + (shown.length - 1) * parseFloat(style.columnGap);
    const room = this.stage.clientWidth - beside;
    const sizes = shown.map((sheet) => sheet.size(this.turned));
    const across = sizes.reduce((sum, [wide]) => sum + wide, 0);
    const down = Math.max(...sizes.map(([, tall]) => tall));
    if (this.mode === "width") this.scale = Math.min(room, COMFORT * shown.length) / across;
    if (this.mode === "whole") this.scale = Math.min(room / across, (this.stage.clientHeight - 40) / down);
    for (const sheet of shown) sheet.fit(this.scale, this.turned);
    this.part("zoom").textContent = `${Math.round(this.scale * 100)}%`;
    for (const name of ["width", "whole"]) this.button(name).setAttribute("aria-pressed", String(this.mode === name));
  }

  /** Make the page larger or smaller, by one step. */
  step(by) {
    const others = by > 0 ? STEPS.filter((one) => one > this.scale + 0.005) : STEPS.filter((one) => one < this.scale - 0.005).reverse();
    if (!others.length) return;
    const { scrollTop, scrollHeight } = this.stage;
    this.mode = "steps";
    [this.scale] = others;
    this.fit();
    this.stage.scrollTop = (scrollTop / scrollHeight) * this.stage.scrollHeight;
  }

  // --- finding ---

  async find(query) {
    if (!query.trim()) {
      this.showFound({ query: "", hits: [], more: false });
      return;
    }
    const from = this.number;
    this.button("more").setAttribute("aria-expanded", "false");
    this.root.classList.remove("dl-reader--tools");
    this.part("found-words").textContent = "…";
    try {
      const answer = await fetch(`${this.root.dataset.findUrl}?${new URLSearchParams({ q: query })}`, {
        headers: { Accept: "application/json" },
      });
      if (!answer.ok) throw new Error(answer.status);
      this.showFound(await answer.json());
    } catch {
      this.trouble(this.root.dataset.sayOffline);
      return;
    }
    const { hits } = this.found;
    const first = hits.find((hit) => hit.page >= from) ?? hits[0];
    if (first) await this.openHit(first);
    else history.replaceState({ page: this.number }, "", this.pageUrl(this.number));
  }

  showFound(found) {
    this.found = found;
    this.hit = null;
    const pages = new Set(found.hits.map((hit) => hit.page)).size;
    const words = !found.hits.length ? "nothing" : found.more ? "more" : "found";
    this.part("found").hidden = !found.query;
    this.part("found-words").textContent = found.query ? this.say(words, { HITS: found.hits.length, PAGES: pages }) : "";
    this.part("hit-buttons").hidden = !found.hits.length;
    this.part("hits").replaceChildren(...found.hits.map((hit, place) => this.hitRow(hit, place)));
    this.showSide();
    this.mark();
  }

  hitRow(hit, place) {
    const item = document.createElement("li");
    const link = document.createElement("a");
    const page = document.createElement("span");
    const words = document.createElement("span");
    const match = document.createElement("mark");
    link.className = "dl-spot";
    link.href = this.pageUrl(hit.page);
    link.dataset.hit = place;
    page.className = "dl-spot__page";
    page.textContent = hit.label || hit.page;
    words.className = "dl-spot__words";
    match.textContent = hit.match;
    words.append(`${hit.before} `, match, ` ${hit.after}`);
    link.append(page, " ", words);
    item.append(link);
    return item;
  }

  async openHit(hit) {
    this.hit = hit;
    for (const link of this.part("hits").querySelectorAll("[aria-current]")) link.removeAttribute("aria-current");
    const place = this.found.hits.indexOf(hit);
    const row = this.part("hits").children[place]?.firstElementChild;
    row?.setAttribute("aria-current", "true");
    row?.scrollIntoView({ block: "nearest" });
    const isThere = this.sheets.some((sheet) => sheet.facts?.number === hit.page);
    if (!isThere) await this.open(hit.page, { jump: true });
    else history.replaceState({ page: this.number }, "", this.pageUrl(this.number));
    this.mark();
    for (const sheet of this.sheets) if (sheet.facts?.number === hit.page) sheet.showCurrent();
    announce(this.say("hit", { HIT: place + 1, HITS: this.found.hits.length, PAGE: hit.page }));
  }

  stepHit(by) {
    const { hits } = this.found;
    if (!hits.length) return false;
    const place = this.hit ? hits.indexOf(this.hit) : by > 0 ? -1 : 0;
    this.openHit(hits[(place + by + hits.length) % hits.length]);
    return true;
  }

  mark() {
    for (const sheet of this.sheets) {
      if (sheet.facts) sheet.mark(this.found.hits.filter((hit) => hit.page === sheet.facts.number), this.hit);
    }
  }

  closeFound() {
    const was = Boolean(this.found.query);
    this.part("find").elements.q.value = "";
    this.showFound({ query: "", hits: [], more: false });
    history.replaceState({ page: this.number }, "", this.pageUrl(this.number));
    if (was) this.stage.focus({ preventScroll: true });
    return was;
  }

  showSide() {
    const { margin } = this;
    this.root.classList.toggle("dl-reader--no-margin", !margin);
    this.part("side").hidden = this.part("found").hidden && this.part("notes").hidden && !margin;
  }

  /** Whether what rooms above put beside the page is shown. On a phone it is closed until somebody asks. */
  get margin() {
    const button = this.button("margin");
    return button ? button.getAttribute("aria-pressed") === "true" : false;
  }

  showMargin(on) {
    if (this.margin === on || !this.button("margin")) return;
    this.button("margin").setAttribute("aria-pressed", String(on));
    this.showSide();
    this.fit();
  }

  // --- what buttons and keys do ---

  button(name) {
    return this.root.querySelector(`[data-reader-do="${name}"]`);
  }

  turn(by) {
    this.open(this.number + by * (this.isTwo ? 2 : 1));
    return true;
  }

  /** Go on down by most of a screen, and at the end to the next page. */
  scrollOn(by) {
    const { scrollTop, scrollHeight, clientHeight } = this.stage;
    const isAtEnd = by > 0 ? scrollTop + clientHeight >= scrollHeight - 4 : scrollTop <= 4;
    if (!isAtEnd) this.stage.scrollBy({ top: by * clientHeight * 0.85, behavior: "smooth" });
    else if (by > 0 ? this.number < this.count : this.number > 1) this.open(this.number + by, { atEnd: by < 0 });
    return true;
  }

  do(name) {
    const pressed = () => this.button(name).getAttribute("aria-pressed") === "true";
    const press = (on) => this.button(name).setAttribute("aria-pressed", String(on));
    switch (name) {
      case "larger": this.step(1); break;
      case "smaller": this.step(-1); break;
      case "width":
      case "whole":
        this.mode = name;
        this.fit();
        break;
      case "turn":
        this.turned = (this.turned + 90) % 360;
        this.fit();
        break;
      case "two":
        this.isTwo = !this.isTwo;
        press(this.isTwo);
        this.open(this.number);
        break;
      case "text": {
        const on = !pressed();
        press(on);
        this.root.classList.toggle("dl-reader--text", on);
        this.fit();
        break;
      }
      case "strip": {
        const on = !this.isStripOpen();
        this.root.classList.toggle("dl-reader--strip", on);
        this.root.classList.toggle("dl-reader--no-strip", !on);
        this.tellOfStrip();
        this.strip.show(this.number);
        break;
      }
      case "margin":
        this.showMargin(!this.margin);
        this.button("more").setAttribute("aria-expanded", "false");
        this.root.classList.remove("dl-reader--tools");
        break;
      case "full":
        if (document.fullscreenElement) document.exitFullscreen();
        else this.root.requestFullscreen?.().catch(() => {});
        break;
      case "more": {
        const on = this.button("more").getAttribute("aria-expanded") !== "true";
        this.button("more").setAttribute("aria-expanded", String(on));
        this.root.classList.toggle("dl-reader--tools", on);
        break;
      }
      case "help": this.part("help").showModal(); break;
      case "hit-after": this.stepHit(1); break;
      case "hit-before": this.stepHit(-1); break;
      case "close-found": this.closeFound(); break;
      default: return false;
    }
    return true;
  }

  tellOfStrip() {
    this.button("strip").setAttribute("aria-pressed", String(this.isStripOpen()));
  }

  isStripOpen() {
    return getComputedStyle(this.part("strip")).display !== "none";
  }

  key(event) {
    switch (event.key) {
      case "ArrowRight":
      case "ArrowLeft": {
        const by = event.key === "ArrowRight" ? 1 : -1;
        if (this.stage.scrollWidth > this.stage.clientWidth + 1) return false; // it moves the wide page aside
        return this.turn(by);
      }
      case "j": return this.turn(1);
      case "k": return this.turn(-1);
      case " ": return event.target.closest?.("button, a, summary, input") ? false : this.scrollOn(event.shiftKey ? -1 : 1);
      case "PageDown": return this.scrollOn(1);
      case "PageUp": return this.scrollOn(-1);
      case "Home": this.open(1, { jump: true }); return true;
      case "End": this.open(this.count, { jump: true }); return true;
      case "+":
      case "=": return this.do("larger");
      case "-": return this.do("smaller");
      case "w": return this.do("width");
      case "p": return this.do("whole");
      case "r": return this.do("turn");
      case "2": return this.do("two");
      case "t": return this.do("text");
      case "s": return this.do("strip");
      case "f": return this.do("full");
      case "?": return this.do("help");
      case "n": return this.stepHit(1);
      case "N": return this.stepHit(-1);
      case "d": this.root.querySelector('[data-reader-key="d"]').click(); return true;
      case "/": this.part("find").elements.q.focus(); this.part("find").elements.q.select(); return true;
      case "g": this.part("number").focus(); this.part("number").select(); return true;
      default: return false;
    }
  }

  listen() {
    this.root.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      const doer = event.target.closest("[data-reader-do]");
      const hit = event.target.closest("[data-hit]");
      const next = event.target.closest("[data-reader-next]");
      const previous = event.target.closest("[data-reader-previous]");
      if (doer) this.do(doer.dataset.readerDo);
      else if (hit) this.openHit(this.found.hits[Number(hit.dataset.hit)]);
      else if (next) this.turn(1);
      else if (previous) this.turn(-1);
      else return;
      event.preventDefault();
    });
    this.part("find").addEventListener("submit", (event) => {
      event.preventDefault();
      const box = this.part("find").elements.q;
      if (this.found.query && box.value === this.found.query && this.found.hits.length) this.stepHit(1);
      else this.find(box.value);
    });
    this.part("find").elements.q.addEventListener("search", (event) => {
      if (!event.target.value && this.found.query) this.closeFound();
    });
    this.part("go").addEventListener("submit", async (event) => {
      event.preventDefault();
      const box = this.part("number");
      const answer = await fetch(`${this.root.dataset.goUrl}?${new URLSearchParams({ to: box.value })}`, {
        headers: { Accept: "application/json" },
      }).then((found) => found.json()).catch(() => ({ page: null }));
      if (!answer.page) {
        announce(this.root.dataset.sayNoPage);
        box.setCustomValidity(this.root.dataset.sayNoPage);
        box.reportValidity();
        box.addEventListener("input", () => box.setCustomValidity(""), { once: true });
        box.select();
        return;
      }
      await this.open(answer.page, { jump: true });
      this.stage.focus({ preventScroll: true });
    });
    addEventListener("popstate", (event) => {
      if (event.state?.page) this.open(event.state.page, { isBack: true });
    });
    document.addEventListener("fullscreenchange", () => {
      this.button("full").setAttribute("aria-pressed", String(Boolean(document.fullscreenElement)));
    });
    document.addEventListener("keydown", (event) => this.pressed(event));
    this.swipes();
  }

  pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || this.part("help").open) return;
    if (event.key === "Escape") {
      if (this.closeFound()) event.preventDefault();
      else if (isTyping(event.target)) this.stage.focus({ preventScroll: true });
      return;
    }
    if (!("dlReaderKeys" in this.root.dataset) || isTyping(event.target)) return;
    if (this.key(event)) event.preventDefault();
  }

  /** A swipe across a page that is not wider than the screen turns it. */
  swipes() {
    let start = null;
    this.stage.addEventListener("touchstart", (event) => {
      start = event.touches.length === 1 ? { x: event.touches[0].clientX, y: event.touches[0].clientY } : null;
    }, { passive: true });
    this.stage.addEventListener("touchend", (event) => {
      if (!start || !event.changedTouches.length) return;
      const across = event.changedTouches[0].clientX - start.x;
      const down = event.changedTouches[0].clientY - start.y;
      start = null;
      const isSelecting = !getSelection().isCollapsed;
      const isWide = this.stage.scrollWidth > this.stage.clientWidth + 1;
      if (isSelecting || isWide || Math.abs(across) < SWIPE || Math.abs(across) < 2 * Math.abs(down)) return;
      this.turn(across < 0 ? 1 : -1);
    }, { passive: true });
  }
}
