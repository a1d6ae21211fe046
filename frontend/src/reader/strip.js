// The strip of small pictures: only those in sight exist, so that 5,000 pages weigh as little as five.

const TALL = 178; // pixels of one place in the strip; reading/_strip.scss says the same
const AHEAD = 4; // places drawn above and below what is in sight

/** Start the strip. `address` gives the two addresses of a page; `open` shows one. */
export function startStrip(nav, list, count, address, open) {
  let current = 1;
  const drawn = new Map();
  list.replaceChildren();
  list.style.height = `${count * TALL}px`;
  list.classList.add("dl-reader__thumbs--live");

  function draw(number) {
    const item = document.createElement("li");
    const link = document.createElement("a");
    const picture = document.createElement("img");
    const words = document.createElement("span");
    item.style.top = `${(number - 1) * TALL}px`;
    item.setAttribute("aria-setsize", count);
    item.setAttribute("aria-posinset", number);
    link.className = "dl-thumb";
    link.href = address.page(number);
    link.setAttribute("aria-label", address.words(number));
    picture.alt = "";
    picture.loading = "lazy";
    picture.decoding = "async";
    picture.width = 112;
    picture.height = 145;
    picture.src = address.picture(number);
    words.textContent = number;
    link.append(picture, words);
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      open(number);
    });
    if (number === current) link.setAttribute("aria-current", "page");
    item.append(link);
    return item;
  }

  function redraw() {
    if (!nav.clientHeight) return;
    const across = getComputedStyle(list).flexDirection === "row";
    const first = across ? 1 : Math.max(1, Math.floor(nav.scrollTop / TALL) + 1 - AHEAD);
    const last = Math.min(count, Math.ceil((nav.scrollTop + nav.clientHeight) / TALL) + AHEAD);
    for (const [number, item] of drawn) {
      if ((number < first || number > last) && !item.contains(document.activeElement)) {
        item.remove();
        drawn.delete(number);
      }
    }
    for (let number = first; number <= last; number += 1) {
      if (drawn.has(number)) continue;
      const item = draw(number);
      const after = [...drawn.entries()].filter(([other]) => other > number).sort((a, b) => a[0] - b[0])[0]?.[1] ?? null;
      list.insertBefore(item, after);
      drawn.set(number, item);
    }
  }

  let waiting = false;
  nav.addEventListener("scroll", () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      redraw();
    });
  }, { passive: true });
  new ResizeObserver(redraw).observe(nav);

  return {
    /** Mark the page that is open and bring its picture into sight. */
    show(number) {
      current = number;
      for (const [other, item] of drawn) {
        const link = item.firstElementChild;
        if (other === number) link.setAttribute("aria-current", "page");
        else link.removeAttribute("aria-current");
      }
      const top = (number - 1) * TALL;
      if (top < nav.scrollTop || top + TALL > nav.scrollTop + nav.clientHeight) {
        nav.scrollTop = Math.max(0, top - nav.clientHeight / 2 + TALL / 2);
      }
      redraw();
    },
  };
}
