// After a form comes back with errors the focus lands on the summary, whose links lead to the fields.

/** Focus the first error summary in `root`, if there is one. */
export function focusErrorSummary(root) {
  const summary = root.querySelector("[data-dl-error-summary]");
  if (!summary) return;
  summary.focus({ preventScroll: true });
  summary.scrollIntoView({ block: "start" });
}
