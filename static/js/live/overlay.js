// Draws a circle and a label around each face, above the video. Answers lag behind the video, so circles are
// extrapolated by the face's speed and move smoothly.

import { emotionName, percent } from "../shared/words.js";

// The circle in the square that the network looks at, in sides of the detector's box (recognition/framing.py).
const RADIUS = 0.56;
const RAISED = 0.018;
const FONT = "600 14px system-ui, sans-serif";
const LABEL = 28;
const ICON = 20;
const PADDING = 5;
const WIDE = 960; // pixels of a picture; on wider ones rings and labels grow with it
const GAP = 6;
const GLIDE = 40; // milliseconds, time constant of a circle's movement
const AHEAD = 200; // milliseconds of extrapolation at most
const STEADY = 0.6; // weight of a face's previous speed in its current speed
const STALE = 1500; // milliseconds after which an answer is not shown

const still = window.matchMedia("(prefers-reduced-motion: reduce)");

function labelOf(face) {
  return `${face.id} · ${emotionName(face.emotion)} ${percent(face.confidence)}${face.is_uncertain ? "?" : ""}`;
}

function overlaps(a, b) {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

function clamp(value, low, high) {
  return Math.max(low, Math.min(value, high));
}

function sideOf(width, height) {
  return (width + height) / 2;
}

// A face's centre in pixels of the frame, and its speed in pixels per millisecond.
function moved({ box: [left, top, width, height] }, at, before) {
  const [x, y] = [left + width / 2, top + height / 2 - RAISED * sideOf(width, height)];
  const passed = at - (before?.at ?? at);
  if (passed <= 0) return { x, y, at, speedX: 0, speedY: 0 };
  const speed = (now, then, old) => STEADY * old + (1 - STEADY) * ((now - then) / passed);
  return { x, y, at, speedX: speed(x, before.x, before.speedX), speedY: speed(y, before.y, before.speedY) };
}

// The first free position inside the image: below the circle, above it, beside it.
function placeLabel({ x, y, r }, width, area, taken) {
  const places = [
    { x: x - width / 2, y: y + r + GAP },
    { x: x - width / 2, y: y - r - GAP - LABEL },
    { x: x + r + GAP, y: y - LABEL / 2 },
    { x: x - r - GAP - width, y: y - LABEL / 2 },
  ].map((place) => ({
    x: clamp(place.x, GAP, Math.max(GAP, area.width - width - GAP)),
    y: clamp(place.y, GAP, Math.max(GAP, area.height - LABEL - GAP)),
    width,
    height: LABEL,
    wanted: place,
  }));
  const fits = (place) => Math.abs(place.y - place.wanted.y) < 1 && !taken.some((other) => overlaps(place, other));
  return places.find(fits) ?? places.find((place) => !taken.some((other) => overlaps(place, other))) ?? places[0];
}

export class Overlay {
  mirrored = true;
  icons = {};
  #canvas;
  #pen;
  #colours;
  #faces = [];
  #shown = new Map();
  #seen = new Map();
  #size = { width: 1, height: 1 };
  #answeredAt = 0;
  #zoom = 1; // of rings and labels, where the picture fills a screen
  #drawnAt = 0;

  constructor(canvas, colours) {
    this.#canvas = canvas;
    this.#pen = canvas.getContext("2d");
    this.#colours = colours;
    new ResizeObserver(() => this.#fit()).observe(canvas);
  }

  // `size`: of the frame that the boxes refer to; `at`: when it was captured (performance.now()).
  show(faces, size, at) {
    const before = this.#seen;
    this.#seen = new Map(faces.map((face) => [face.id, moved(face, at, before.get(face.id))]));
    this.#faces = faces;
    this.#size = size;
    this.#answeredAt = performance.now();
  }

  clear() {
    this.#faces = [];
    this.#shown.clear();
    this.#seen.clear();
    this.draw(performance.now());
  }

  draw(now) {
    const area = { width: this.#canvas.clientWidth / this.#zoom, height: this.#canvas.clientHeight / this.#zoom };
    this.#pen.clearRect(0, 0, area.width, area.height);
    const faces = now - this.#answeredAt > STALE ? [] : this.#faces;
    const circles = this.#glide(faces, area, now);
    const taken = [];
    for (const [index, face] of faces.entries()) this.#ring(face, circles[index]);
    for (const [index, face] of faces.entries()) this.#label(face, circles[index], area, taken);
  }

  #fit() {
    const ratio = window.devicePixelRatio || 1;
    this.#canvas.width = Math.round(this.#canvas.clientWidth * ratio);
    this.#canvas.height = Math.round(this.#canvas.clientHeight * ratio);
    this.#zoom = Math.max(1, this.#canvas.clientWidth / WIDE);
    this.#pen.setTransform(ratio * this.#zoom, 0, 0, ratio * this.#zoom, 0, 0);
    this.draw(performance.now());
  }

  #target(face, area, now) {
    const scale = area.width / this.#size.width;
    const { x, y, speedX, speedY, at } = this.#seen.get(face.id);
    const ahead = Math.min(now - at, AHEAD);
    const centre = (x + speedX * ahead) * scale;
    return {
      x: this.mirrored ? area.width - centre : centre,
      y: (y + speedY * ahead) * scale,
      r: Math.max(RADIUS * sideOf(face.box[2], face.box[3]) * scale, 12),
    };
  }

  #glide(faces, area, now) {
    const share = still.matches ? 1 : 1 - Math.exp(-(now - this.#drawnAt) / GLIDE);
    this.#drawnAt = now;
    const before = this.#shown;
    this.#shown = new Map(
      faces.map((face) => {
        const to = this.#target(face, area, now);
        const from = before.get(face.id) ?? to;
        const between = (key) => from[key] + (to[key] - from[key]) * share;
        return [face.id, { x: between("x"), y: between("y"), r: between("r") }];
      }),
    );
    return faces.map((face) => this.#shown.get(face.id));
  }

  // Dark, white and coloured rings, one of which contrasts with any image.
  #ring(face, { x, y, r }) {
    const pen = this.#pen;
    pen.beginPath();
    pen.arc(x, y, r, 0, 2 * Math.PI);
    for (const [colour, width] of [["rgb(0 0 0 / 45%)", 7], ["rgb(255 255 255 / 90%)", 5], [this.#colours[face.emotion], 3]]) {
      pen.strokeStyle = colour;
      pen.lineWidth = width;
      pen.setLineDash(face.is_uncertain && width === 3 ? [10, 7] : []);
      pen.stroke();
    }
    pen.setLineDash([]);
  }

  #label(face, circle, area, taken) {
    const pen = this.#pen;
    const text = labelOf(face);
    const icon = this.icons[face.emotion];
    const left = PADDING + (icon ? ICON + PADDING : PADDING);
    pen.font = FONT;
    // Rounded up, so that the label's width does not jitter with each digit.
    const width = Math.ceil((left + pen.measureText(text).width + 2 * PADDING) / 8) * 8;
    const place = placeLabel(circle, width, area, taken);
    taken.push(place);
    pen.beginPath();
    pen.roundRect(place.x, place.y, width, LABEL, 8);
    pen.fillStyle = "rgb(23 21 26 / 88%)";
    pen.fill();
    pen.strokeStyle = this.#colours[face.emotion];
    pen.lineWidth = 1.5;
    pen.stroke();
    if (icon) pen.drawImage(icon, place.x + PADDING, place.y + (LABEL - ICON) / 2, ICON, ICON);
    pen.fillStyle = "#ffffff";
    pen.textAlign = "left";
    pen.textBaseline = "middle";
    pen.fillText(text, place.x + left, place.y + LABEL / 2 + 1);
  }
}
