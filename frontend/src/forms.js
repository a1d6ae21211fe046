// Forms: one click is one act. A second click while the first is on its way does nothing.

const GUARD_MILLISECONDS = 8000; // after this a person may try again: the server must have answered or be gone

/** Refuse the second click: plain forms until the next page comes, htmx forms until their answer has come. */
function startGuard() {
  const busy = (form) => form.dataset.dlSent !== undefined;
  // In the capture phase, so that htmx does not even queue the second one.
  document.addEventListener(
    "submit",
    (event) => {
      if (!busy(event.target)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
    },
    { capture: true },
  );
  document.addEventListener("submit", (event) => {
    const form = event.target;
    // Prevented: htmx or the upload has taken it.
    if (event.defaultPrevented || form.method !== "post") return;
    form.dataset.dlSent = "";
    event.submitter?.setAttribute("aria-disabled", "true");
    setTimeout(() => {
      delete form.dataset.dlSent;
      event.submitter?.removeAttribute("aria-disabled");
    }, GUARD_MILLISECONDS);
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.matches?.("form")) event.target.dataset.dlSent = "";
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.target.matches?.("form")) delete event.target.dataset.dlSent;
  });
}

/** Guard every posting form against the second click, and move the focus with the links of error summaries. */
export function startForms() {
  startGuard();
  // A page that comes back from the browser's memory must be usable again.
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    for (const form of document.querySelectorAll("form[data-dl-sent]")) delete form.dataset.dlSent;
    for (const button of document.querySelectorAll("button[aria-disabled]")) button.removeAttribute("aria-disabled");
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-dl-error-summary] a[href^='#']");
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    const target = field.matches("fieldset") ? (field.querySelector("input, select, textarea") ?? field) : field;
    // A combo box hides its select; the person types in the field beside it.
    const seen = target.closest(".usa-combo-box")?.querySelector("input") ?? target;
    seen.focus({ preventScroll: true });
    (field.closest(".usa-form-group") ?? field).scrollIntoView({ block: "start" });
  });
}
