// Speaks for what changes: htmx swaps and their failures. The words come from the page, so that they can be translated.

/** Say `text` to screen readers without moving the focus. */
export function announce(text) {
  const region = document.getElementById("dl-live");
  if (!region || !text) return;
  region.textContent = "";
  // A region that is emptied and filled in one go is often not read.
  setTimeout(() => {
    region.textContent = text;
  }, 50);
}

/** Show a failure of the connection or the server where people see it. */
export function showTrouble(text) {
  const place = document.getElementById("dl-trouble");
  if (!place) return;
  place.replaceChildren();
  if (!text) return;
  const box = document.createElement("div");
  box.className = "usa-alert usa-alert--error usa-alert--slim";
  box.tabIndex = -1;
  const body = document.createElement("div");
  body.className = "usa-alert__body";
  const words = document.createElement("p");
  words.className = "usa-alert__text";
  words.textContent = text;
  body.append(words);
  box.append(body);
  place.append(box);
  box.focus();
  box.scrollIntoView({ block: "nearest" });
}

/** Listen to htmx: wake and announce what came in, and say what to do when nothing came. */
export function startAnnouncer(wake) {
  document.body.addEventListener("htmx:afterSettle", (event) => {
    const region = event.detail.elt;
    if (!(region instanceof Element)) return;
    wake(region);
    const spoken = region.matches("[data-dl-announce]") ? region : region.querySelector("[data-dl-announce]");
    const live = document.getElementById("dl-live");
    announce(spoken?.dataset.dlAnnounce || live?.dataset.dlUpdated);
    const focus = region.querySelector("[data-dl-focus]");
    if (focus) focus.focus();
    region.classList.remove("dl-changed");
    region.classList.add("dl-changed");
    region.addEventListener("animationend", () => region.classList.remove("dl-changed"), { once: true });
  });
  document.body.addEventListener("htmx:beforeRequest", () => showTrouble(""));
  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    document.body.addEventListener(name, () => showTrouble(document.getElementById("dl-trouble")?.dataset.dlOffline));
  }
  document.body.addEventListener("htmx:responseError", () => {
    showTrouble(document.getElementById("dl-trouble")?.dataset.dlRefused);
  });
}
