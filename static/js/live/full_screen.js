// Shows the picture with its circles full screen, where there are two displays also on the other one.

export class FullScreen {
  #stage;

  constructor(get) {
    this.#stage = get("screen");
    get("fullscreen").classList.toggle("live-unavailable", !document.fullscreenEnabled);
    get("fullscreen").addEventListener("click", () => this.#open());
    get("fullscreen-end").addEventListener("click", () => this.end());
  }

  end() {
    if (document.fullscreenElement) document.exitFullscreen();
  }

  async #open() {
    await this.#stage.requestFullscreen({ screen: await this.#otherDisplay() });
  }

  // Undefined where there is one display, or where the browser may not tell.
  async #otherDisplay() {
    if (!window.screen.isExtended || !window.getScreenDetails) return undefined;
    try {
      const { screens, currentScreen } = await window.getScreenDetails();
      return screens.find((each) => each !== currentScreen);
    } catch {
      return undefined;
    }
  }
}
