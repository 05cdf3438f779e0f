// The replay's position, moved by the slider, the chart, playback or the video.

import { gettext } from "../shared/i18n.js";

export class ReplayPlayer {
  #slider;
  #button;
  #video;
  #speed = 1;
  #place = 0; // seconds, with their fraction while playing
  #last = null; // when the last frame was shown, while playing
  #show;

  /** `show` is called with every second reached. */
  constructor(root, seconds, show) {
    this.#slider = root.querySelector("[data-scrubber]");
    this.#button = root.querySelector("[data-play]");
    this.#video = root.querySelector("[data-video]");
    this.#show = show;
    this.#slider.max = Math.max(0, seconds - 1);
    this.#slider.disabled = seconds < 2;
    this.#button.disabled = seconds < 2;
    this.#slider.value = 0; // browsers restore a slider's value on reload
    this.#slider.addEventListener("input", () => this.go(Number(this.#slider.value)));
    this.#button.addEventListener("click", () => (this.isPlaying ? this.pause() : this.#play()));
    for (const choice of root.querySelectorAll("[name=speed]")) {
      if (choice.checked) this.#speed = Number(choice.value);
      choice.addEventListener("change", () => this.#hurry(Number(choice.value)));
    }
    this.#follow();
    this.#show(0);
  }

  get isPlaying() {
    return this.#last !== null;
  }

  get second() {
    return Math.floor(this.#place);
  }

  go(second) {
    this.#move(second);
    if (this.#video) this.#video.currentTime = second;
  }

  pause() {
    this.#last = null;
    this.#video?.pause();
    this.#label(gettext("Play"), "play");
  }

  #play() {
    if (this.second >= Number(this.#slider.max)) this.go(0);
    this.#last = performance.now();
    this.#label(gettext("Pause"), "pause");
    if (this.#video) {
      this.#video.playbackRate = this.#speed;
      // If the video cannot be played, the timeline plays without it.
      this.#video.play().catch(() => {});
    }
    requestAnimationFrame((now) => this.#step(now));
  }

  #step(now) {
    if (!this.isPlaying) return;
    const runs = this.#video && !this.#video.paused && !this.#video.ended;
    const place = runs ? this.#video.currentTime : this.#place + (Math.max(0, now - this.#last) / 1000) * this.#speed;
    this.#last = now;
    const last = Number(this.#slider.max);
    this.#move(Math.min(place, last));
    const isOver = runs ? place >= last + 1 : this.#video?.ended || place >= last;
    if (isOver) this.pause();
    else requestAnimationFrame((next) => this.#step(next));
  }

  #hurry(speed) {
    this.#speed = speed;
    if (this.#video) this.#video.playbackRate = speed;
  }

  #move(place) {
    const before = this.second;
    this.#place = place;
    this.#slider.value = this.second;
    if (this.second !== before) this.#show(this.second);
  }

  #label(word, icon) {
    this.#button.querySelector("span").textContent = word;
    const use = this.#button.querySelector("use");
    use.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#${icon}`));
  }

  /** Follows the browser's own video controls. */
  #follow() {
    this.#video?.addEventListener("play", () => this.isPlaying || this.#play());
    this.#video?.addEventListener("pause", () => this.isPlaying && !this.#video.ended && this.pause());
    this.#video?.addEventListener("seeked", () => {
      // A frame of second 3 may have the time 2.99.
      const isElsewhere = Math.abs(this.#video.currentTime - this.#place) >= 1;
      if (!this.isPlaying && isElsewhere) this.#move(Math.min(this.#video.currentTime, Number(this.#slider.max)));
    });
  }
}
