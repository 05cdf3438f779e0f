// Shows a hint once the image has been too dark, the face too small or no face visible for a while.

import { gettext } from "../shared/i18n.js";

const DARK = 45; // of 255, the mean brightness
const SMALL = 0.09; // of the image's width: fewer pixels than the network's input
const LASTS = 1500; // milliseconds

const WORDS = {
  dark: gettext("It is too dark. Add more light on the face."),
  nobody: gettext("No face in the picture. Look at the camera."),
  far: gettext("The face is small. Move closer."),
};

function reason(faces, size, luma) {
  if (luma < DARK) return "dark";
  if (!faces.length) return "nobody";
  const widest = Math.max(...faces.map((face) => face.box[2]));
  return widest < SMALL * size.width ? "far" : "";
}

export class Hints {
  #element;
  #reason = "";
  #since = 0;

  constructor(element) {
    this.#element = element;
  }

  look(faces, size, luma, now) {
    const found = reason(faces, size, luma);
    if (found !== this.#reason) {
      this.#reason = found;
      this.#since = now;
    }
    if (now - this.#since > LASTS) this.#show(found);
  }

  clear() {
    this.#reason = "";
    this.#show("");
  }

  #show(found) {
    if (this.#element.dataset.hint === found) return;
    this.#element.dataset.hint = found;
    this.#element.textContent = WORDS[found] ?? "";
  }
}
