// Words of a page by number: where they stand in its text, and which line and block they belong to. Knows no page.

/** Where each word of a page stands in its text: [start, end] for each, or null where the two do not fit together. */
export function spansOf(text, words) {
  const spans = [];
  let at = 0;
  for (const [word] of words) {
    const start = text.indexOf(word, at);
    if (start < 0 || text.slice(at, start).trim()) return null;
    at = start + word.length;
    spans.push([start, at]);
  }
  return spans;
}

/** The number of the word one line up or down that stands nearest below or above this one. */
export function onNextLine(words, at, by) {
  const middle = (words[at][1] + words[at][3]) / 2;
  const isOn = (one, other) => Math.min(words[one][4], words[other][4]) - Math.max(words[one][2], words[other][2])
    > 0.5 * Math.min(words[one][4] - words[one][2], words[other][4] - words[other][2]);
  let next = at + by;
  while (words[next] && isOn(next, at)) next += by;
  if (!words[next]) return at;
  let best = next;
  const first = next;
  while (words[next] && isOn(next, first)) {
    if (Math.abs((words[next][1] + words[next][3]) / 2 - middle) < Math.abs((words[best][1] + words[best][3]) / 2 - middle)) best = next;
    next += by;
  }
  return best;
}

/** The number of the first word of the next block, or of this one or the one before. A block ends at an empty line. */
export function onNextBlock(text, spans, at, by) {
  const begins = (number) => number === 0 || /\n\s*\n/.test(text.slice(spans[number - 1][1], spans[number][0]));
  let next = at + by;
  while (next > 0 && next < spans.length && !begins(next)) next += by;
  return Math.min(Math.max(0, next), spans.length - 1);
}

/** The box around some words, in the measure of their places. */
export function boxesOf(words) {
  const boxes = [];
  for (const [, left, top, right, bottom] of words) {
    const last = boxes.at(-1);
    const shared = last ? Math.min(last[3], bottom) - Math.max(last[1], top) : 0;
    if (last && left >= last[0] && shared > 0.4 * Math.min(last[3] - last[1], bottom - top)) {
      boxes[boxes.length - 1] = [Math.min(last[0], left), Math.min(last[1], top), Math.max(last[2], right), Math.max(last[3], bottom)];
    } else {
      boxes.push([left, top, right, bottom]);
    }
  }
  return boxes;
}
