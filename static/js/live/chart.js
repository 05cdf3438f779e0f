// Chart of one face's last minute: seven stacked bands of probability, with a text alternative.

import { fillSwatches, patternOf } from "../history/emotion_patterns.js";
import { WINDOW } from "./history.js";
import { format, gettext } from "../shared/i18n.js";
import { THEME } from "../shared/theme.js";
import { capitalized, emotionName, percent } from "../shared/words.js";

const GAP = 1200; // milliseconds without the face that leave a gap
const EVERY = 100;
const WORDS_EVERY = 1000;

// Consecutive points without a gap.
function runs(points) {
  const found = [];
  for (const point of points) {
    const last = found.at(-1);
    if (last && point.at - last.at(-1).at < GAP) last.push(point);
    else found.push([point]);
  }
  return found;
}

export class Chart {
  #canvas;
  #pen;
  #text;
  #shares;
  #emotions;
  #fills = {};
  #drawnAt = 0;
  #saidAt = 0;
  #last = { points: [], now: 0 };

  constructor(section, emotions) {
    this.#canvas = section.querySelector("[data-chart]");
    this.#pen = this.#canvas.getContext("2d");
    this.#text = section.querySelector("[data-timeline-text]");
    this.#shares = emotions.map((emotion) => section.querySelector(`[data-share="${emotion}"]`));
    this.#emotions = emotions;
    this.#dress(section);
    THEME.addEventListener("change", () => this.#dress(section));
    new ResizeObserver(() => this.#fit()).observe(this.#canvas);
  }

  draw(history, face, now) {
    if (now - this.#drawnAt > EVERY) this.#paint(history.of(face), now);
    if (now - this.#saidAt > WORDS_EVERY) this.#say(history.shares(face, now), face, now);
  }

  clear() {
    this.#last = { points: [], now: 0 };
    this.#pen.clearRect(0, 0, this.#canvas.clientWidth, this.#canvas.clientHeight);
    this.#say(null, null, 0);
  }

  // In the theme's colours.
  #dress(section) {
    fillSwatches(section);
    this.#fills = Object.fromEntries(this.#emotions.map((emotion) => [emotion, patternOf(emotion, this.#pen)]));
  }

  #fit() {
    const ratio = window.devicePixelRatio || 1;
    this.#canvas.width = Math.round(this.#canvas.clientWidth * ratio);
    this.#canvas.height = Math.round(this.#canvas.clientHeight * ratio);
    this.#pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    // Resizing a canvas clears it.
    this.#paint(this.#last.points, this.#last.now);
  }

  #paint(points, now) {
    this.#drawnAt = now;
    this.#last = { points: [...points], now };
    const area = { width: this.#canvas.clientWidth, height: this.#canvas.clientHeight };
    this.#pen.clearRect(0, 0, area.width, area.height);
    const place = (at) => area.width * (1 - (now - at) / WINDOW);
    for (const run of runs(points)) this.#bands(run, place, area.height);
  }

  #bands(run, place, height) {
    const below = run.map(() => height);
    const columns = run.map((point) => place(point.at));
    // So that a single point is visible.
    if (run.length === 1) columns[0] -= 2;
    const right = run.length === 1 ? columns[0] + 2 : null;
    this.#emotions.forEach((emotion, index) => {
      const above = below.map((y, i) => y - height * run[i].probabilities[index]);
      this.#band(columns, above, below, right);
      this.#pen.fillStyle = this.#fills[emotion];
      this.#pen.fill();
      above.forEach((y, i) => (below[i] = y));
    });
  }

  #band(columns, above, below, right) {
    const pen = this.#pen;
    pen.beginPath();
    columns.forEach((x, i) => pen.lineTo(x, above[i]));
    if (right !== null) {
      pen.lineTo(right, above[0]);
      pen.lineTo(right, below[0]);
    }
    for (let i = columns.length - 1; i >= 0; i -= 1) pen.lineTo(columns[i], below[i]);
    pen.closePath();
  }

  #say(shares, face, now) {
    this.#saidAt = now;
    this.#shares.forEach((element, i) => (element.textContent = shares ? percent(shares[i]) : "–"));
    if (!shares) {
      this.#text.textContent = gettext("No results yet.");
      return;
    }
    const largest = Math.max(...shares);
    const emotion = this.#emotions[shares.indexOf(largest)];
    const values = { number: face, expression: emotionName(emotion), share: percent(largest) };
    this.#text.textContent = format(gettext("Face %(number)s: mostly %(expression)s, %(share)s."), values);
    this.#canvas.dataset.mostly = capitalized(emotion);
  }
}
