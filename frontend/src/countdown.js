// The undo window: <… data-dl-until="2026-11-21T23:45:00Z"> counts down, then says that the time is over.
import { announce } from "./announce.js";

/** "9:05" for 545 seconds. */
export function asClock(seconds) {
  const whole = Math.max(0, Math.ceil(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** Start each countdown in `root`. The server decides what can still be undone; this only shows the time. */
export function startCountdowns(root) {
  for (const box of root.querySelectorAll("[data-dl-until]:not([data-dl-counting])")) {
    box.dataset.dlCounting = "";
    const until = Date.parse(box.dataset.dlUntil);
    const left = box.querySelector("[data-dl-left]");
    const open = box.querySelectorAll("[data-dl-open]");
    const over = box.querySelector("[data-dl-over]");
    if (Number.isNaN(until)) continue;
    const tick = () => {
      if (!box.isConnected) return clearInterval(timer);
      const seconds = (until - Date.now()) / 1000;
      if (left) left.textContent = asClock(seconds);
      if (seconds > 0) return undefined;
      clearInterval(timer);
      for (const part of open) part.hidden = true;
      if (over) {
        over.hidden = false;
        announce(over.textContent.trim());
      }
      return undefined;
    };
    const timer = setInterval(tick, 1000);
    if (left) left.closest("[hidden]")?.removeAttribute("hidden");
    tick();
  }
}
