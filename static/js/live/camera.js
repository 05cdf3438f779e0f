// Opens the chosen camera, or a window or screen; stores the choice, lists the cameras, and reports when the picture ends.

const CHOICE = "live-camera";
export const SCREEN = "screen"; // in the place of a camera's id
// Width only, so that any aspect ratio works, including portrait phones.
const SHARED = { frameRate: { ideal: 30, max: 30 } };
const WANTED = { width: { ideal: 1280 }, frameRate: { ideal: 30, max: 30 }, resizeMode: { ideal: "none" } };

export class CameraError extends Error {
  constructor(name) {
    super(name);
    this.name = name;
  }
}

// Private windows may have no storage.
function remembered() {
  try {
    return localStorage.getItem(CHOICE) ?? "";
  } catch {
    return "";
  }
}

function stop(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

export class Camera {
  #video;
  #stream = null;
  #turn = 0;
  #onEnded;
  choice = remembered();

  constructor(video, { onEnded }) {
    this.#video = video;
    this.#onEnded = onEnded;
  }

  get track() {
    return this.#stream?.getVideoTracks()[0] ?? null;
  }

  get isScreen() {
    return this.choice === SCREEN;
  }

  // Users expect front cameras and webcams to be mirrored.
  get facesUser() {
    return !this.isScreen && this.track?.getSettings().facingMode !== "environment";
  }

  get frameRate() {
    return this.track?.getSettings().frameRate ?? 0;
  }

  choose(deviceId) {
    this.choice = deviceId;
    // What was shared once is no default for the next time.
    if (this.isScreen) return;
    try {
      localStorage.setItem(CHOICE, deviceId);
    } catch {
      // The choice holds for this page only.
    }
  }

  // Resolves to whether the camera is open: false if it was closed or reopened during the permission prompt.
  async open() {
    if (!window.isSecureContext) throw new CameraError("insecure");
    if (!navigator.mediaDevices?.getUserMedia) throw new CameraError("unsupported");
    // Phones can open one camera at a time; it goes on while a screen is being chosen.
    if (this.isScreen) this.#turn += 1;
    else this.close();
    const turn = this.#turn;
    try {
      await this.#play(await this.#request(turn), turn);
    } catch (error) {
      if (turn === this.#turn) throw error;
    }
    return turn === this.#turn;
  }

  close() {
    this.#turn += 1;
    stop(this.#stream);
    this.#stream = null;
    this.#video.srcObject = null;
  }

  // Labels are empty until the user has allowed a camera.
  async list() {
    const devices = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
    return devices.filter((device) => device.kind === "videoinput" && device.label);
  }

  async #play(stream, turn) {
    if (turn !== this.#turn) return stop(stream);
    stop(this.#stream);
    this.#stream = stream;
    this.track.addEventListener("ended", () => {
      if (this.#stream === stream) this.#onEnded();
    });
    this.#video.srcObject = stream;
    await this.#video.play();
  }

  async #request(turn) {
    if (this.isScreen) return this.#requestScreen();
    const which = this.choice ? { deviceId: { exact: this.choice } } : { facingMode: "user" };
    try {
      return await navigator.mediaDevices.getUserMedia({ video: { ...WANTED, ...which }, audio: false });
    } catch (error) {
      const isGone = ["OverconstrainedError", "NotFoundError"].includes(error.name);
      if (!this.choice || !isGone || turn !== this.#turn) throw new CameraError(error.name);
    }
    this.choose("");
    return this.#request(turn);
  }

  async #requestScreen() {
    if (!navigator.mediaDevices.getDisplayMedia) throw new CameraError("unsupported");
    try {
      return await navigator.mediaDevices.getDisplayMedia({ video: SHARED, audio: false });
    } catch (error) {
      throw new CameraError(error.name === "NotAllowedError" ? "not-shared" : error.name);
    }
  }
}
