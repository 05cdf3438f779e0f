// A session's replay: the timeline, a slider, and each face's bars at the slider's position.

import { ReplayChart } from "./replay_chart.js";
import { ReplayData } from "./replay_data.js";
import { faceLabel, ReplayFaces } from "./replay_faces.js";
import { savePicture } from "./replay_picture.js";
import { ReplayPlayer } from "./replay_player.js";
import { format, gettext, language, ngettext, number } from "../shared/i18n.js";
import { clock, lengthInWords } from "../shared/words.js";

const root = document.querySelector("[data-replay]");
const find = (name) => root.querySelector(`[data-${name}]`);

class Replay {
  #data;
  #faces;
  #chart;
  #player;
  #face = null; // null: all
  #started = root.dataset.started && Date.parse(root.dataset.started);
  #hours = new Intl.DateTimeFormat(language, { timeStyle: "medium", hourCycle: "h23", timeZone: root.dataset.zone });

  constructor(data) {
    this.#data = data;
    root.classList.add("is-ready");
    if (data.width > 1) {
      const length = lengthInWords(data.width);
      find("width").textContent = format(gettext("Mean probabilities of %(length)s each"), { length });
    }
    this.#faces = new ReplayFaces(find("bars"), data.emotions, root.dataset.icons);
    const picked = (second) => this.#player.go(second);
    this.#chart = new ReplayChart(find("timeline"), data, { moved: () => this.#align(), picked });
    this.#chart.show(null);
    this.#player = new ReplayPlayer(root, data.seconds, (second) => this.#show(second));
    find("filter")?.addEventListener("click", (event) => this.#filter(event.target.closest("[data-face]")));
    find("picture").addEventListener("click", () => this.#save());
  }

  #show(second) {
    this.#data.want(second, () => this.#write(this.#player.second));
    this.#write(second);
    this.#align();
  }

  #write(second) {
    const { faces, isExact } = this.#data.at(second);
    const shown = { faces: faces.filter(({ face }) => this.#face === null || face === this.#face), isExact };
    this.#faces.show(shown);
    find("time").textContent = [clock(second), this.#hour(second)].filter(Boolean).join(" · ");
    find("scrubber").setAttribute("aria-valuetext", `${clock(second)}: ${this.#faces.words(shown)}`);
  }

  /** The time of day; unknown for videos. */
  #hour(second) {
    return this.#started ? this.#hours.format(this.#started + 1000 * second) : "";
  }

  #filter(button) {
    if (!button) return;
    this.#face = button.dataset.face ? Number(button.dataset.face) : null;
    for (const other of find("filter").children) other.setAttribute("aria-pressed", String(other === button));
    this.#chart.show(this.#face);
    find("basis-shown").textContent = this.#basis;
    this.#write(this.#player.second);
  }

  /** The basis of the chart, as text. */
  get #basis() {
    if (this.#face === null) return root.dataset.basis;
    const n = this.#data.samples(this.#face);
    const values = { seconds: number(n), face: faceLabel(this.#face) };
    return `n = ${format(ngettext("%(seconds)s second of %(face)s", "%(seconds)s seconds of %(face)s", n), values)}`;
  }

  /** Aligns the position mark over the chart and the slider below it. */
  #align() {
    const area = this.#chart?.area;
    if (!area) return;
    const thumb = 8;
    const slider = find("scrubber");
    slider.style.marginLeft = `${area.left - thumb}px`;
    slider.style.width = `${area.right - area.left + 2 * thumb}px`;
    const whole = this.#data.count * this.#data.width;
    const left = area.left + ((area.right - area.left) * ((this.#player?.second ?? 0) + 0.5)) / whole;
    Object.assign(find("now").style, { left: `${left}px`, top: `${area.top}px`, height: `${area.bottom - area.top}px` });
  }

  #save() {
    const { title, when, models } = root.dataset;
    savePicture(this.#chart, this.#data.emotions, { title, lines: [when, this.#basis, models, gettext("mean probabilities; blank: no face")] });
  }
}

try {
  new Replay(await ReplayData.load(root.dataset.url));
} catch (error) {
  for (const name of ["frame", "controls", "bars", "filter"]) find(name)?.setAttribute("hidden", "");
  find("trouble").hidden = false;
  find("trouble").textContent = gettext("The timeline could not be loaded. Reload the page to try again. The table below has the same figures.");
  throw error;
}
