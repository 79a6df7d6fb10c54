// Boxes: highlighted on the image while their line is hovered, and drawn on the image to fill in a form.

const form = document.getElementById("ask");
const panel = document.getElementById("answer");
const SVG = "http://www.w3.org/2000/svg";

// ── in an answer ──

document.addEventListener("plait:answer", fillImages);
for (const [event, on] of [["pointerover", true], ["pointerout", false], ["focusin", true], ["focusout", false]]) {
  panel.addEventListener(event, ({ target }) => highlight(target, on));
}

// A streamed answer does not contain the image: it is taken from the form.
function fillImages() {
  for (const figure of panel.querySelectorAll("figure[data-shows]")) {
    const image = figure.querySelector("img:not([src])");
    if (image) image.src = pictureOf(figure.dataset.shows)?.querySelector("img").src ?? "";
  }
}

// The pointer is on a box's line, its row, or the box on the image: all of them are highlighted.
function highlight(target, on) {
  const at = target.closest?.("[data-box], tr, li, dl");
  if (!at) return;
  const links = at.matches("[data-box]") ? [at] : [...at.querySelectorAll("[data-box]")];
  for (const { dataset } of links) {
    for (const each of panel.querySelectorAll(`[data-box="${dataset.box}"]`)) each.classList.toggle("lit", on);
  }
}

// ── in a form ──

document.addEventListener("plait:picture", prepare);
form.addEventListener("input", ({ target }) => redraw(target.closest(".corners")));
form.addEventListener("focusin", ({ target }) => activate(target.closest(".corners")));
prepare();

function pictureOf(path) {
  return form.querySelector(`figure[data-picture="${CSS.escape(path)}"]`);
}

function prepare() {
  for (const corners of form.querySelectorAll(".corners[data-on]")) {
    const figure = pictureOf(corners.dataset.on);
    const image = figure?.querySelector("img");
    if (!image?.src) continue;
    image.decode().then(() => layer(figure, image, corners), () => {});
  }
}

// The drawing layer: one per image, with a rectangle for each of its boxes.
function layer(figure, image, corners) {
  let svg = figure.querySelector("svg");
  if (!svg) {
    svg = figure.appendChild(document.createElementNS(SVG, "svg"));
    svg.setAttribute("tabindex", "0");
    svg.setAttribute("role", "application");
    svg.setAttribute("aria-label", corners.dataset.draw);
    svg.classList.add("drawable");
    listen(svg);
  }
  svg.setAttribute("viewBox", `0 0 ${image.naturalWidth} ${image.naturalHeight}`);
  svg.active ??= corners;
  redraw(corners);
}

function redraw(corners) {
  const svg = corners && pictureOf(corners.dataset.on)?.querySelector("svg");
  if (!svg) return;
  corners.rect ??= svg.appendChild(document.createElementNS(SVG, "rect"));
  const [x0, y0, x1, y1] = inputs(corners).map(({ value }) => Number(value));
  const complete = inputs(corners).every(({ value }) => value !== "") && x0 < x1 && y0 < y1;
  const [x, y, width, height] = complete ? [x0, y0, x1 - x0, y1 - y0] : [0, 0, 0, 0];
  for (const [name, value] of Object.entries({ x, y, width, height })) corners.rect.setAttribute(name, value);
}

function activate(corners) {
  const svg = corners && pictureOf(corners.dataset.on)?.querySelector("svg");
  if (svg) svg.active = corners;
}

function inputs(corners) {
  return [...corners.querySelectorAll("input")];
}

function setCorners(svg, values) {
  inputs(svg.active).forEach((input, place) => (input.value = values[place]));
  redraw(svg.active);
}

function listen(svg) {
  let from = null;
  svg.addEventListener("pointerdown", (event) => {
    from = pointAt(svg, event);
    svg.setPointerCapture(event.pointerId);
    svg.focus();
    event.preventDefault();
  });
  svg.addEventListener("pointermove", (event) => {
    if (from) setCorners(svg, between(from, pointAt(svg, event)));
  });
  svg.addEventListener("pointerup", () => (from = null));
  svg.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    setCorners(svg, boxAfterStep(svg, step, event.shiftKey));
  });
}

// A point in pixels of the image, clipped to it.
function pointAt(svg, { clientX, clientY }) {
  const bounds = svg.getBoundingClientRect();
  const { width, height } = svg.viewBox.baseVal;
  const within = (share, length) => Math.round(Math.min(1, Math.max(0, share)) * length);
  return [within((clientX - bounds.left) / bounds.width, width), within((clientY - bounds.top) / bounds.height, height)];
}

function between([ax, ay], [bx, by]) {
  return [Math.min(ax, bx), Math.min(ay, by), Math.max(ax, bx), Math.max(ay, by)];
}

// Moves or resizes the box by a hundredth of the image; a box that does not exist yet starts in the middle.
function boxAfterStep(svg, [across, down], resized) {
  const { width, height } = svg.viewBox.baseVal;
  const values = inputs(svg.active).map(({ value }) => value);
  if (values.includes("")) return [width / 3, height / 3, (2 * width) / 3, (2 * height) / 3].map(Math.round);
  const [x0, y0, x1, y1] = values.map(Number);
  const [dx, dy] = [across * Math.ceil(width / 100), down * Math.ceil(height / 100)];
  const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
  if (resized) return [x0, y0, clamp(x1 + dx, x0 + 1, width), clamp(y1 + dy, y0 + 1, height)];
  const [sx, sy] = [clamp(dx, -x0, width - x1), clamp(dy, -y0, height - y1)];
  return [x0 + sx, y0 + sy, x1 + sx, y1 + sy];
}
