// The mean over all faces in sight, as words, from two faces on.

import { probability } from "../shared/words.js";

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
    this.#line.textContent = faces.length < 2 ? "" : `All ${faces.length} in sight: ${this.#words(faces)}`;
  }

  #words(faces) {
    const means = this.#emotions.map((emotion, i) => ({
      emotion,
      mean: faces.reduce((sum, { probabilities }) => sum + probabilities[i], 0) / faces.length,
    }));
    const likeliest = means.sort((a, b) => b.mean - a.mean).slice(0, NAMED);
    return likeliest.map(({ emotion, mean }) => `${emotion} ${probability(mean)}`).join(", ");
  }
}
