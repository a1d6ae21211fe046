// Number keys that press copy buttons: <button data-dl-copy=... data-dl-key="3">, and a box that turns the keys off:
// <input type="checkbox" data-dl-keys> inside an element with data-dl-keys-words.
// A key is left alone while somebody types, with Ctrl, Alt or the command key, and while the box is not ticked.

/** Return whether keys typed here are meant for what has the focus. */
export function isTyping(target) {
  if (target?.isContentEditable) return true;
  if (target?.matches?.("textarea, select")) return true;
  return Boolean(target?.matches?.("input")) && !["checkbox", "radio", "button", "submit"].includes(target.type);
}

/** Start the number keys of the page, once; without buttons, or where the browser cannot copy, nothing happens. */
export function startKeys() {
  const box = document.querySelector("input[data-dl-keys]");
  if (!box || !navigator.clipboard) return;
  box.closest("[data-dl-keys-words]").hidden = false;
  document.addEventListener("keydown", (event) => {
    if (!box.checked || event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event.target)) return;
    const button = document.querySelector(`button[data-dl-key="${CSS.escape(event.key)}"]`);
    if (!button || button.hidden) return;
    event.preventDefault();
    button.focus();
    button.click();
  });
}
