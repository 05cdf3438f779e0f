// The timeline as an image for a report, with title, legend, number of seconds and model.

import { patternOf } from "../history/emotion_patterns.js";
import { format, gettext } from "../shared/i18n.js";
import { capitalized, emotionName } from "../shared/words.js";

const WIDTH = 1200;
const RATIO = 2; // pixels of the picture for each of its units
const LEAST_RATIO = 0.25; // height by width of the chart
const MARGIN = 32;
const HEAD = 84;
const FOOT = 76;
const FONT = "system-ui, sans-serif";

function drawLegend(pen, emotions, y) {
  const step = (WIDTH - 2 * MARGIN) / emotions.length;
  pen.font = `15px ${FONT}`;
  emotions.forEach((emotion, index) => {
    const x = MARGIN + index * step;
    const text = pen.fillStyle;
    pen.fillStyle = patternOf(emotion, pen);
    pen.fillRect(x, y - 13, 24, 16);
    pen.fillStyle = text;
    pen.fillText(capitalized(emotionName(emotion)), x + 32, y, step - 40);
  });
}

/** Downloads the chart; `about` is {title, lines}. */
export function savePicture(chart, emotions, about) {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  const width = WIDTH - 2 * MARGIN;
  const height = Math.round(width * Math.max(LEAST_RATIO, chart.ratio));
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [RATIO * WIDTH, RATIO * (HEAD + height + FOOT)];
  const pen = canvas.getContext("2d");
  pen.scale(RATIO, RATIO);
  pen.textAlign = "left";
  pen.fillStyle = colour("--surface");
  pen.fillRect(0, 0, WIDTH, HEAD + height + FOOT);
  pen.fillStyle = colour("--text");
  pen.font = `600 22px ${FONT}`;
  pen.fillText(about.title, MARGIN, 40, WIDTH - 2 * MARGIN);
  pen.fillStyle = colour("--text-muted");
  pen.font = `15px ${FONT}`;
  pen.fillText(about.lines.join(" · "), MARGIN, 66, WIDTH - 2 * MARGIN);
  chart.drawOn(pen, { x: MARGIN, y: HEAD, width, height, ratio: RATIO });
  pen.fillStyle = colour("--text");
  drawLegend(pen, emotions, HEAD + height + 40);
  canvas.toBlob((blob) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = `${format(gettext("%(title)s - timeline"), about)}.png`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }, "image/png");
}
