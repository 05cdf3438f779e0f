// A training run's page: asks every two seconds how the run stands and shows it, charts included.

import { gettext, number } from "../shared/i18n.js";
import { drawCharts } from "./charts.js";

const EVERY = 2000;

class WatchPage {
  #root = document.querySelector("[data-run]");
  #connection = document.querySelector("[data-connection]");
  #curves = document.querySelector("[data-curves]");
  #redraw = drawCharts();
  #epochs = document.querySelectorAll("#epochs tbody tr").length;

  async watch() {
    for (;;) {
      if (!document.hidden && !(await this.#renew())) return;
      await new Promise((resolve) => setTimeout(resolve, EVERY));
    }
  }

  /** Shows the run as it stands; false when asking again is pointless. */
  async #renew() {
    try {
      const answer = await fetch(this.#root.dataset.statusUrl, { redirect: "manual" });
      if (answer.type === "opaqueredirect" || answer.status === 403) return this.#end(gettext("You are signed out. Reload this page to sign in again."));
      if (answer.status === 404) return this.#end(gettext("This run was deleted."));
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      this.#show(await answer.json());
      this.#say("");
    } catch {
      this.#say(gettext("The site does not answer, so this page may be out of date. Trying again."));
    }
    return true;
  }

  #say(message) {
    this.#connection.hidden = !message;
    if (this.#connection.textContent !== message) this.#connection.textContent = message;
  }

  #end(message) {
    this.#say(message);
    return false;
  }

  #show(run) {
    for (const [name, text] of Object.entries(run.texts)) this.#text(name, text);
    this.#root.querySelector("[data-now]").dataset.now = run.state;
    this.#root.querySelector("[data-state]").className = `state state-${run.state}`;
    this.#root.querySelector("[data-progress]").value = run.progress;
    for (const [name, possible] of Object.entries(run.can)) {
      for (const element of this.#root.querySelectorAll(`[data-can="${name}"]`)) element.hidden = !possible;
    }
    const version = this.#root.querySelector("[data-version]");
    if (version) {
      version.hidden = !run.version_url;
      version.href = run.version_url ?? "";
    }
    this.#showEpochs(run.epochs);
    this.#showLog(run.log);
  }

  /** Writes only what changed: a screen reader tells the state when it changes, not every two seconds. */
  #text(name, text) {
    const element = this.#root.querySelector(`[data-text="${name}"]`);
    if (element.textContent === text) return;
    element.textContent = text;
    if (name === "reason") element.hidden = !text;
  }

  #showEpochs(epochs) {
    if (epochs.length === this.#epochs) return;
    this.#epochs = epochs.length;
    const rows = epochs.map((epoch) => {
      const row = document.createElement("tr");
      row.append(this.#cell("th", epoch.number, epoch.number));
      row.firstChild.scope = "row";
      for (const name of ["loss", "val_loss", "accuracy", "val_accuracy"]) {
        row.append(this.#cell("td", epoch[name], number(epoch[name], 3)));
      }
      return row;
    });
    document.querySelector("#epochs tbody").replaceChildren(...rows);
    this.#curves.hidden = !epochs.length;
    document.querySelector("[data-curves-empty]").hidden = Boolean(epochs.length);
    this.#redraw();
  }

  #cell(tag, value, text) {
    const cell = document.createElement(tag);
    cell.dataset.value = value;
    cell.textContent = text;
    return cell;
  }

  #showLog(text) {
    const log = this.#root.querySelector("[data-log]");
    const atEnd = log.scrollTop + log.clientHeight >= log.scrollHeight - 4;
    if (text && log.textContent !== text) log.textContent = text;
    if (atEnd) log.scrollTop = log.scrollHeight;
  }
}

new WatchPage().watch();
