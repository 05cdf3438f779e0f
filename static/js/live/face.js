// Shows one face as text and bars: the picked one, or the largest, until it disappears.

import { format, gettext } from "../shared/i18n.js";
import { capitalized, emotionName, percent } from "../shared/words.js";
import { doubtsInWords } from "./words.js";

const LARGER = 1.3; // how much larger another face must be to replace the shown one
const WORDS_EVERY = 200; // milliseconds; numbers that change faster cannot be read
const ANNOUNCE_EVERY = 4000;
const SETTLED = 1000; // milliseconds an emotion must last before it is announced

function area({ box }) {
  return box[2] * box[3];
}

export class FacePanel {
  followed = null;
  #card;
  #chips;
  #icon;
  #icons;
  #rows;
  #picked = null;
  #writtenAt = 0;
  #told = { text: "", at: 0 };
  #since = { key: "", at: 0 };

  constructor(card, emotions, icons) {
    this.#card = card;
    this.#icons = icons;
    this.#chips = card.querySelector("[data-chips]");
    this.#icon = card.querySelector("[data-face-icon]");
    this.#rows = emotions.map((emotion) => card.querySelector(`[data-bar="${emotion}"]`));
    this.#chips.addEventListener("click", (event) => this.#pick(event.target.closest("[data-chip]")));
  }

  // Updates from the faces of an answer; `now` in milliseconds.
  show(faces, now) {
    const face = this.#choose(faces);
    if (face) face.probabilities.forEach((share, i) => this.#bar(i, share));
    const key = face ? `${face.id} ${face.emotion}` : "";
    if (key !== this.#since.key) this.#since = { key, at: now };
    if (now - this.#writtenAt >= WORDS_EVERY || this.#card.dataset.shown !== key) {
      this.#writtenAt = now;
      this.#card.dataset.shown = key;
      this.#write(face);
      this.#offer(faces);
    }
    this.#announce(face, now);
  }

  clear() {
    this.#picked = this.followed = null;
    this.#rows.forEach((_, i) => this.#bar(i, 0));
    this.#card.dataset.shown = "";
    this.#write(null);
    this.#offer([]);
    this.#told = { text: "", at: 0 };
  }

  #choose(faces) {
    const picked = faces.find((face) => face.id === this.#picked);
    const followed = faces.find((face) => face.id === this.followed);
    const largest = faces.reduce((best, face) => (best && area(best) >= area(face) ? best : face), null);
    const stays = followed && area(largest) < LARGER * area(followed);
    const face = picked ?? (stays ? followed : largest);
    if (face) this.followed = face.id;
    return face;
  }

  #bar(index, share) {
    this.#rows[index].querySelector("rect").setAttribute("width", `${(100 * share).toFixed(1)}%`);
  }

  #write(face) {
    const say = (name, text) => (this.#card.querySelector(`[data-face-${name}]`).textContent = text);
    this.#icon.setAttribute("href", `${this.#icons}#${face?.emotion ?? "no-face"}`);
    this.#icon.parentNode.setAttribute("class", `icon icon-emotion face-icon${face ? ` emotion-${face.emotion}` : " live-nobody"}`);
    say("emotion", this.#titleOf(face));
    say("confidence", face ? percent(face.confidence) : "");
    say("note", this.#noteOf(face));
    this.#card.querySelector("[data-face-note]").classList.toggle("uncertain", Boolean(face?.is_uncertain));
    this.#rows.forEach((row, i) => {
      row.querySelector("[data-bar-number]").textContent = percent(face?.probabilities[i] ?? 0);
      row.classList.toggle("bars-row-first", row.dataset.bar === face?.emotion);
    });
    Object.assign(this.#card.dataset, { face: face?.id ?? "", emotion: face?.emotion ?? "" });
  }

  #titleOf(face) {
    if (face) return capitalized(emotionName(face.emotion));
    return this.followed === null ? gettext("No face yet") : gettext("No face");
  }

  #noteOf(face) {
    if (!face) return gettext("The bars show how likely each expression is at this moment.");
    const values = { number: face.id, reasons: doubtsInWords(face.doubts) };
    if (!face.is_uncertain) return format(gettext("Face %(number)s"), values);
    if (!values.reasons) return format(gettext("Face %(number)s · uncertain"), values);
    return format(gettext("Face %(number)s · uncertain: the face is %(reasons)s"), values);
  }

  // With several faces, buttons to pick one.
  #offer(faces) {
    const ids = faces.length > 1 ? faces.map((face) => face.id).sort((a, b) => a - b) : [];
    this.#chips.hidden = ids.length === 0;
    if (this.#chips.dataset.ids !== ids.join()) {
      this.#chips.dataset.ids = ids.join();
      const focused = document.activeElement?.dataset?.chip;
      this.#chips.replaceChildren(...ids.map((id) => this.#chip(id)));
      if (focused) this.#chips.querySelector(`[data-chip="${focused}"]`)?.focus();
    }
    for (const chip of this.#chips.children) chip.setAttribute("aria-pressed", String(Number(chip.dataset.chip) === this.followed));
  }

  #chip(id) {
    const button = document.createElement("button");
    const textContent = format(gettext("Face %(number)s"), { number: id });
    Object.assign(button, { type: "button", className: "button-secondary button-small", textContent });
    button.dataset.chip = id;
    return button;
  }

  #pick(chip) {
    if (chip) this.#picked = Number(chip.dataset.chip);
  }

  // Announces lasting emotions to screen readers, at a listenable rate.
  #announce(face, now) {
    if (now - this.#since.at < SETTLED || now - this.#told.at < ANNOUNCE_EVERY) return;
    const text = this.#announcementOf(face);
    if (text === this.#told.text) return;
    this.#told = { text, at: now };
    this.#card.querySelector("[data-announcer]").textContent = text;
  }

  #announcementOf(face) {
    if (!face) return gettext("No face in the picture");
    const expression = capitalized(emotionName(face.emotion));
    return face.is_uncertain ? format(gettext("%(expression)s, uncertain"), { expression }) : expression;
  }
}
