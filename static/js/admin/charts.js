// Draws each figure[data-chart] of a page from the table whose id it names in data-table: what is seen and what a
// screen reader reads are the same figures. data-columns holds the columns to draw against the first one.

import { gettext, language } from "../shared/i18n.js";
import { THEME } from "../shared/theme.js";

/** The numbers of one column; null where a cell has none. */
function column(table, index) {
  return [...table.tBodies[0].rows].map((row) => {
    const value = row.cells[index].dataset.value;
    return value ? Number(value) : null;
  });
}

function label(table, index) {
  const head = table.tHead.rows[0].cells[index];
  return head.dataset.label ?? head.textContent.trim();
}

function colours() {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(name).trim();
  return { text: read("--text"), grid: read("--line"), series: [read("--chart-1"), read("--chart-2")] };
}

/** Lines differ by colour, dashes and points, so that nobody needs to see the colour. */
function line(index, colour) {
  return {
    borderColor: colour,
    backgroundColor: colour,
    borderDash: index ? [6, 4] : [],
    pointStyle: index ? "rectRot" : "circle",
    pointRadius: 3,
    borderWidth: 2,
    clip: 8,
  };
}

const KINDS = {
  lines: (table, columns, { series }) => ({
    type: "line",
    data: {
      labels: column(table, 0),
      datasets: columns.map((c, i) => ({ label: label(table, c), data: column(table, c), ...line(i, series[i]) })),
    },
  }),

  bars: (table, columns, { series }) => ({
    type: "bar",
    data: {
      labels: [...table.tBodies[0].rows].map((row) => row.cells[0].textContent.trim()),
      datasets: columns.map((c, i) => ({ label: label(table, c), data: column(table, c), backgroundColor: series[i] })),
    },
  }),

  // Confidence against the share that was right; on the diagonal the two agree.
  reliability: (table, columns, { series, text }) => {
    const right = column(table, columns[0]);
    const points = column(table, 0).map((x, row) => ({ x, y: right[row] }));
    const diagonal = { label: gettext("Perfectly calibrated"), data: [{ x: 0, y: 0 }, { x: 1, y: 1 }], pointRadius: 0 };
    return {
      type: "line",
      data: {
        datasets: [
          { label: gettext("This version"), data: points, ...line(0, series[0]) },
          { ...diagonal, borderColor: text, backgroundColor: text, borderWidth: 1, borderDash: [2, 4] },
        ],
      },
      axes: { x: { type: "linear", min: 0, max: 1 }, y: { min: 0, max: 1 } },
    };
  },
};

function options({ percent, begin, xTitle, axes }, { text, grid }) {
  const axis = { ticks: { color: text }, grid: { color: grid } };
  const y = { ...axis, ...axes?.y, beginAtZero: begin };
  const x = { ...axis, ...axes?.x, title: { display: Boolean(xTitle), text: xTitle, color: text } };
  const percentage = { style: "percent", maximumFractionDigits: 1 };
  const ticks = { color: text, format: { ...percentage, minimumFractionDigits: 0 } };
  if (percent) y.ticks = ticks;
  if (axes?.x) x.ticks = ticks;
  return {
    locale: language,
    animation: false,
    maintainAspectRatio: false,
    interaction: { mode: "index", intersect: false },
    scales: { x, y },
    plugins: {
      legend: { labels: { color: text, usePointStyle: true, boxHeight: 6 } },
      tooltip: {
        callbacks: percent && {
          label: ({ dataset, parsed }) => `${dataset.label}: ${parsed.y.toLocaleString(language, percentage)}`,
        },
      },
    },
  };
}

class TableChart {
  #figure;
  #chart;

  constructor(figure) {
    this.#figure = figure;
    this.draw();
  }

  draw() {
    const { chart: kind, table: id, columns, percent, begin, xTitle } = this.#figure.dataset;
    const palette = colours();
    const drawn = KINDS[kind](document.getElementById(id), columns.split(" ").map(Number), palette);
    const { axes, ...config } = drawn;
    const asked = { percent: percent !== undefined, begin: begin !== undefined, xTitle, axes };
    if (this.#chart) {
      this.#chart.data = config.data;
      this.#chart.options = options(asked, palette);
      this.#chart.update();
    } else {
      const canvas = this.#figure.querySelector("canvas");
      this.#chart = new window.Chart(canvas, { ...config, options: options(asked, palette) });
    }
  }
}

/** Draws a page's charts; returns what draws them anew after their tables changed. */
export function drawCharts() {
  const charts = [...document.querySelectorAll("figure[data-chart]")].map((figure) => new TableChart(figure));
  const redraw = () => charts.forEach((chart) => chart.draw());
  THEME.addEventListener("change", redraw);
  new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  return redraw;
}
