// Draws a circle and a label round each face of a photo, from data, anew whenever the photo's size on the page changes.
// Emits "face:select" on the stage when somebody picks a face.

import { placeLabels } from "./labels.js";
import { format, gettext } from "../shared/i18n.js";
import { svg } from "../shared/svg.js";

const LABEL_HEIGHT = 26;
const NUMBER = { height: 20, font: "600 13px system-ui, sans-serif" };
const SMALL_NUMBER = { height: 16, font: "600 11px system-ui, sans-serif" };
const LEAST_RADIUS = 8;
const SMALL = 30; // pixels of radius below which a ring is drawn thinner
const ICON = 18;
const PADDING = 5;
const FONT = "600 13px system-ui, sans-serif";

const ruler = document.createElement("canvas").getContext("2d");

function textWidth(text, font = FONT) {
  ruler.font = font;
  return Math.ceil(ruler.measureText(text).width) + 2;
}

function labelSizes(face, { radius }) {
  const { height, font } = radius < SMALL / 2 ? SMALL_NUMBER : NUMBER;
  return {
    full: { width: textWidth(face.text) + ICON + 3 * PADDING, height: LABEL_HEIGHT },
    short: { width: Math.max(textWidth(String(face.position), font) + PADDING, height), height },
  };
}

function circleOf(face, scale) {
  const [x, y, radius] = face.circle.map((number) => number * scale);
  return { x, y, radius: Math.max(radius, LEAST_RADIUS) };
}

function drawNumber({ x, y, width, height }, face) {
  const kind = height < NUMBER.height ? "mark-number mark-number-small" : "mark-number";
  return svg(
    "g",
    { transform: `translate(${x} ${y})` },
    svg("rect", { class: "mark-plate", width, height, rx: height / 2 }),
    svg("text", { class: `mark-text ${kind}`, x: width / 2, y: 0.72 * height }, String(face.position)),
  );
}

function drawLabel(place, face, icons) {
  if (place.isShort) return drawNumber(place, face);
  return svg(
    "g",
    { transform: `translate(${place.x} ${place.y})` },
    svg("rect", { class: "mark-plate", width: place.width, height: place.height, rx: 8 }),
    svg("svg", { class: "mark-icon", x: PADDING, y: (LABEL_HEIGHT - ICON) / 2, width: ICON, height: ICON },
      svg("use", { href: `${icons}#${face.emotion || "uncertain"}` })),
    svg("text", { class: "mark-text", x: ICON + 2 * PADDING, y: LABEL_HEIGHT / 2 + 4.5 }, face.text),
  );
}

function drawMark(face, circle, place, area, icons) {
  const { x: cx, y: cy, radius: r } = circle;
  return svg(
    "g",
    {
      class: `mark emotion-${face.emotion || "unknown"}${r < SMALL ? " mark-small" : ""}`,
      role: "button",
      tabindex: -1,
      "aria-label": format(gettext("Face %(number)s: %(result)s"), { number: face.position, result: face.label }),
      "aria-pressed": "false",
      "data-mark": face.position,
    },
    // An inner svg ends at the picture's border; a label may stand out of a narrow picture.
    svg(
      "svg",
      area,
      svg("circle", { class: "mark-shadow", cx, cy, r }),
      svg("circle", { class: "mark-halo", cx, cy, r }),
      svg("circle", { class: "mark-ring", cx, cy, r }),
    ),
    drawLabel(place, face, icons),
  );
}

function draw(marks, data, picture, icons) {
  const area = { width: picture.clientWidth, height: picture.clientHeight };
  if (!area.width) return;
  const circles = data.faces.map((face) => circleOf(face, area.width / data.width));
  const places = placeLabels(circles, data.faces.map((face, i) => labelSizes(face, circles[i])), area);
  const focused = document.activeElement?.dataset?.mark;
  marks.setAttribute("viewBox", `0 0 ${area.width} ${area.height}`);
  marks.replaceChildren(...data.faces.map((face, i) => drawMark(face, circles[i], places[i], area, icons)));
  // One stop for Tab; arrow keys go on from it.
  (marks.querySelector(`[data-mark="${focused}"]`) ?? marks.firstElementChild).setAttribute("tabindex", 0);
  if (focused) marks.querySelector(`[data-mark="${focused}"]`)?.focus();
}

const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

function focusMark(marks, mark) {
  for (const other of marks.children) other.setAttribute("tabindex", other === mark ? 0 : -1);
  mark.focus();
}

function onKey(marks, event) {
  const mark = event.target.closest("[data-mark]");
  if (!mark || event.altKey || event.ctrlKey || event.metaKey) return;
  const all = [...marks.children];
  const ends = { Home: all[0], End: all.at(-1) };
  const next = ends[event.key] ?? all[all.indexOf(mark) + (STEPS[event.key] ?? NaN)];
  if (event.key in STEPS || event.key in ends) event.preventDefault();
  if (next) focusMark(marks, next);
  if (event.key !== "Enter" && event.key !== " ") return;
  event.preventDefault();
  pick(mark);
}

function pick(mark) {
  mark?.dispatchEvent(new CustomEvent("face:select", { detail: mark.dataset.mark, bubbles: true }));
}

function bindToggle(marks) {
  const toggle = document.querySelector("[data-overlay-toggle]");
  if (!toggle) return;
  toggle.hidden = false;
  toggle.addEventListener("click", () => {
    const shown = toggle.getAttribute("aria-pressed") !== "true";
    toggle.setAttribute("aria-pressed", String(shown));
    marks.toggleAttribute("hidden", !shown);
  });
}

for (const stage of document.querySelectorAll("[data-overlay]")) {
  const data = JSON.parse(stage.querySelector('script[type="application/json"]').textContent);
  for (const face of data.faces) face.text = data.faces.length > 1 ? `${face.position} · ${face.label}` : face.label;
  const picture = stage.querySelector("[data-stage-picture]");
  const marks = svg("svg", { class: "marks", role: "group", "aria-label": gettext("Faces in this photo") });
  if (data.faces.length) {
    stage.append(marks);
    new ResizeObserver(() => {
      draw(marks, data, picture, stage.dataset.icons);
      stage.dispatchEvent(new CustomEvent("overlay:drawn", { bubbles: true }));
    }).observe(picture);
    marks.addEventListener("click", (event) => pick(event.target.closest("[data-mark]")));
    marks.addEventListener("keydown", (event) => onKey(marks, event));
    bindToggle(marks);
  }
}
