// Draws a circle and a label round each face of a photo, from data, anew whenever the photo's size on the page changes.
// Emits "face:select" on the stage when somebody picks a face.

import { placeLabels } from "./labels.js";
import { svg } from "../shared/svg.js";

const CIRCLE = 0.62; // of the box's longer side: round the face rather than across it
const LABEL_HEIGHT = 26;
const SMALL = 30; // pixels of radius below which a ring is drawn thinner
const ICON = 18;
const PADDING = 5;
const FONT = "600 13px system-ui, sans-serif";

const ruler = document.createElement("canvas").getContext("2d");

function textWidth(text) {
  ruler.font = FONT;
  return Math.ceil(ruler.measureText(text).width) + 2;
}

function labelSize(text) {
  return { width: textWidth(text) + ICON + 3 * PADDING, height: LABEL_HEIGHT };
}

function circleOf(face, scale) {
  const [x, y, width, height] = face.box;
  return {
    x: (x + width / 2) * scale,
    y: (y + height / 2) * scale,
    radius: Math.max(CIRCLE * Math.max(width, height) * scale, 10),
  };
}

function drawLabel(place, face, icons) {
  const text = place.isShort ? String(face.position) : face.label;
  return svg(
    "g",
    { transform: `translate(${place.x} ${place.y})` },
    svg("rect", { class: "mark-plate", width: place.width, height: place.height, rx: 8 }),
    svg("svg", { class: "mark-icon", x: PADDING, y: (LABEL_HEIGHT - ICON) / 2, width: ICON, height: ICON },
      svg("use", { href: `${icons}#${face.emotion}` })),
    svg("text", { class: "mark-text", x: ICON + 2 * PADDING, y: LABEL_HEIGHT / 2 + 4.5 }, text),
  );
}

function drawMark(face, circle, place, area, icons) {
  const { x: cx, y: cy, radius: r } = circle;
  return svg(
    "g",
    {
      class: `mark emotion-${face.emotion}${r < SMALL ? " mark-small" : ""}`,
      role: "button",
      tabindex: 0,
      "aria-label": `Face ${face.position}: ${face.label}`,
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
  const sizes = data.faces.map((face) => ({ full: labelSize(face.label), short: labelSize(String(face.position)) }));
  const places = placeLabels(circles, sizes, area);
  const focused = document.activeElement?.dataset?.mark;
  marks.setAttribute("viewBox", `0 0 ${area.width} ${area.height}`);
  marks.replaceChildren(...data.faces.map((face, i) => drawMark(face, circles[i], places[i], area, icons)));
  if (focused) marks.querySelector(`[data-mark="${focused}"]`)?.focus();
}

function onPick(stage, event) {
  const mark = event.target.closest("[data-mark]");
  if (!mark) return;
  if (event.type === "keydown") {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
  }
  stage.dispatchEvent(new CustomEvent("face:select", { detail: mark.dataset.mark, bubbles: true }));
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
  const picture = stage.querySelector("[data-stage-picture]");
  const marks = svg("svg", { class: "marks", role: "group", "aria-label": "Faces in this photo" });
  if (data.faces.length) {
    stage.append(marks);
    new ResizeObserver(() => {
      draw(marks, data, picture, stage.dataset.icons);
      stage.dispatchEvent(new CustomEvent("overlay:drawn", { bubbles: true }));
    }).observe(picture);
    stage.addEventListener("click", (event) => onPick(stage, event));
    stage.addEventListener("keydown", (event) => onPick(stage, event));
    bindToggle(marks);
  }
}
