// The words of a page, laid over its picture: invisible, but they can be selected, copied and read aloud.
//
// Each line of the page is one element at its place. Its words stand in it one after another, each made as wide as on the
// picture by the space between its letters, so that what is selected is what is seen. All measures are shares of the page
// (cqw: hundredths of its width), so that nothing is counted anew when the page grows.

const FONT = "sans-serif";
const TALL = 100; // pixels at which letters are measured
let pen;

function widthOf(text) {
  if (!pen) {
    pen = document.createElement("canvas").getContext("2d");
    pen.font = `${TALL}px ${FONT}`;
  }
  return pen.measureText(text).width / TALL; // in em
}

/** The words in lines: a word goes on a line when it stands right of the last one, at more or less its height. */
export function linesOf(words) {
  const lines = [];
  for (const word of words) {
    const [, left, top, right, bottom] = word;
    const last = lines.at(-1);
    const before = last?.at(-1);
    const shared = before ? Math.min(before[4], bottom) - Math.max(before[2], top) : 0;
    if (before && left >= before[1] && shared > 0.5 * Math.min(before[4] - before[2], bottom - top)) last.push(word);
    else lines.push([[word[0], left, top, right, bottom]]);
  }
  return lines;
}

/** Put the words of a page of this width (points) into `place`. */
export function layWords(place, words, pageWidth) {
  const parts = document.createDocumentFragment();
  const share = (points) => `${(points / pageWidth) * 100}cqw`;
  let number = 0;
  for (const line of linesOf(words)) {
    const top = Math.min(...line.map((word) => word[2]));
    const tall = Math.max(1, Math.max(...line.map((word) => word[4])) - top);
    const row = document.createElement("span");
    row.className = "dl-leaf__line";
    row.style.left = share(line[0][1]);
    row.style.top = share(top);
    row.style.fontSize = share(tall);
    line.forEach(([text, left, , right], place_) => {
      const word = document.createElement("span");
      const natural = widthOf(text);
      word.textContent = text;
      word.dataset.word = number;
      number += 1;
      word.style.letterSpacing = `${((right - left) / tall - natural) / Math.max(1, [...text].length)}em`;
      row.append(word);
      const next = line[place_ + 1];
      if (!next) return;
      const gap = document.createElement("span");
      gap.textContent = " ";
      gap.style.letterSpacing = `${(next[1] - right) / tall - widthOf(" ")}em`;
      row.append(gap);
    });
    parts.append(row, document.createElement("br"));
  }
  place.replaceChildren(parts);
}
