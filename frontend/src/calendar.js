// The days of the calendar by keys: arrows go from day to day, Page Up and Page Down turn the page.
// <ol data-dl-days> with a link data-dl-day in each day; links data-dl-page="PageUp" and "PageDown" anywhere.
// Works while a day's link has the focus; without this script each day is reached by Tab.

const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

/** Start the keys of a page with days, once. */
export function startCalendar() {
  const list = document.querySelector("[data-dl-days]");
  if (!list) return;
  document.querySelector("[data-dl-days-words]")?.removeAttribute("hidden");
  list.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !event.target.matches("[data-dl-day]")) return;
    if (event.key === "PageUp" || event.key === "PageDown") {
      const page = document.querySelector(`[data-dl-page="${event.key}"]`);
      if (!page) return;
      event.preventDefault();
      page.click();
      return;
    }
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    // Days that a phone leaves out are passed over.
    const days = [...list.querySelectorAll("[data-dl-day]")];
    let place = days.indexOf(event.target) + step;
    while (days[place] && days[place].offsetParent === null) place += Math.sign(step);
    days[place]?.focus();
  });
}
