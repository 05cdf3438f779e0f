// Keeps the screen on while the camera runs, if the browser supports it.

export class Wakefulness {
  #lock = null;
  #wanted = false;

  async keep() {
    this.#wanted = true;
    if (this.#lock && !this.#lock.released) return;
    try {
      this.#lock = (await navigator.wakeLock?.request("screen")) ?? null;
    } catch {
      // Refused on low battery; the page works without it.
      this.#lock = null;
    }
    if (!this.#wanted) this.end();
  }

  end() {
    this.#wanted = false;
    this.#lock?.release();
    this.#lock = null;
  }
}
