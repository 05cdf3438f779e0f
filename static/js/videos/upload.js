// Uploads a video in parts, resumes an interrupted upload of the same file, and can be cancelled.

import { format, gettext, number } from "../shared/i18n.js";
import { onceAgreed, peopleAgreed } from "../shared/people_agreed.js";
import { VideoSender } from "./sender.js";

// States after which no part of a video is sent.
const WHOLE = new Set(["queued", "running", "finished"]);

function megabytes(bytes) {
  const size = Math.round(bytes / 1e5) / 10;
  return number(size, Number.isInteger(size) ? 0 : 1);
}

class VideoUpload {
  #form = document.querySelector("[data-video-upload]");
  #picker = this.#form.querySelector("[data-picker]");
  #maxBytes = Number(this.#form.dataset.maxBytes);
  #partBytes = Number(this.#form.dataset.partBytes);
  #stop = null;
  #interrupted = null;

  start() {
    this.#picker.addEventListener("change", () => this.#pick());
    this.#part("sending-cancel").addEventListener("click", () => this.#stop?.abort());
    window.addEventListener("beforeunload", (event) => {
      if (this.#stop) event.preventDefault();
    });
    this.#bindDrop();
    // A file chosen before this script was loaded.
    this.#pick();
  }

  #pick() {
    const [file] = this.#picker.files;
    this.#picker.value = "";
    if (file) onceAgreed([file], () => this.#send(file), { replaces: true });
  }

  #bindDrop() {
    const zone = this.#part("choose");
    const mark = (event, over) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      zone.classList.toggle("dropzone-over", over);
    };
    window.addEventListener("dragover", (event) => mark(event, true));
    window.addEventListener("dragleave", (event) => mark(event, event.relatedTarget !== null));
    window.addEventListener("drop", (event) => {
      mark(event, false);
      const [file] = event.dataTransfer.files;
      if (file && !this.#stop) onceAgreed([file], () => this.#send(file), { replaces: true });
    });
  }

  async #send(file) {
    this.#refuse("");
    if (file.size > this.#maxBytes) {
      const [size, limit] = [file.size, this.#maxBytes].map(megabytes);
      this.#refuse(format(gettext("This video is %(size)s MB. Videos can be up to %(limit)s MB."), { size, limit }));
      return;
    }
    this.#stop = new AbortController();
    this.#show(file, 0, gettext("Starting…"));
    const sender = this.#newSender(file);
    let video = null;
    try {
      video = await this.#begin(file, sender);
      const whole = await sender.sendParts(file, video);
      this.#stop = null;
      location.assign(whole.url);
    } catch (error) {
      const cancelled = this.#stop.signal.aborted;
      this.#stop = null;
      // An upload that cannot be finished is not stored for resuming.
      const isOver = cancelled || error.isFinal;
      if (video && isOver) await this.#forget(video, cancelled ? "text/html" : "application/json");
      this.#interrupted = video && !isOver ? { name: file.name, size: file.size, url: `${video.url}progress/` } : null;
      if (cancelled) location.reload();
      else this.#fail(error.message);
    }
  }

  #newSender(file) {
    return new VideoSender({
      url: this.#form.action,
      token: this.#token,
      partBytes: this.#partBytes,
      signal: this.#stop.signal,
      onProgress: (bytes, words) => this.#show(file, bytes, words),
    });
  }

  // An interrupted upload of this file, or a new one.
  async #begin(file, sender) {
    const known = [...document.querySelectorAll("[data-unfinished]")].map((row) => ({
      name: row.dataset.name,
      size: Number(row.dataset.bytes),
      url: row.dataset.unfinished,
      hide: () => (row.closest("li").hidden = true),
    }));
    const names = [file.name, file.name.normalize("NFC")];
    const same = [this.#interrupted, ...known].find((one) => one && names.includes(one.name) && one.size === file.size);
    const video = same ? await sender.look(same.url) : null;
    if (WHOLE.has(video?.status)) return video;
    if (video?.status === "uploading") {
      same.hide?.();
      return video;
    }
    return sender.begin(file, peopleAgreed());
  }

  // As a page the server's next one says that it was cancelled.
  async #forget(video, accept) {
    const headers = { Accept: accept, "X-CSRFToken": this.#token };
    const address = `${video.url}cancel/`;
    await fetch(address, { method: "POST", headers, redirect: "manual" }).catch(() => {});
  }

  #show(file, bytes, words = "") {
    this.#part("choose").hidden = true;
    this.#part("sending").hidden = false;
    this.#part("sending-name").textContent = file.name;
    this.#part("sending-bar").value = file.size ? bytes / file.size : 0;
    const [sent, size] = [bytes, file.size].map((count) => number(count / 1e6, 1));
    this.#part("sending-words").textContent = words || format(gettext("%(sent)s of %(size)s MB uploaded"), { sent, size });
  }

  #fail(message) {
    this.#part("choose").hidden = false;
    this.#part("sending").hidden = true;
    this.#refuse(message);
  }

  #refuse(message) {
    this.#part("refusal").hidden = !message;
    this.#part("refusal-words").textContent = message;
  }

  get #token() {
    return this.#form.querySelector("[name=csrfmiddlewaretoken]").value;
  }

  #part(name) {
    return this.#form.querySelector(`[data-${name}]`);
  }
}

new VideoUpload().start();
