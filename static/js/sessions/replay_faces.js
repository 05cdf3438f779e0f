// The bars of each face at one moment.

import { format, gettext, ngettext, number as written } from "../shared/i18n.js";
import { svg } from "../shared/svg.js";
import { capitalized, emotionName, probability } from "../shared/words.js";

const UNCERTAIN_CONFIDENCE = 0.5; // as in analysis/recognition/quality.py
const UNCERTAIN_MARGIN = 0.15;
const NAMED = 4; // faces in the slider's text

function element(tag, className, ...children) {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...children);
  return made;
}

function likeliest(probabilities) {
  const [first, second] = [...probabilities].sort((a, b) => b - a);
  const isUncertain = first < UNCERTAIN_CONFIDENCE || first - second < UNCERTAIN_MARGIN;
  return { index: probabilities.indexOf(first), confidence: first, isUncertain };
}

const NAMES = JSON.parse(document.getElementById("face-names")?.textContent ?? "{}");

/** What its owner calls a face, or its number. */
export function faceLabel(face) {
  return NAMES[face] ?? format(gettext("Face %(number)s"), { number: face });
}

class Card {
  #icon;
  #emotions;
  #icons;
  #title = element("h3", "face-title");
  #note = element("p", "small muted");
  #rows;

  constructor(face, emotions, icons) {
    this.#emotions = emotions;
    this.#icons = icons;
    this.#icon = this.#drawing("no-face", "icon icon-emotion face-icon");
    this.#rows = emotions.map((emotion) => this.#row(emotion));
    const words = element("div", "face-words", this.#title, this.#note);
    const number = element("span", "face-number numeric", String(face));
    number.setAttribute("aria-hidden", "true");
    const bars = element("ul", "bars", ...this.#rows.map(({ row }) => row));
    const head = element("header", "face-head", element("span", "face-picture", this.#icon, number), words);
    this.element = element("li", "face-card", head, element("div", "face-body", bars));
    this.face = face;
  }

  show({ probabilities }, isExact) {
    const { index, confidence, isUncertain } = likeliest(probabilities);
    const emotion = this.#emotions[index];
    this.#icon.setAttribute("class", `icon icon-emotion face-icon emotion-${emotion}`);
    this.#icon.firstChild.setAttribute("href", `${this.#icons}#${emotion}`);
    this.#title.textContent = `${capitalized(emotionName(emotion))} ${probability(confidence)}`;
    const notes = [faceLabel(this.face), isUncertain && gettext("uncertain"), !isExact && gettext("mean of this section")];
    this.#note.textContent = notes.filter(Boolean).join(" · ");
    this.#note.classList.toggle("uncertain", isUncertain);
    this.#rows.forEach(({ row, bar, number }, i) => {
      row.classList.toggle("bars-row-first", i === index);
      bar.setAttribute("width", `${(100 * probabilities[i]).toFixed(1)}%`);
      number.textContent = probability(probabilities[i]);
    });
  }

  #row(emotion) {
    const bar = svg("rect", { width: "0%", height: "100%" });
    const number = element("span", "bars-number numeric");
    const word = element("span", "bars-word", this.#drawing(emotion, `icon icon-emotion emotion-${emotion}`), emotionName(emotion));
    const frame = svg("svg", { class: `bar emotion-${emotion}`, "aria-hidden": "true" }, bar);
    return { row: element("li", "bars-row", word, frame, number), bar, number };
  }

  #drawing(name, className) {
    return svg("svg", { class: className, "aria-hidden": "true" }, svg("use", { href: `${this.#icons}#${name}` }));
  }
}

export class ReplayFaces {
  #list;
  #nobody;
  #cards = new Map();
  #make;

  constructor(section, emotions, icons) {
    this.#list = section.querySelector("[data-faces]");
    this.#nobody = section.querySelector("[data-nobody]");
    this.#make = (face) => new Card(face, emotions, icons);
    this.emotions = emotions;
  }

  show({ faces, isExact }) {
    this.#nobody.hidden = faces.length > 0;
    const shown = faces.map((seen) => {
      if (!this.#cards.has(seen.face)) this.#cards.set(seen.face, this.#make(seen.face));
      const card = this.#cards.get(seen.face);
      card.show(seen, isExact);
      return card.element;
    });
    if (shown.length !== this.#list.children.length || shown.some((card, i) => card !== this.#list.children[i])) {
      this.#list.replaceChildren(...shown);
    }
  }

  /** The same as text. */
  words({ faces }) {
    if (!faces.length) return gettext("no face found");
    const say = ({ face, probabilities }) => {
      const { index, confidence, isUncertain } = likeliest(probabilities);
      const values = { face: faceLabel(face), expression: emotionName(this.emotions[index]), share: probability(confidence) };
      if (isUncertain) return format(gettext("%(face)s: %(expression)s %(share)s, uncertain"), values);
      return format(gettext("%(face)s: %(expression)s %(share)s"), values);
    };
    const said = faces.slice(0, NAMED).map(say).join("; ");
    const others = faces.length - NAMED;
    if (others <= 0) return said;
    return format(ngettext("%(faces)s; and %(count)s more", "%(faces)s; and %(count)s more", others), { faces: said, count: written(others) });
  }
}
