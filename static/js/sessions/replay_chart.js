// The timeline as adjacent stacked bars: one band per emotion, blank without a face.

import { fillSwatches, patternOf } from "../history/emotion_patterns.js";
import { format, gettext } from "../shared/i18n.js";
import { THEME } from "../shared/theme.js";
import { clock, emotionName, percent, probability } from "../shared/words.js";

const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400]; // seconds
const TICK = 76; // minimum pixels between two labels

/** Round times for the axis, spaced to the chart's width. */
function roundTicks(breadth, { seconds, width, count }) {
  const least = Math.max(width, (TICK * seconds) / breadth);
  const step = STEPS.find((candidate) => candidate >= least && candidate % width === 0) ?? STEPS.at(-1);
  return Array.from({ length: Math.ceil(seconds / step) }, (_, i) => ({ value: (i * step) / width })).filter(({ value }) => value < count);
}

function timeOf(index, { width, seconds }) {
  if (width === 1) return clock(index);
  const [start, end] = [index * width, Math.min((index + 1) * width, seconds)].map(clock);
  return format(gettext("%(start)s to %(end)s"), { start, end });
}

export class ReplayChart {
  #canvas;
  #chart;
  #data;

  /** `moved` is called when the chart's area has changed; `picked` with a clicked second. */
  constructor(figure, data, { moved, picked }) {
    this.#canvas = figure.querySelector("[data-chart]");
    this.#data = data;
    fillSwatches(figure);
    this.#chart = new window.Chart(this.#canvas, {
      type: "bar",
      data: { labels: Array.from({ length: data.count }, (_, i) => i * data.width), datasets: [] },
      options: this.#options(picked),
      plugins: [{ id: "moved", afterLayout: moved }],
    });
    THEME.addEventListener("change", () => {
      fillSwatches(figure);
      this.#colour();
      this.#chart.update();
    });
  }

  /** Left, right, top and bottom of the plot area, in CSS pixels of the frame. */
  get area() {
    return this.#chart.chartArea;
  }

  /** Draws the chart anew at another size, so that its text is as sharp as the picture it is for. */
  drawOn(pen, { x, y, width, height, ratio }) {
    this.#chart.options.devicePixelRatio = ratio;
    this.#chart.resize(width, height);
    pen.drawImage(this.#canvas, x, y, width, height);
    this.#chart.options.devicePixelRatio = window.devicePixelRatio;
    this.#chart.resize();
  }

  /** Height by width of the chart on the page. */
  get ratio() {
    return this.#chart.height / this.#chart.width;
  }

  /** Shows one face, or all where `face` is null. */
  show(face) {
    const means = this.#data.means(face);
    this.#chart.data.datasets = this.#data.emotions.map((emotion, index) => ({
      label: emotion,
      data: means.map((mean) => mean && mean[index]),
      barPercentage: 1,
      categoryPercentage: 1,
    }));
    this.#colour();
    this.#chart.update();
  }

  #colour() {
    const style = getComputedStyle(document.documentElement);
    const [text, grid] = ["--text-muted", "--line"].map((name) => style.getPropertyValue(name).trim());
    const pen = this.#canvas.getContext("2d");
    for (const dataset of this.#chart.data.datasets) dataset.backgroundColor = patternOf(dataset.label, pen);
    const { x, y } = this.#chart.options.scales;
    x.ticks.color = y.ticks.color = text;
    y.grid.color = grid;
  }

  #options(picked) {
    const { width } = this.#data;
    return {
      animation: false,
      maintainAspectRatio: false,
      interaction: { mode: "index", intersect: false },
      onClick: (event, _, chart) => picked(this.#secondAt(event.x, chart)),
      scales: {
        x: {
          stacked: true,
          grid: { display: false },
          ticks: { maxRotation: 0, autoSkip: false, callback: (index) => clock(index * width) },
          afterBuildTicks: (scale) => (scale.ticks = roundTicks(scale.chart.width, this.#data)),
        },
        y: { stacked: true, min: 0, max: 1, ticks: { stepSize: 0.5, callback: (share) => percent(share) } },
      },
      plugins: {
        legend: { display: false },
        tooltip: {
          itemSort: (a, b) => b.raw - a.raw,
          filter: ({ raw }) => raw >= 0.01,
          callbacks: {
            title: ([{ dataIndex }]) => timeOf(dataIndex, this.#data),
            label: ({ dataset, raw }) => ` ${emotionName(dataset.label)} ${probability(raw)}`,
          },
        },
      },
    };
  }

  #secondAt(x, { chartArea: { left, right } }) {
    const share = (x - left) / Math.max(1, right - left);
    const second = Math.floor(share * this.#data.count * this.#data.width);
    return Math.max(0, Math.min(second, this.#data.seconds - 1));
  }
}
