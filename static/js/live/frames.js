// Reads the camera's frames at its frame rate, scales and encodes them;
// frames that cannot be sent are skipped, not queued.

const WIDTH = 480;
const SCREEN_WIDTH = 960; // faces in windows are smaller
const MOST_PIXELS = 600_000;
const MOST_BYTES = 250_000;
const QUALITY = 0.7;
const LUMA_EVERY = 500; // milliseconds
const LUMA_SIDE = 32;

function context(canvas) {
  return canvas.getContext("2d", { alpha: false, willReadFrequently: true });
}

export class Frames {
  #video;
  #hasRoom;
  #isScreen;
  #onFrame;
  #canvas = document.createElement("canvas");
  #small = document.createElement("canvas");
  #running = false;
  #encoding = false;
  #lumaAt = 0;
  #times = [];
  luma = 255;

  // `hasRoom()` returns whether a frame may be sent, `isScreen()` whether it is of a window or screen; `onFrame` takes {jpeg, at, width, height}.
  constructor(video, { hasRoom, isScreen, onFrame }) {
    this.#video = video;
    this.#hasRoom = hasRoom;
    this.#isScreen = isScreen;
    this.#onFrame = onFrame;
    this.#small.width = this.#small.height = LUMA_SIDE;
  }

  start() {
    if (this.#running) return;
    this.#running = true;
    this.#next();
  }

  stop() {
    this.#running = false;
    this.#times = [];
  }

  // The camera's frames in the last second.
  get cameraRate() {
    const since = performance.now() - 1000;
    return this.#times.filter((at) => at > since).length;
  }

  #next() {
    if (!this.#running) return;
    if (this.#video.requestVideoFrameCallback) this.#video.requestVideoFrameCallback(() => this.#take());
    else setTimeout(() => requestAnimationFrame(() => this.#take()), 25);
  }

  #take() {
    if (!this.#running) return;
    this.#next();
    const now = performance.now();
    this.#times.push(now);
    if (this.#times.length > 120) this.#times.splice(0, 60);
    if (!this.#video.videoWidth) return;
    if (now - this.#lumaAt > LUMA_EVERY) this.#measure(now);
    if (!this.#encoding && this.#hasRoom()) this.#encode(now);
  }

  #encode(at) {
    const { width, height } = this.#size();
    if (this.#canvas.width !== width || this.#canvas.height !== height) Object.assign(this.#canvas, { width, height });
    context(this.#canvas).drawImage(this.#video, 0, 0, width, height);
    this.#encoding = true;
    this.#canvas.toBlob((blob) => this.#encoded(blob, { at, width, height }), "image/jpeg", QUALITY);
  }

  #size() {
    const { videoWidth, videoHeight } = this.#video;
    const wanted = (this.#isScreen() ? SCREEN_WIDTH : WIDTH) / videoWidth;
    const scale = Math.min(1, wanted, Math.sqrt(MOST_PIXELS / (videoWidth * videoHeight)));
    return { width: Math.max(1, Math.round(scale * videoWidth)), height: Math.max(1, Math.round(scale * videoHeight)) };
  }

  async #encoded(blob, frame) {
    const jpeg = await blob?.arrayBuffer();
    this.#encoding = false;
    if (jpeg?.byteLength <= MOST_BYTES && this.#running) this.#onFrame({ jpeg: new Uint8Array(jpeg), ...frame });
  }

  // Mean brightness, 0 to 255.
  #measure(now) {
    this.#lumaAt = now;
    const pen = context(this.#small);
    pen.drawImage(this.#video, 0, 0, LUMA_SIDE, LUMA_SIDE);
    const { data } = pen.getImageData(0, 0, LUMA_SIDE, LUMA_SIDE);
    let sum = 0;
    for (let i = 0; i < data.length; i += 4) sum += 0.299 * data[i] + 0.587 * data[i + 1] + 0.114 * data[i + 2];
    this.luma = (4 * sum) / data.length;
  }
}
