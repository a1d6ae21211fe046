// The script of every page. Everything here makes a page pleasanter; nothing needs it.
// Each module finds its own elements by data- attributes, once for the page and again for each htmx swap.
import { startAnnouncer } from "./announce.js";
import { startCalendar } from "./calendar.js";
import { startComboBoxes } from "./combo.js";
import { startCorners } from "./corners.js";
import { startCopyButtons } from "./copy.js";
import { startCountdowns } from "./countdown.js";
import { startDesk } from "./desk.js";
import { startDetails } from "./details.js";
import { focusErrorSummary } from "./errors.js";
import { startForms } from "./forms.js";
import { startKeys } from "./keys.js";
import { startReader } from "./reader/reader.js";
import { startSheet } from "./sheet.js";
import { startUploads } from "./upload.js";

/** Wake the parts inside `root`, which is the document or a region that was just swapped in. */
function wake(root) {
  startComboBoxes(root);
  startCopyButtons(root);
  startCorners(root);
  startCountdowns(root);
  startUploads(root, wake);
  focusErrorSummary(root);
}

startAnnouncer(wake);
startDetails();
startForms();
wake(document);
startDesk();
startKeys();
startCalendar();
startReader();
startSheet();
