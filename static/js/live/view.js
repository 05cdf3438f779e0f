// The page in each of its states: the state attribute, the status line, the buttons, the cover.

import { clock } from "../shared/words.js";

const STATES = {
  off: { status: "Your camera is off.", buttons: ["start"], cover: { icon: "live", title: "Your camera is off", text: "Press Start; your browser will ask you first. Nothing is sent before." } },
  opening: { status: "Waiting for the camera.", buttons: ["stop"], cover: { icon: "live", title: "Waiting for the camera", text: "Your browser may be asking whether this site may use it." } },
  choosing: { status: "Waiting for a window or screen.", buttons: ["stop"], cover: { icon: "screen", title: "Choose a window or screen", text: "Your browser asks which one." } },
  connecting: { status: "Connecting to the server.", badge: "Connecting", buttons: ["pause", "stop", "fullscreen"] },
  live: { status: "Live. Not recorded.", recorded: "Live and recording.", badge: "Live", buttons: ["pause", "stop", "snapshot", "fullscreen"] },
  reconnecting: { status: "The connection dropped. Trying again by itself; the picture stays on.", badge: "Reconnecting", buttons: ["pause", "stop", "snapshot", "fullscreen"] },
  paused: { status: "Paused. Nothing is sent.", badge: "Paused", buttons: ["resume", "stop", "snapshot", "fullscreen"] },
  hidden: { status: "Paused while this tab is in the background.", badge: "Paused", buttons: ["pause", "stop"] },
  stopping: { status: "Stopping.", badge: "Stopping", buttons: ["stop"] },
  stopped: { status: "Stopped. Your camera is off.", buttons: ["start"], again: true, cover: { icon: "check", title: "Stopped", text: "Your camera is off, and nothing is sent." } },
  failed: { buttons: ["start"] },
};
const BUTTONS = ["start", "pause", "resume", "stop", "snapshot", "fullscreen"];

export class View {
  #root;
  #links;

  constructor(root) {
    this.#root = root;
    this.#links = { "sign-in": root.dataset.signIn, consent: root.dataset.consentPage };
  }

  get(name) {
    return this.#root.querySelector(`[data-${name}]`);
  }

  // `trouble`: {title, text, link, linkText} of a problem; `before` precedes the state's own text.
  show(state, { trouble = null, before = "", recording = false } = {}) {
    const shown = STATES[state];
    this.#root.dataset.state = state;
    this.#root.dataset.recording = String(recording);
    this.#write(this.get("status"), trouble ? `${trouble.title}.` : before + (recording ? shown.recorded : shown.status));
    this.#write(this.get("badge"), shown.badge ?? "");
    this.#showButtons(shown, state);
    this.get("cover").hidden = !trouble && !shown.cover;
    if (trouble) this.#cover({ icon: "alert", ...trouble });
    else if (shown.cover) this.#cover(shown.cover);
    document.title = document.title.replace(/^(● |‖ )?/, state === "live" ? "● " : state === "paused" ? "‖ " : "");
  }

  explainHttps(trouble) {
    this.show("failed", { trouble });
    this.get("start").disabled = true;
    Object.assign(this.get("https"), { hidden: false, open: true });
  }

  // The stage has the video's aspect ratio, so that the overlay covers it exactly.
  fit({ videoWidth, videoHeight }) {
    if (videoWidth) this.get("stage").style.setProperty("--ratio", videoWidth / videoHeight);
  }

  unfit() {
    this.get("stage").style.removeProperty("--ratio");
  }

  tellTime(milliseconds) {
    this.#write(this.get("clock"), clock(Math.floor(milliseconds / 1000)));
  }

  // Setting the same text again would be announced again.
  #write(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  #showButtons(shown, state) {
    const hadFocus = BUTTONS.some((name) => this.get(name) === document.activeElement);
    for (const name of BUTTONS) this.get(name).hidden = !shown.buttons.includes(name);
    this.get("start").disabled = false;
    this.get("stop").disabled = state === "stopping";
    this.get("start-word").textContent = shown.again ? "Start again" : "Start";
    const hasFocus = BUTTONS.some((name) => this.get(name) === document.activeElement && !this.get(name).hidden);
    if (hadFocus && !hasFocus) this.get(shown.buttons[0]).focus();
  }

  #cover({ icon, title, text, link, linkText }) {
    this.get("cover").classList.toggle("live-cover-trouble", icon === "alert");
    this.get("cover-icon").setAttribute("href", `${this.#root.dataset.icons}#${icon}`);
    this.#write(this.get("cover-title"), title);
    this.#write(this.get("cover-text"), text);
    const action = this.get("cover-action");
    action.replaceChildren();
    if (!link) return;
    const anchor = document.createElement("a");
    Object.assign(anchor, { href: this.#links[link], className: "button", textContent: linkText });
    action.append(anchor);
  }
}
