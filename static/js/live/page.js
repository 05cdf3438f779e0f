// The live page: sends the camera's frames to the server and draws the newest answer above the video.

import { Camera } from "./camera.js";
import { Chart } from "./chart.js";
import { discColours } from "./colours.js";
import { FacePanel } from "./face.js";
import { GroupLine } from "./group.js";
import { Figures } from "./figures.js";
import { Frames } from "./frames.js";
import { FullScreen } from "./full_screen.js";
import { Hints } from "./hints.js";
import { History } from "./history.js";
import { loadIcons } from "./icons.js";
import { Overlay } from "./overlay.js";
import { Settings } from "./settings.js";
import { Snapshot } from "./snapshot.js";
import { LiveSocket, MOST_UNANSWERED } from "./socket.js";
import { Summary } from "./summary.js";
import { View } from "./view.js";
import { Wakefulness } from "./wakefulness.js";
import { cameraTrouble, socketTrouble } from "./words.js";

class LivePage {
  #root = document.querySelector("[data-live]");
  #view = new View(this.#root);
  #get = (name) => this.#view.get(name);
  #video = this.#get("video");
  #emotions = this.#root.dataset.emotions.trim().split(/\s+/);
  #colours = discColours(this.#emotions);
  #overlay = new Overlay(this.#get("overlay"), this.#colours);
  #chart = new Chart(this.#root, this.#emotions);
  #history = new History(this.#emotions);
  #group = new GroupLine(this.#get("group"), this.#emotions);
  #face = new FacePanel(this.#get("face-card"), this.#emotions, this.#root.dataset.icons);
  #figures = new Figures(this.#root);
  #hints = new Hints(this.#get("hint"));
  #summary = new Summary(this.#get, this.#root.dataset.sessions);
  #wakefulness = new Wakefulness();
  #camera = new Camera(this.#video, { onEnded: () => this.#ends() });
  #frames = new Frames(this.#video, {
    isScreen: () => this.#camera.isScreen,
    hasRoom: () => this.#sends && this.#socket.unanswered < MOST_UNANSWERED,
    onFrame: (frame) => this.#send(frame),
  });
  #socket = new LiveSocket(this.#root.dataset.socket, {
    started: () => this.#started(),
    answer: (message, latency) => this.#answered(message, latency),
    lost: (count) => this.#figures.lost(count),
    trouble: (message) => (this.#root.dataset.trouble = message.code),
    away: () => this.#away(),
    refused: (code, said) => this.#fail(socketTrouble(code, said)),
    rested: () => this.#rested(),
  });
  #settings = new Settings(this.#get, {
    device: (id) => this.#changeCamera(id),
    mirror: (mirrored) => this.#mirror(mirrored),
    smoothing: (value) => this.#socket.set(value),
  });
  #fullScreen = new FullScreen(this.#get);
  #snapshot = new Snapshot(this.#get, this.#video);
  #phase = "off"; // off, opening, running, stopping
  #connection = "closed"; // closed, connecting, open, away
  #paused = false;
  #size = { width: 1, height: 1 };
  #startedAt = 0;

  async begin() {
    this.#pressed("start", () => this.#start());
    this.#pressed("pause", () => this.#pause(true));
    this.#pressed("resume", () => this.#pause(false));
    this.#pressed("stop", () => this.#stop());
    this.#video.addEventListener("resize", () => this.#view.fit(this.#video));
    document.addEventListener("visibilitychange", () => this.#look());
    window.addEventListener("pagehide", () => this.#leave());
    navigator.mediaDevices?.addEventListener?.("devicechange", () => this.#offerCameras());
    this.#view.show("off");
    this.#mirror(this.#get("mirror").checked);
    if (!window.isSecureContext) this.#view.explainHttps(cameraTrouble("insecure"));
    this.#offerCameras();
    this.#overlay.icons = await loadIcons(this.#root.dataset.icons, this.#colours);
  }

  // The second click of a double-click would meet the button that took the first one's place.
  #pressed(name, action) {
    this.#get(name).addEventListener("click", (event) => event.detail < 2 && action());
  }

  get #sends() {
    return this.#state === "live";
  }

  get #state() {
    if (this.#phase === "opening" && this.#camera.isScreen) return "choosing";
    if (this.#phase !== "running") return this.#phase;
    if (this.#paused) return "paused";
    if (document.hidden) return "hidden";
    return { open: "live", away: "reconnecting" }[this.#connection] ?? "connecting";
  }

  #show({ isBack = false } = {}) {
    const recording = this.#sends && Boolean(this.#socket.session);
    this.#view.show(this.#state, { recording, isBack: isBack && this.#sends });
  }

  async #start() {
    this.#phase = "opening";
    this.#paused = false;
    this.#clear();
    this.#summary.hide();
    this.#settings.lock(true);
    this.#show();
    if (!(await this.#openCamera())) return;
    this.#phase = "running";
    this.#connection = "connecting";
    this.#startedAt = performance.now();
    const { smoothing, record, name } = this.#settings;
    this.#socket.open({ smoothing, record, name: record ? name : "" });
    this.#frames.start();
    this.#wakefulness.keep();
    this.#show();
    this.#draw();
  }

  // Returns whether the camera is open. Callers must not await after it, because Stop and Start could come between.
  // `before`: the camera that goes on if no screen is chosen.
  async #openCamera(before) {
    try {
      if (!(await this.#camera.open())) return false;
    } catch (error) {
      if (this.#camera.track) {
        this.#camera.choose(before);
        this.#offerCameras();
        return true;
      }
      this.#fail(cameraTrouble(error.name));
      return false;
    }
    this.#settings.facing(this.#camera.facesUser);
    this.#view.fit(this.#video);
    this.#offerCameras();
    return true;
  }

  async #changeCamera(id) {
    const before = this.#camera.choice;
    this.#camera.choose(id);
    if (this.#phase !== "running") return;
    this.#overlay.clear();
    await this.#openCamera(before);
  }

  // A screen ends when its owner stops sharing it.
  #ends() {
    if (this.#camera.isScreen) this.#stop();
    else this.#fail(cameraTrouble("ended"));
  }

  async #offerCameras() {
    this.#settings.offer(await this.#camera.list(), this.#camera.choice);
  }

  #send({ jpeg, at, width, height }) {
    if (!this.#sends) return;
    this.#size = { width, height };
    this.#socket.send(jpeg, at);
  }

  #started() {
    const isBack = this.#connection === "away";
    this.#connection = "open";
    if (isBack) this.#root.dataset.reconnects = Number(this.#root.dataset.reconnects ?? 0) + 1;
    this.#show({ isBack });
  }

  #answered(message, latency) {
    if (this.#phase !== "running") return;
    const now = performance.now();
    this.#figures.answer(latency, message.dropped, now);
    this.#history.add(message.faces, now);
    if (!this.#sends) return;
    this.#overlay.show(message.faces, this.#size, now - latency);
    this.#face.show(message.faces, now);
    this.#group.show(message.faces, now);
    if (!this.#camera.isScreen) this.#hints.look(message.faces, this.#size, this.#frames.luma, now);
    this.#get("stage").dataset.faces = message.faces.map((face) => face.id).join(" ");
  }

  #away() {
    this.#figures.reconnected();
    this.#connection = "away";
    this.#figures.rest();
    this.#hints.clear();
    this.#show();
  }

  // The server closes idle connections; the page reconnects when it has a frame to send.
  #rested() {
    this.#connection = "away";
    this.#figures.reconnected();
    this.#look();
  }

  #pause(paused) {
    this.#paused = paused;
    this.#look();
  }

  // Called after anything that may change what is sent.
  #look() {
    if (this.#phase !== "running") return;
    const isResting = this.#paused || document.hidden;
    if (isResting) {
      this.#overlay.clear();
      this.#hints.clear();
      this.#figures.rest();
    } else {
      this.#wakefulness.keep();
      this.#socket.goOn();
    }
    this.#show();
  }

  async #stop() {
    if (this.#phase === "opening") return this.#off("off");
    this.#phase = "stopping";
    const ended = this.#ended;
    this.#frames.stop();
    this.#camera.close();
    this.#overlay.clear();
    this.#show();
    const word = await this.#socket.stop();
    this.#off("stopped");
    this.#face.clear();
    this.#group.show([], 0);
    this.#summary.show({ ...ended, word });
    this.#summary.focus();
    this.#settings.clearName();
  }

  get #ended() {
    const milliseconds = performance.now() - this.#startedAt;
    return { record: this.#settings.record, session: this.#socket.session, milliseconds, figures: this.#figures, history: this.#history };
  }

  #fail(trouble) {
    const ended = this.#ended;
    this.#off("failed", trouble);
    if (ended.session && this.#figures.answered) this.#summary.show({ ...ended, trouble });
    this.#get("https").hidden = window.isSecureContext;
  }

  #off(state, trouble = null) {
    this.#phase = "off";
    this.#connection = "closed";
    this.#frames.stop();
    this.#camera.close();
    this.#socket.close();
    this.#wakefulness.end();
    this.#overlay.clear();
    this.#hints.clear();
    this.#figures.rest();
    this.#settings.lock(false);
    this.#fullScreen.end();
    this.#view.unfit();
    this.#view.show(state, { trouble });
  }

  #leave() {
    if (this.#phase !== "off") this.#off("off");
  }

  #clear() {
    this.#history.clear();
    this.#figures.clear();
    this.#face.clear();
    this.#group.show([], 0);
    this.#chart.clear();
    this.#get("stage").dataset.faces = "";
    delete this.#root.dataset.reconnects;
    delete this.#root.dataset.trouble;
  }

  #mirror(mirrored) {
    this.#overlay.mirrored = mirrored;
    this.#video.classList.toggle("live-video-mirrored", mirrored);
  }

  #draw() {
    if (this.#phase !== "running") return;
    requestAnimationFrame(() => this.#draw());
    const now = performance.now();
    this.#overlay.draw(now);
    if (this.#face.followed !== null) this.#chart.draw(this.#history, this.#face.followed, now);
    if (this.#sends) this.#figures.write(this.#frames.cameraRate, now);
    this.#view.tellTime(now - this.#startedAt);
  }
}

new LivePage().begin();
