// Sends a video in parts; waits and asks where it stopped when the connection is lost.

import { gettext } from "../shared/i18n.js";
import { PartError, sendPart, unexplained } from "./request.js";

const PART_BYTES = 4_000_000;
const TRIES = 6;
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 15000;

const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export function isVideo(file) {
  return file.type.startsWith("video/") || /\.(mp4|m4v|mov|webm)$/i.test(file.name);
}

export class VideoSender {
  #url;
  #token;
  #partBytes;
  #signal;
  #onProgress;

  // `onProgress(bytes, words)` is told how much is sent, and, while nothing is, why.
  constructor({ url, token, partBytes = PART_BYTES, signal = new AbortController().signal, onProgress }) {
    this.#url = url;
    this.#token = token;
    this.#partBytes = partBytes;
    this.#signal = signal;
    this.#onProgress = onProgress;
  }

  // Begins a new upload; returns the server's description of the video.
  begin(file, peopleAgreed) {
    return this.#ask(new URLSearchParams({ name: file.name, size: file.size, people_agreed: peopleAgreed }));
  }

  // The state of an upload begun earlier, null where it is gone.
  async look(url) {
    const response = await fetch(url, { headers: { Accept: "application/json" }, signal: this.#signal });
    return response.ok ? response.json() : null;
  }

  // Sends what the server has not received; returns the video's last description.
  async sendParts(file, video) {
    let [now, tries] = [video, 0];
    while (now.status === "uploading") {
      const offset = now.received;
      this.#onProgress(offset);
      try {
        now = await sendPart(file.slice(offset, offset + this.#partBytes), {
          url: `${video.part_url}?offset=${offset}`,
          token: this.#token,
          signal: this.#signal,
          onProgress: (bytes) => this.#onProgress(offset + bytes),
        });
        tries = 0;
      } catch (error) {
        tries += 1;
        if (!(error instanceof PartError) || tries >= TRIES) throw error;
        // The server expects another part, as after a lost response.
        if (error.received !== null) now = { ...now, received: error.received };
        else if (error.hasEnded) now = await this.#lookAgain(now, error);
        else if (error.isPassing) await this.#pause(offset, tries);
        else throw error;
      }
    }
    return now;
  }

  // Drops an upload that cannot be finished.
  async cancel(video) {
    const headers = { Accept: "application/json", "X-CSRFToken": this.#token };
    await fetch(`${video.url}cancel/`, { method: "POST", headers, redirect: "manual" }).catch(() => {});
  }

  // No part is expected: the last response was lost, or the upload was cancelled elsewhere.
  async #lookAgain(video, error) {
    let now = video;
    try {
      now = await this.look(`${video.url}progress/`);
    } catch {
      this.#signal.throwIfAborted();
    }
    if (!now) throw error;
    return now;
  }

  async #pause(offset, tries) {
    this.#onProgress(offset, gettext("The connection was lost. Trying again…"));
    await wait(Math.min(FIRST_WAIT * 2 ** tries, LONGEST_WAIT));
    this.#signal.throwIfAborted();
  }

  async #ask(body) {
    const headers = { Accept: "application/json", "X-CSRFToken": this.#token };
    let response;
    try {
      response = await fetch(this.#url, { method: "POST", headers, body, signal: this.#signal });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new Error(gettext("The connection was lost. Check it and choose the file again."));
    }
    const answer = await response.json().catch(() => null);
    if (response.ok && answer) return answer;
    throw new Error(answer?.message ?? unexplained(response.status));
  }
}
