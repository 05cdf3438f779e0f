// The emotions' colours as the stylesheets have them, for canvases; bars differ between light and dark.

const dark = window.matchMedia("(prefers-color-scheme: dark)");

function read(emotions, suffix) {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(emotions.map((name) => [name, style.getPropertyValue(`--${name}${suffix}`).trim()]));
}

export class Colours {
  constructor(emotions) {
    this.discs = read(emotions, "");
    this.bars = read(emotions, "-bar");
    dark.addEventListener("change", () => {
      this.bars = read(emotions, "-bar");
    });
  }
}
