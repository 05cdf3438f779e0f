// Frame rate, latency and dropped frames of the last two seconds, updated twice a second.

import { format, gettext, number } from "../shared/i18n.js";

const WINDOW = 2000;
const EVERY = 500;

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

export class Figures {
  #root;
  #answers = [];
  #writtenAt = 0;
  #earlier = 0;
  #current = 0;
  #lost = 0;
  answered = 0;

  constructor(root) {
    this.#root = root;
  }

  clear() {
    this.#answers = [];
    this.answered = this.#earlier = this.#current = this.#lost = 0;
    this.rest();
  }

  // `dropped`: the connection's total.
  answer(latency, dropped, now) {
    this.answered += 1;
    this.#current = dropped;
    this.#answers.push({ at: now, latency });
  }

  // A new connection counts from zero.
  reconnected() {
    this.#earlier += this.#current;
    this.#current = 0;
  }

  lost(count) {
    this.#lost += count;
  }

  get dropped() {
    return this.#earlier + this.#current + this.#lost;
  }

  write(cameraRate, now) {
    if (now - this.#writtenAt < EVERY) return;
    this.#writtenAt = now;
    this.#answers = this.#answers.filter(({ at }) => at > now - WINDOW);
    const span = Math.max(500, Math.min(WINDOW, now - (this.#answers[0]?.at ?? now)));
    const rate = Math.round((1000 * Math.max(0, this.#answers.length - 1)) / span);
    this.#say("fps", this.#answers.length ? number(rate) : "–");
    this.#say("camera-fps", cameraRate ? ` / ${number(cameraRate)}` : "");
    this.#say("latency", this.#answers.length ? this.#latency : "–");
    this.#say("dropped", number(this.dropped));
  }

  rest() {
    this.#answers = [];
    this.#say("fps", "–");
    this.#say("camera-fps", "");
    this.#say("latency", "–");
    this.#say("dropped", number(this.dropped));
  }

  get #latency() {
    const count = number(Math.round(median(this.#answers.map(({ latency }) => latency))));
    return format(gettext("%(count)s ms"), { count });
  }

  #say(name, value) {
    this.#root.querySelector(`[data-${name}]`).textContent = value;
  }
}
