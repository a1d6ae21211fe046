// Copy buttons: <button data-dl-copy="id of what to copy" data-dl-copied="what to say after">.
import { announce } from "./announce.js";

/** Start the copy buttons in `root`; where the browser cannot copy they stay hidden. */
export function startCopyButtons(root) {
  if (!navigator.clipboard) return;
  for (const button of root.querySelectorAll("button[data-dl-copy]")) {
    if (!button.hidden) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      const target = document.getElementById(button.dataset.dlCopy);
      if (!target) return;
      const words = button.querySelector("[data-dl-copy-word]");
      const before = words?.textContent;
      await navigator.clipboard.writeText((target.value ?? target.textContent).trim());
      announce(button.dataset.dlCopied);
      if (!words) return;
      words.textContent = button.dataset.dlCopied;
      setTimeout(() => {
        words.textContent = before;
      }, 3000);
    });
  }
}
