// Forms: one click is one act. A second click while the first is on its way does nothing.

const GUARD_MILLISECONDS = 8000; // after this a person may try again: the server must have answered or be gone

/** Guard every posting form against the second click, and move the focus with the links of error summaries. */
export function startForms() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("data-dl-upload")) return;
    if (form.dataset.dlSent !== undefined) {
      event.preventDefault();
      return;
    }
    const release = () => {
      delete form.dataset.dlSent;
      event.submitter?.removeAttribute("aria-disabled");
    };
    form.dataset.dlSent = "";
    event.submitter?.setAttribute("aria-disabled", "true");
    setTimeout(release, GUARD_MILLISECONDS);
    form.addEventListener("htmx:afterRequest", release, { once: true });
  });
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
