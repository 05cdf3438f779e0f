// Draws the dashboard's charts from the server's numbers, and leads from a bar or a point to what is behind it.

import { showBehind } from "./dashboard_behind.js";
import { counts, means, shares } from "./dashboard_charts.js";
import { fillSwatches } from "./emotion_patterns.js";
import { format, gettext } from "../shared/i18n.js";
import { THEME } from "../shared/theme.js";

const KINDS = { shares, counts, means };

const place = document.querySelector("[data-dashboard]");

function draw(data) {
  const charts = [...place.querySelectorAll("[data-chart]")].map((figure) => {
    const chart = new window.Chart(figure.querySelector("canvas"), KINDS[figure.dataset.chart](data));
    chart.options.onClick = (event, elements) => {
      const [element] = chart.getElementsAtEventForMode(event, "nearest", { intersect: true, axis: "xy" }, false);
      const index = (element ?? elements[0])?.index;
      if (index !== undefined) showBehind(data, data.buckets[index], data.emotions[element?.datasetIndex]);
    };
    return chart;
  });
  const recolour = () => {
    fillSwatches(place);
    for (const chart of charts) chart.$recolour();
  };
  recolour();
  THEME.addEventListener("change", recolour);
  listenToLegend(charts, data.emotions);
}

function listenToLegend(charts, emotions) {
  for (const button of place.querySelectorAll("[data-emotion]")) {
    button.addEventListener("click", () => {
      const shown = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", shown);
      for (const chart of charts) chart.setDatasetVisibility(emotions.indexOf(button.dataset.emotion), shown);
      for (const chart of charts) chart.update();
    });
  }
}

async function start() {
  const response = await fetch(place.dataset.dashboard, { headers: { Accept: "application/json" } });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.message);
  draw(answer);
}

function admit(error) {
  const notice = document.createElement("p");
  notice.className = "notice notice-danger";
  notice.setAttribute("role", "alert");
  const text = gettext("The charts could not be drawn: %(error)s The tables below have the numbers.");
  notice.textContent = format(text, { error: error.message });
  place.prepend(notice);
}

if (place) start().catch(admit);
