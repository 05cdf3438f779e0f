// Fills for canvases: each emotion's colour with a drawing of its own on it, so that bands are told apart without colour.

const SIDE = 8; // CSS pixels of one tile
const INK = "rgb(29 27 25 / 42%)";

const line = (pen, ...points) => {
  pen.beginPath();
  points.forEach(([x, y], i) => (i ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  pen.stroke();
};

// Diagonals go on beyond the tile, so that they meet in its corners.
const rising = (pen) => [-SIDE, 0, SIDE].forEach((x) => line(pen, [x - 1, SIDE + 1], [x + SIDE + 1, -1]));
const falling = (pen) => [-SIDE, 0, SIDE].forEach((x) => line(pen, [x - 1, -1], [x + SIDE + 1, SIDE + 1]));

const dots = (pen) => {
  for (const [x, y] of [[2, 2], [6, 6]]) {
    pen.beginPath();
    pen.arc(x, y, 1.1, 0, 2 * Math.PI);
    pen.fill();
  }
};

const DRAWINGS = {
  angry: rising,
  disgust: dots,
  fear: falling,
  happy: () => {},
  sad: (pen) => line(pen, [0, SIDE / 2], [SIDE, SIDE / 2]),
  surprise: (pen) => {
    rising(pen);
    falling(pen);
  },
  neutral: (pen) => line(pen, [SIDE / 2, 0], [SIDE / 2, SIDE]),
};

function tile(emotion, colour, ratio) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIDE * ratio;
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  pen.fillStyle = colour;
  pen.fillRect(0, 0, SIDE, SIDE);
  Object.assign(pen, { strokeStyle: INK, fillStyle: INK, lineWidth: 1 });
  DRAWINGS[emotion](pen);
  return canvas;
}

function colourOf(emotion) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${emotion}`).trim();
}

/** Returns what a canvas' fillStyle takes, in the theme's colours of now. */
export function patternOf(emotion, pen) {
  const ratio = Math.ceil(window.devicePixelRatio || 1);
  const pattern = pen.createPattern(tile(emotion, colourOf(emotion), ratio), "repeat");
  pattern.setTransform(new DOMMatrix().scale(1 / ratio));
  return pattern;
}

/** Fills every [data-swatch] below `root` with the pattern of the emotion it names. */
export function fillSwatches(root) {
  for (const swatch of root.querySelectorAll("[data-swatch]")) {
    const picture = tile(swatch.dataset.swatch, colourOf(swatch.dataset.swatch), 2).toDataURL();
    swatch.style.background = `url("${picture}") 0 0 / ${SIDE}px ${SIDE}px`;
  }
}
