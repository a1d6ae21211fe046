// Folds: opened by a link to something inside them, by "open all" buttons, and for printing.

/** Open every fold around the element that the address names. */
function openAround(hash) {
  if (hash.length < 2) return;
  const target = document.getElementById(decodeURIComponent(hash.slice(1)));
  for (let fold = target?.closest("details"); fold; fold = fold.parentElement?.closest("details")) fold.open = true;
  if (target?.matches("details")) target.open = true;
}

/** Start the folds of the whole page; listens at the document, so swapped regions need nothing. */
export function startDetails() {
  openAround(location.hash);
  window.addEventListener("hashchange", () => openAround(location.hash));
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button[data-dl-open-all]");
    if (!button) return;
    const place = document.getElementById(button.dataset.dlOpenAll) ?? document;
    const folds = [...place.querySelectorAll("details")];
    const open = folds.some((fold) => !fold.open);
    for (const fold of folds) fold.open = open;
    button.setAttribute("aria-pressed", String(open));
  });
  let closed = [];
  window.addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details.dl-fold:not([open])")];
    for (const fold of closed) fold.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const fold of closed) fold.open = false;
  });
}
