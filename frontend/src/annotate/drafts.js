// What somebody types stays on this device until it is kept: it survives a lost connection and a closed tab.

const PREFIX = "dl-annotate:";
const OLDEST = 30 * 24 * 3600 * 1000; // milliseconds: what nobody came back for is dropped after a month

function storage() {
  try {
    return window.localStorage;
  } catch {
    return null; // the browser keeps nothing
  }
}

/** Remember a value under a name; nothing where the browser keeps nothing. */
export function remember(name, value) {
  try {
    storage()?.setItem(PREFIX + name, JSON.stringify({ at: Date.now(), value }));
  } catch {
    // The room that the browser gives is used up: the words still stand in their box.
  }
}

/** What was remembered under a name, or null. */
export function recall(name) {
  try {
    const kept = JSON.parse(storage()?.getItem(PREFIX + name) ?? "null");
    return kept && Date.now() - kept.at < OLDEST ? kept.value : null;
  } catch {
    return null;
  }
}

export function forget(name) {
  storage()?.removeItem(PREFIX + name);
}
