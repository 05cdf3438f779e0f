// Marks a face that was missed: a box drawn on the photo by pointer, or moved and resized by keys, sent as a form.

import { format, gettext, number, wholePercent } from "../shared/i18n.js";

const LEAST = 20; // pixels of a stored picture, whose longer side has at most LARGEST; the server checks the same
const LARGEST = 3072;
const STEP = 0.02; // of the photo's shorter side, for each press of an arrow key
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const CORNERS = ["left top", "right top", "left bottom", "right bottom"];

const clamp = (value, low, high) => Math.max(low, Math.min(value, high));

class FaceMarker {
  #stage = document.querySelector("[data-overlay]");
  #picture = document.querySelector("[data-stage-picture]");
  #form = document.querySelector("[data-mark-form]");
  #opener = document.querySelector("[data-mark-open]");
  #frame = null;
  #box = null;
  #drag = null;
  // In pixels of the upright original, as the form's.
  #width = Number(this.#picture.getAttribute("width"));
  #height = Number(this.#picture.getAttribute("height"));
  #least = LEAST * Math.max(1, Math.max(this.#width, this.#height) / LARGEST);

  start() {
    this.#opener.hidden = false;
    this.#opener.addEventListener("click", () => (this.#frame ? this.#close() : this.#open()));
    this.#form.querySelector("[data-mark-cancel]").addEventListener("click", () => this.#close());
    this.#form.addEventListener("submit", () => this.#send());
    this.#stage.addEventListener("pointerdown", (event) => this.#grab(event));
    this.#stage.addEventListener("pointermove", (event) => this.#pull(event));
    for (const end of ["pointerup", "pointercancel"]) this.#stage.addEventListener(end, () => this.#release());
    new ResizeObserver(() => this.#show()).observe(this.#picture);
  }

  #open() {
    const side = Math.min(this.#width, this.#height) / 5;
    this.#frame = this.#newFrame();
    this.#stage.append(this.#frame);
    this.#set({ x: (this.#width - side) / 2, y: (this.#height - side) / 2, width: side, height: side });
    this.#toggle(true);
    this.#frame.focus();
  }

  #close() {
    this.#frame.remove();
    this.#frame = null;
    this.#toggle(false);
    this.#opener.focus();
  }

  #toggle(isOpen) {
    this.#stage.classList.toggle("is-marking", isOpen);
    this.#form.hidden = !isOpen;
    this.#opener.setAttribute("aria-pressed", String(isOpen));
  }

  #newFrame() {
    const frame = document.createElement("div");
    frame.className = "mark-frame";
    frame.tabIndex = 0;
    // Arrow keys are the box's own here, not a screen reader's.
    frame.setAttribute("role", "application");
    frame.setAttribute("aria-label", gettext("Box around the face"));
    frame.setAttribute("aria-describedby", "mark-help");
    for (const corner of CORNERS) {
      const handle = document.createElement("span");
      handle.className = `mark-handle ${corner.replace(/(\w+) (\w+)/, "mark-$1 mark-$2")}`;
      handle.dataset.corner = corner;
      frame.append(handle);
    }
    frame.addEventListener("keydown", (event) => this.#onKey(event));
    return frame;
  }

  get #scale() {
    return this.#picture.clientWidth / this.#width;
  }

  #set({ x, y, width, height }) {
    const box = { width: clamp(width, this.#least, this.#width), height: clamp(height, this.#least, this.#height) };
    box.x = clamp(x, 0, this.#width - box.width);
    box.y = clamp(y, 0, this.#height - box.height);
    this.#box = box;
    this.#show();
  }

  #show() {
    if (!this.#frame) return;
    for (const [side, name] of [["left", "x"], ["top", "y"], ["width", "width"], ["height", "height"]]) {
      this.#frame.style[side] = `${this.#box[name] * this.#scale}px`;
    }
  }

  #tell() {
    const { x, y, width, height } = this.#box;
    const text = gettext("%(width)s by %(height)s pixels, %(left)s from the left, %(top)s from the top");
    this.#form.querySelector("[data-mark-status]").textContent = format(text, {
      width: number(Math.round(width)),
      height: number(Math.round(height)),
      left: wholePercent((x + width / 2) / this.#width),
      top: wholePercent((y + height / 2) / this.#height),
    });
  }

  #onKey(event) {
    if (event.key === "Escape") this.#close();
    else if (event.key === "Enter") this.#form.requestSubmit();
    else if (event.key in ARROWS) this.#step(event);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #step({ key, shiftKey }) {
    const step = STEP * Math.min(this.#width, this.#height);
    const [across, down] = ARROWS[key].map((direction) => direction * step);
    const { x, y, width, height } = this.#box;
    this.#set(shiftKey ? { x, y, width: width + across, height: height + down } : { x: x + across, y: y + down, width, height });
    this.#tell();
  }

  #pointOf({ clientX, clientY }) {
    const { left, top } = this.#picture.getBoundingClientRect();
    return [clamp((clientX - left) / this.#scale, 0, this.#width), clamp((clientY - top) / this.#scale, 0, this.#height)];
  }

  // A corner resizes the box, its inside moves it, and elsewhere a new one begins.
  #grab(event) {
    if (!this.#frame || event.button !== 0) return;
    event.preventDefault();
    this.#stage.setPointerCapture(event.pointerId);
    const [x, y] = this.#pointOf(event);
    const corner = event.target.dataset?.corner;
    const { x: left, y: top, width, height } = this.#box;
    if (corner) {
      this.#drag = { from: [corner.includes("left") ? left + width : left, corner.includes("top") ? top + height : top] };
    } else if (event.target === this.#frame) {
      this.#drag = { offset: [x - left, y - top] };
    } else {
      this.#drag = { from: [x, y] };
    }
    this.#frame.focus();
  }

  #pull(event) {
    if (!this.#drag) return;
    const [x, y] = this.#pointOf(event);
    const { from, offset } = this.#drag;
    if (offset) this.#set({ ...this.#box, x: x - offset[0], y: y - offset[1] });
    else this.#set({ x: Math.min(x, from[0]), y: Math.min(y, from[1]), width: Math.abs(x - from[0]), height: Math.abs(y - from[1]) });
  }

  #release() {
    if (!this.#drag) return;
    this.#drag = null;
    this.#tell();
  }

  #send() {
    for (const [name, value] of Object.entries(this.#box)) this.#form.elements[name].value = value.toFixed(1);
    const button = this.#form.querySelector("[type=submit]");
    button.disabled = true;
    button.lastChild.textContent = gettext("Analysing");
  }
}

new FaceMarker().start();
