// What lies over the picture of one page: the annotations on it, and what is being chosen.

const SVG = "http://www.w3.org/2000/svg";

export class Layer {
  constructor(sheet) {
    this.sheet = sheet;
    this.picture = document.createElementNS(SVG, "svg");
    this.picture.setAttribute("class", "dl-annotation-marks dl-leaf__annotations");
    this.picture.setAttribute("aria-hidden", "true");
    this.picture.setAttribute("preserveAspectRatio", "none");
    sheet.marks.after(this.picture);
    this.marks = [];
    this.chosen = [];
  }

  /** Show these annotations: `boxes` are shares of the page. */
  show(marks, current) {
    this.marks = marks;
    this.current = current;
    this.draw();
  }

  /** Show what is being chosen, as boxes in points of the page. */
  choose(boxes) {
    this.chosen = boxes;
    this.draw();
  }

  draw() {
    const { facts } = this.sheet;
    if (!facts) {
      this.picture.replaceChildren();
      return;
    }
    const { width, height } = facts;
    this.picture.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const rects = this.marks.flatMap((mark) => mark.boxes.flatMap(([left, top, wide, tall]) => {
      const classes = ["dl-mark", `dl-mark--${mark.colour}`, `dl-mark--${mark.pattern}`];
      if (mark.resolved) classes.push("dl-mark--resolved");
      if (mark.id === this.current) classes.push("dl-mark--current");
      const [x, y, across, down] = [left * width, top * height, wide * width, tall * height];
      const edge = this.rect(x, y, across, down, classes);
      if (mark.pattern !== "double" || Math.min(across, down) < 8) return [edge];
      return [edge, this.rect(x + 2.5, y + 2.5, across - 5, down - 5, ["dl-mark", `dl-mark--${mark.colour}`, "dl-mark--inner"])];
    }));
    rects.push(...this.chosen.map(([left, top, right, bottom]) => this.rect(left, top, right - left, bottom - top, ["dl-mark", "dl-mark--chosen"])));
    this.picture.replaceChildren(...rects);
  }

  rect(x, y, width, height, classes) {
    const rect = document.createElementNS(SVG, "rect");
    for (const [name, value] of Object.entries({ x, y, width, height })) rect.setAttribute(name, value.toFixed(2));
    rect.setAttribute("class", classes.join(" "));
    return rect;
  }

  /** The annotation at this place (shares of the page), the smallest where several are. */
  at(x, y) {
    const over = this.marks.flatMap((mark) => mark.boxes
      .filter(([left, top, wide, tall]) => x >= left && x <= left + wide && y >= top && y <= top + tall)
      .map(([, , wide, tall]) => ({ mark, size: wide * tall })));
    return over.sort((one, other) => one.size - other.size)[0]?.mark ?? null;
  }
}
