// The page in each of its states: the state attribute, the status line, the buttons, the cover.

import { format, gettext } from "../shared/i18n.js";
import { clock } from "../shared/words.js";

const STATES = {
  off: { status: gettext("Your camera is off."), buttons: ["start"], cover: { icon: "live", title: gettext("Your camera is off"), text: gettext("Press Start. Your browser will ask for your permission; nothing is sent before that.") } },
  opening: { status: gettext("Waiting for the camera."), buttons: ["stop"], cover: { icon: "live", title: gettext("Waiting for the camera"), text: gettext("Your browser may be asking for your permission.") } },
  choosing: { status: gettext("Waiting for a window or screen."), buttons: ["stop"], cover: { icon: "screen", title: gettext("Choose a window or screen"), text: gettext("Your browser asks which one to share.") } },
  connecting: { status: gettext("Connecting to the server."), badge: gettext("Connecting"), buttons: ["pause", "stop", "fullscreen"] },
  live: { status: gettext("Live. Not recording."), recorded: gettext("Live and recording."), badge: gettext("Live"), buttons: ["pause", "stop", "snapshot", "fullscreen"] },
  reconnecting: { status: gettext("The connection was lost. Reconnecting automatically; the picture stays on."), badge: gettext("Reconnecting"), buttons: ["pause", "stop", "snapshot", "fullscreen"] },
  paused: { status: gettext("Paused. Nothing is sent."), badge: gettext("Paused"), buttons: ["resume", "stop", "snapshot", "fullscreen"] },
  hidden: { status: gettext("Paused while this tab is in the background."), badge: gettext("Paused"), buttons: ["pause", "stop"] },
  stopping: { status: gettext("Stopping."), badge: gettext("Stopping"), buttons: ["stop"] },
  stopped: { status: gettext("Stopped. Your camera is off."), buttons: ["start"], again: true, cover: { icon: "check", title: gettext("Stopped"), text: gettext("Your camera is off, and nothing is sent.") } },
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

  // `trouble`: {title, text, link, linkText} of a problem; `isBack` after a reconnection.
  show(state, { trouble = null, isBack = false, recording = false } = {}) {
    const shown = STATES[state];
    this.#root.dataset.state = state;
    this.#root.dataset.recording = String(recording);
    const status = recording ? shown.recorded : shown.status;
    const told = isBack ? format(gettext("Connected again. %(status)s"), { status }) : status;
    this.#write(this.get("status"), trouble?.title ?? told);
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
    this.get("start-word").textContent = shown.again ? gettext("Start again") : gettext("Start");
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
