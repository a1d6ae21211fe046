// Files: a place to drop them, a list of what was chosen, and progress while they travel.
// Without this script the same form posts the same files.
import { announce } from "./announce.js";

const UNITS = ["B", "KB", "MB", "GB"];

/** "3.4 MB", in steps of 1,024, for the list of chosen files. */
export function asSize(bytes) {
  let amount = bytes;
  let unit = 0;
  while (amount >= 1024 && unit < UNITS.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? amount : amount.toFixed(1)} ${UNITS[unit]}`;
}

/** Fill the list under the field with the chosen files, and warn of those over the limit before they travel. */
function listFiles(box, input) {
  const list = box.querySelector("[data-dl-drop-files]");
  const limit = Number(box.dataset.dlLimitBytes) || Infinity;
  if (!list) return;
  list.replaceChildren(
    ...[...input.files].map((file) => {
      const row = document.createElement("li");
      const name = document.createElement("span");
      const size = document.createElement("span");
      name.textContent = file.name;
      size.textContent = file.size > limit ? `${asSize(file.size)}: ${box.dataset.dlTooLarge}` : asSize(file.size);
      row.append(name, size);
      return row;
    }),
  );
}

/** Make one field a place to drop files on. */
function startDrop(box) {
  const input = box.querySelector("input[type=file]");
  const hint = box.querySelector("[data-dl-drop-hint]");
  if (!input) return;
  box.dataset.dlStarted = "";
  if (hint) hint.hidden = false;
  input.addEventListener("change", () => listFiles(box, input));
  for (const name of ["dragenter", "dragover"]) {
    box.addEventListener(name, (event) => {
      event.preventDefault();
      box.classList.add("dl-drop--over");
    });
  }
  box.addEventListener("dragleave", (event) => {
    if (!box.contains(event.relatedTarget)) box.classList.remove("dl-drop--over");
  });
  box.addEventListener("drop", (event) => {
    event.preventDefault();
    box.classList.remove("dl-drop--over");
    const dropped = [...event.dataTransfer.files];
    if (!dropped.length) return;
    const chosen = new DataTransfer();
    for (const file of input.multiple ? [...input.files, ...dropped] : dropped.slice(0, 1)) chosen.items.add(file);
    input.files = chosen.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

/** Put the page that the server answered with in place of this one, keeping the address honest. */
function showAnswer(request, wake) {
  const answer = new DOMParser().parseFromString(request.responseText, "text/html");
  const fresh = answer.getElementById("main");
  const main = document.getElementById("main");
  if (!fresh || !main) {
    location.assign(request.responseURL);
    return;
  }
  if (request.responseURL && request.responseURL !== location.href) history.pushState(null, "", request.responseURL);
  document.title = answer.title;
  main.replaceWith(document.importNode(fresh, true));
  const placed = document.getElementById("main");
  window.htmx?.process(placed);
  placed.focus();
  window.scrollTo(0, 0);
  wake(placed);
}

/** Send the form with progress. The words come from the form's progress part (components/upload_progress.html). */
function startUpload(form, wake) {
  const part = form.querySelector("[data-dl-progress]");
  const bar = part?.querySelector("progress");
  const words = part?.querySelector("[data-dl-progress-words]");
  const cancel = part?.querySelector("[data-dl-progress-cancel]");
  if (!part || !bar || !words) return;
  form.dataset.dlStarted = "";
  form.addEventListener("submit", (event) => {
    const hasFiles = [...form.querySelectorAll("input[type=file]")].some((input) => input.files.length);
    if (!hasFiles || form.dataset.dlSending !== undefined) {
      if (form.dataset.dlSending !== undefined) event.preventDefault();
      return;
    }
    event.preventDefault();
    form.dataset.dlSending = "";
    const request = new XMLHttpRequest();
    const stop = (text) => {
      delete form.dataset.dlSending;
      bar.hidden = true;
      if (cancel) cancel.hidden = true;
      words.textContent = text;
      announce(text);
    };
    let spoken = 0;
    request.upload.addEventListener("progress", (moment) => {
      if (!moment.lengthComputable) return;
      const percent = Math.floor((100 * moment.loaded) / moment.total);
      bar.value = percent;
      const text = percent < 100 ? part.dataset.dlSendingWords.replace("{percent}", percent) : part.dataset.dlStoringWords;
      words.textContent = text;
      if (percent >= spoken + 25 || percent === 100) {
        spoken = percent;
        announce(text);
      }
    });
    request.addEventListener("load", () => showAnswer(request, wake));
    request.addEventListener("error", () => stop(part.dataset.dlBrokenWords));
    request.addEventListener("abort", () => stop(part.dataset.dlCancelledWords));
    part.hidden = false;
    bar.hidden = false;
    bar.value = 0;
    words.textContent = part.dataset.dlSendingWords.replace("{percent}", 0);
    if (cancel) {
      cancel.hidden = false;
      cancel.onclick = () => request.abort();
    }
    const body = new FormData(form, event.submitter);
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "text/html");
    request.send(body);
  });
}

/** Start the drop zones and upload forms in `root`. */
export function startUploads(root, wake) {
  for (const box of root.querySelectorAll("[data-dl-drop]:not([data-dl-started])")) startDrop(box);
  for (const form of root.querySelectorAll("form[data-dl-upload]:not([data-dl-started])")) startUpload(form, wake);
}
