// What Chart.js is told to draw the dashboard's three charts: shares and numbers as stacked bars, mean probabilities as lines.

import { patternOf } from "./emotion_patterns.js";
import { format, gettext, number } from "../shared/i18n.js";
import { amount, capitalized, emotionName, percent, probability } from "../shared/words.js";

const POINTS = ["circle", "rect", "triangle", "rectRot", "cross", "star", "crossRot"];
const DASHES = [[], [6, 3], [6, 3, 1, 3], [2, 2], [10, 3], [4, 2, 1, 2, 1, 2], [1, 2]];
const AXIS_WIDTH = 48; // charts below each other share their days' places
const MAX_SECONDS_SHOWN = 180; // longer times are drawn in minutes

const read = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Draws grey stripes over the bars that too few faces stand behind. */
const few = {
  id: "few",
  afterDatasetsDraw(chart, _, { buckets, few: least }) {
    const { ctx, chartArea } = chart;
    const meta = chart.getSortedVisibleDatasetMetas()[0];
    if (!meta) return;
    buckets.forEach((bucket, index) => {
      if (!bucket.n || bucket.n >= least) return;
      const { x, width } = meta.data[index].getProps(["x", "width"], true);
      const heights = chart.getSortedVisibleDatasetMetas().map(({ data }) => data[index].getProps(["y"], true).y);
      stripes(ctx, { x: x - width / 2, y: Math.min(...heights), width, bottom: chartArea.bottom });
    });
  },
};

function stripes(ctx, { x, y, width, bottom }) {
  ctx.save();
  ctx.beginPath();
  ctx.rect(x, y, width, bottom - y);
  ctx.clip();
  ctx.fillStyle = read("--surface");
  ctx.globalAlpha = 0.72;
  ctx.fill();
  ctx.globalAlpha = 0.85;
  ctx.strokeStyle = read("--text-muted");
  ctx.lineWidth = 1.2;
  ctx.beginPath();
  for (let offset = -(bottom - y); offset < width; offset += 6) {
    ctx.moveTo(x + offset, bottom);
    ctx.lineTo(x + offset + bottom - y, y);
  }
  ctx.stroke();
  ctx.restore();
}

/** Gives every chart a method that takes its colours from the theme of now. */
const colours = {
  id: "colours",
  beforeInit(chart) {
    chart.$recolour = () => {
      const [text, grid] = [read("--text-muted"), read("--line")];
      const { x, y } = chart.options.scales;
      x.ticks.color = y.ticks.color = text;
      y.grid.color = grid;
      for (const dataset of chart.data.datasets) colour(dataset, chart);
      chart.update();
    };
  },
};

function colour(dataset, chart) {
  const plain = read(`--${dataset.label}`);
  if (chart.config.type === "bar") {
    dataset.backgroundColor = patternOf(dataset.label, chart.ctx);
    return;
  }
  dataset.borderColor = plain;
  const surface = read("--surface");
  dataset.pointBackgroundColor = dataset.$few.map((is) => (is ? surface : plain));
}

function facts(bucket, unit) {
  return [amount(bucket.n, unit), Object.keys(bucket.models).join(", ")];
}

function options(data, { ticks, label, stacked, most, days = true }) {
  return {
    animation: false,
    maintainAspectRatio: false,
    interaction: { mode: "index", intersect: false },
    onHover: (event, elements) => {
      event.native.target.style.cursor = elements.some(({ index }) => data.buckets[index].n) ? "pointer" : "default";
    },
    scales: {
      x: { stacked, offset: true, grid: { display: false }, ticks: { display: days, maxRotation: 0, autoSkipPadding: 16 } },
      y: {
        stacked,
        beginAtZero: true,
        max: most,
        afterFit: (scale) => (scale.width = AXIS_WIDTH),
        border: { display: false },
        ticks,
      },
    },
    plugins: {
      legend: { display: false },
      few: { buckets: data.buckets, few: data.few },
      tooltip: {
        usePointStyle: !stacked,
        itemSort: (a, b) => b.raw - a.raw,
        filter: ({ raw }) => raw > 0,
        callbacks: {
          title: ([item]) => (item ? data.buckets[item.dataIndex].label : ""),
          label: ({ dataset, dataIndex, raw }) => ` ${capitalized(emotionName(dataset.label))} ${label(raw, data.buckets[dataIndex])}`,
          footer: ([item]) => {
            const bucket = item && data.buckets[item.dataIndex];
            if (!bucket) return "";
            return [...facts(bucket, data.unit), ...(bucket.n < data.few ? [gettext("Too few to rely on")] : [])];
          },
        },
      },
    },
  };
}

function bars(data, value) {
  return data.emotions.map((emotion, index) => ({
    label: emotion,
    data: data.buckets.map((bucket) => (bucket.n ? value(bucket, index) : null)),
    barPercentage: 0.94,
    categoryPercentage: 0.94,
    maxBarThickness: 96,
  }));
}

const labels = (data) => data.buckets.map((bucket) => bucket.tick);

export function shares(data) {
  return {
    type: "bar",
    data: { labels: labels(data), datasets: bars(data, (bucket, index) => bucket.counts[index] / bucket.n) },
    options: options(data, {
      stacked: true,
      most: 1,
      ticks: { stepSize: 0.25, callback: percent },
      days: false,
      label: (share) => percent(share),
    }),
    plugins: [few, colours],
  };
}

/** What the numbers' axis shows: faces, or times in minutes, or in seconds where those are short. */
function scale({ buckets, unit }) {
  if (unit === "face") return { divisor: 1, ticks: { precision: 0, maxTicksLimit: 4, callback: (n) => number(n) } };
  const isShort = Math.max(...buckets.map(({ n }) => n)) <= MAX_SECONDS_SHOWN;
  const [divisor, text] = isShort ? [1, gettext("%(seconds)s s")] : [60, gettext("%(minutes)s min")];
  const callback = (n) => format(text, { seconds: number(n), minutes: number(n) });
  return { divisor, ticks: { precision: 0, maxTicksLimit: 4, callback } };
}

export function counts(data) {
  const { divisor, ticks } = scale(data);
  return {
    type: "bar",
    data: { labels: labels(data), datasets: bars(data, (bucket, index) => bucket.counts[index] / divisor) },
    options: options(data, { stacked: true, ticks, label: (n) => amount(Math.round(n * divisor), data.unit) }),
    plugins: [colours],
  };
}

export function means(data) {
  const isFew = data.buckets.map(({ n }) => n > 0 && n < data.few);
  const radius = data.buckets.length > 45 ? 1.5 : 3;
  return {
    type: "line",
    data: {
      labels: labels(data),
      datasets: data.emotions.map((emotion, index) => ({
        label: emotion,
        data: data.buckets.map((bucket) => bucket.means && bucket.means[index]),
        borderWidth: 2,
        borderDash: DASHES[index],
        pointStyle: POINTS[index],
        pointRadius: isFew.map((is) => (is ? 4 : radius)),
        pointHoverRadius: 6,
        tension: 0.2,
        $few: isFew,
      })),
    },
    options: options(data, {
      stacked: false,
      ticks: { callback: (share) => percent(Math.round(share * 1000) / 1000), maxTicksLimit: 6 },
      label: (mean) => probability(mean),
    }),
    plugins: [colours],
  };
}
