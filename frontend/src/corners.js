// The corners of a sheet on a photograph: drag them, or change the numbers; each follows the other.
// Without this script the numbers alone do it.

/** Start one drawing with its fields. */
function startSheet(form) {
  const svg = form.querySelector("svg");
  const outline = svg?.querySelector("polygon");
  const handles = [...(svg?.querySelectorAll("circle") ?? [])];
  const field = (number, axis) => form.querySelector(`[data-dl-corner="${axis}${number}"]`);
  if (!outline || handles.length !== 4) return;
  form.dataset.dlStarted = "";
  const { width, height } = svg.viewBox.baseVal;

  const draw = () => {
    const points = handles.map((handle, number) => {
      const x = (Number(field(number, "x").value) / 100) * width;
      const y = (Number(field(number, "y").value) / 100) * height;
      handle.setAttribute("cx", x);
      handle.setAttribute("cy", y);
      return `${x},${y}`;
    });
    outline.setAttribute("points", points.join(" "));
  };

  const put = (number, x, y) => {
    for (const [axis, value] of [["x", x], ["y", y]]) {
      field(number, axis).value = Math.min(100, Math.max(0, value)).toFixed(1);
    }
    draw();
  };

  handles.forEach((handle, number) => {
    handle.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      handle.setPointerCapture(event.pointerId);
      const move = (moved) => {
        const place = new DOMPoint(moved.clientX, moved.clientY).matrixTransform(svg.getScreenCTM().inverse());
        put(number, (100 * place.x) / width, (100 * place.y) / height);
      };
      const end = () => {
        handle.removeEventListener("pointermove", move);
        field(number, "x").focus({ preventScroll: true });
      };
      handle.addEventListener("pointermove", move);
      handle.addEventListener("pointerup", end, { once: true });
      handle.addEventListener("pointercancel", end, { once: true });
    });
  });

  form.addEventListener("input", draw);
  form.addEventListener("keydown", (event) => {
    const step = { PageUp: 2, PageDown: -2 }[event.key];
    const input = event.target.closest("[data-dl-corner]");
    if (!step || !input) return;
    event.preventDefault();
    input.value = Math.min(100, Math.max(0, Number(input.value) + step)).toFixed(1);
    draw();
  });
  draw();
}

/** Start the drawings in `root`. */
export function startCorners(root) {
  for (const form of root.querySelectorAll("[data-dl-corners]:not([data-dl-started])")) startSheet(form);
}
