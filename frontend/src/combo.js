// A long select with data-dl-combo becomes a USWDS combo box: type to find a state or an agency.
import comboBox from "@uswds/uswds/js/usa-combo-box";

/** Wrap and start each marked select that is not started yet. */
export function startComboBoxes(root) {
  for (const select of root.querySelectorAll("select[data-dl-combo]")) {
    if (select.closest(".usa-combo-box")) continue;
    const box = document.createElement("div");
    box.className = "usa-combo-box";
    if (select.value) box.dataset.defaultValue = select.value;
    select.replaceWith(box);
    box.append(select);
    const described = select.getAttribute("aria-describedby");
    const invalid = select.getAttribute("aria-invalid");
    comboBox.on(box);
    const input = box.querySelector("input");
    // USWDS carries over the label, not the hint and the error.
    if (input && described) input.setAttribute("aria-describedby", `${input.getAttribute("aria-describedby") ?? ""} ${described}`.trim());
    if (input && invalid) input.setAttribute("aria-invalid", invalid);
  }
}
