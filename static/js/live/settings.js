// Settings: camera or screen, mirroring, smoothing, recording and its name.

import { SCREEN } from "./camera.js";
import { gettext, wholePercent } from "../shared/i18n.js";

export class Settings {
  #get;
  #on;
  #mirrorIsChosen = false;

  // `on`: {device(id), mirror(bool), smoothing(number)}
  constructor(get, on) {
    this.#get = get;
    this.#on = on;
    get("device").addEventListener("change", (event) => this.#choose(event.target.value));
    get("mirror").addEventListener("change", (event) => {
      this.#mirrorIsChosen = true;
      on.mirror(event.target.checked);
    });
    for (const name of ["smoothed", "smoothing"]) get(name).addEventListener("input", () => this.#smooth());
    get("record").addEventListener("change", () => this.#tellRecord());
    this.#tellRecord();
    this.#smooth();
  }

  get record() {
    return this.#get("record").checked;
  }

  // 0: no smoothing.
  get smoothing() {
    return this.#get("smoothed").checked ? Number(this.#get("smoothing").value) / 100 : 0;
  }

  // The session's name, "" for the usual one.
  get name() {
    return this.#get("name").value.trim();
  }

  // Neither can be changed during a session.
  lock(isRunning) {
    this.#get("record").disabled = this.#get("name").disabled = isRunning;
  }

  clearName() {
    this.#get("name").value = "";
  }

  facing(user) {
    if (this.#mirrorIsChosen) return;
    this.#get("mirror").checked = user;
    this.#on.mirror(user);
  }

  offer(devices, chosen) {
    const select = this.#get("device");
    const options = devices.map((device) => new Option(device.label, device.deviceId));
    if (navigator.mediaDevices?.getDisplayMedia) options.push(new Option(gettext("A window or screen"), SCREEN));
    select.replaceChildren(new Option(gettext("Automatic"), ""), ...options);
    select.value = options.some((option) => option.value === chosen) ? chosen : "";
    this.#get("screen-help").hidden = select.value !== SCREEN;
  }

  #choose(id) {
    this.#get("screen-help").hidden = id !== SCREEN;
    this.#on.device(id);
  }

  #smooth() {
    const value = this.#get("smoothing");
    value.disabled = !this.#get("smoothed").checked;
    this.#get("smoothing-value").textContent = value.disabled ? gettext("off") : wholePercent(value.value / 100);
    this.#on.smoothing(this.smoothing);
  }

  #tellRecord() {
    this.#get("record-on").hidden = this.#get("name-field").hidden = !this.record;
    this.#get("record-off").hidden = this.record;
  }
}
