// Takes the picture of a moment, shows it, and adds it to the photos once the user agrees.

import { sendPhoto } from "../photos/upload_request.js";
import { format, gettext } from "../shared/i18n.js";

const QUALITY = 0.92;

function nameOf(date) {
  const [day, time] = [date.toLocaleDateString("sv"), date.toLocaleTimeString("sv")];
  return `${format(gettext("Live %(date)s"), { date: `${day} ${time.replaceAll(":", ".")}` })}.jpg`;
}

export class Snapshot {
  #get;
  #video;
  #form;
  #name = "";

  constructor(get, video) {
    this.#get = get;
    this.#video = video;
    this.#form = get("snapshot-form");
    get("snapshot").addEventListener("click", () => this.#take());
    get("snapshot-close").addEventListener("click", () => get("snapshot-dialog").close());
    get("snapshot-dialog").addEventListener("close", () => this.#forget());
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#add();
    });
  }

  get #canvas() {
    return this.#get("snapshot-picture");
  }

  #take() {
    const { videoWidth: width, videoHeight: height } = this.#video;
    if (!width) return;
    Object.assign(this.#canvas, { width, height });
    this.#canvas.getContext("2d").drawImage(this.#video, 0, 0, width, height);
    this.#name = nameOf(new Date());
    this.#form.reset();
    this.#say("");
    this.#show(false);
    this.#get("snapshot-dialog").showModal();
  }

  async #add() {
    this.#get("snapshot-add").disabled = true;
    this.#say(gettext("Adding…"));
    try {
      await this.#agree();
      const blob = await new Promise((resolve) => this.#canvas.toBlob(resolve, "image/jpeg", QUALITY));
      const { action: url } = this.#form;
      const token = this.#form.elements.csrfmiddlewaretoken.value;
      const photo = await sendPhoto(new File([blob], this.#name), { url, token, peopleAgreed: "on", onProgress: () => {} });
      this.#get("snapshot-link").href = photo.url;
      this.#show(true);
      this.#say(gettext("It is in your history."));
      this.#get("snapshot-link").focus();
    } catch (error) {
      this.#say(error.message);
    }
    this.#get("snapshot-add").disabled = false;
  }

  // The first photo of all needs the consent to the analysis of photos.
  async #agree() {
    const consent = this.#get("snapshot-consent");
    if (!consent) return;
    const body = new FormData(this.#form);
    body.set("answer", "agree");
    const answer = await fetch(consent.dataset.snapshotConsent, { method: "POST", body });
    if (!answer.ok) throw new Error(gettext("Your consent could not be saved. Reload the page and try again."));
    consent.remove();
  }

  #show(isAdded) {
    this.#get("snapshot-ask").hidden = this.#get("snapshot-add").hidden = isAdded;
    this.#get("snapshot-link").hidden = !isAdded;
  }

  #say(text) {
    this.#get("snapshot-status").textContent = text;
  }

  #forget() {
    Object.assign(this.#canvas, { width: 1, height: 1 });
  }
}
