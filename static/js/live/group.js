// The mean over all faces in sight, as words, from two faces on.

import { format, ngettext, number } from "../shared/i18n.js";
import { emotionName, probability } from "../shared/words.js";

const EVERY = 500; // milliseconds; numbers that change faster cannot be read
const NAMED = 3;

export class GroupLine {
  #line;
  #emotions;
  #writtenAt = 0;

  constructor(line, emotions) {
    this.#line = line;
    this.#emotions = emotions;
  }

  show(faces, now) {
    if (faces.length > 1 && now - this.#writtenAt < EVERY) return;
    this.#writtenAt = now;
    this.#line.hidden = faces.length < 2;
    this.#line.textContent = faces.length < 2 ? "" : this.#sentence(faces);
  }

  #sentence(faces) {
    const values = { count: number(faces.length), expressions: this.#words(faces) };
    return format(ngettext("%(count)s face: %(expressions)s", "All %(count)s faces: %(expressions)s", faces.length), values);
  }

  #words(faces) {
    const means = this.#emotions.map((emotion, i) => ({
      emotion,
      mean: faces.reduce((sum, { probabilities }) => sum + probabilities[i], 0) / faces.length,
    }));
    const likeliest = means.sort((a, b) => b.mean - a.mean).slice(0, NAMED);
    return likeliest.map(({ emotion, mean }) => `${emotionName(emotion)} ${probability(mean)}`).join(", ");
  }
}
