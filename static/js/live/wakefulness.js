// Keeps a phone's screen from going dark while the camera runs, where the browser can.

export class Wakefulness {
  #lock = null;
  #wanted = false;

  async keep() {
    this.#wanted = true;
    if (this.#lock && !this.#lock.released) return;
    try {
      this.#lock = (await navigator.wakeLock?.request("screen")) ?? null;
    } catch {
      // A low battery forbids it; the page works all the same.
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
