// Settings: camera, mirroring, smoothing, recording.

export class Settings {
  #get;
  #on;
  #mirrorIsChosen = false;

  // `on`: {device(id), mirror(bool), smoothing(number)}
  constructor(get, on) {
    this.#get = get;
    this.#on = on;
    get("device").addEventListener("change", (event) => on.device(event.target.value));
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

  // Recording cannot be changed during a session.
  lock(isRunning) {
    this.#get("record").disabled = isRunning;
  }

  facing(user) {
    if (this.#mirrorIsChosen) return;
    this.#get("mirror").checked = user;
    this.#on.mirror(user);
  }

  offer(devices, chosen) {
    const select = this.#get("device");
    const options = devices.map((device) => new Option(device.label, device.deviceId));
    select.replaceChildren(new Option("Automatic", ""), ...options);
    select.value = devices.some((device) => device.deviceId === chosen) ? chosen : "";
  }

  #smooth() {
    const value = this.#get("smoothing");
    value.disabled = !this.#get("smoothed").checked;
    this.#get("smoothing-value").textContent = value.disabled ? "raw" : `${value.value}%`;
    this.#on.smoothing(this.smoothing);
  }

  #tellRecord() {
    this.#get("record-on").hidden = !this.record;
    this.#get("record-off").hidden = this.record;
  }
}
