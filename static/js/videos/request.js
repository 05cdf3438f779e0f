// Sends one part of a video with progress, which XMLHttpRequest reports and fetch does not.

import { format, gettext } from "../shared/i18n.js";

// Errors after which no part can be sent.
const FINAL = new Set(["not_a_video", "too_costly", "too_long", "too_much", "too_large", "empty_file"]);
const UNREADABLE = {
  0: gettext("The connection was lost. Choose the same file again to continue where it stopped."),
  403: gettext("This page is out of date. Reload it and choose the same file again."),
  413: gettext("A part of this file is larger than the server accepts."),
};

/** An error of which only the status is known, in words. */
export function unexplained(status) {
  return format(gettext("The server answered with error %(status)s."), { status });
}

export class PartError extends Error {
  constructor(request) {
    const body = request.response;
    super(body?.message ?? UNREADABLE[request.status] ?? unexplained(request.status));
    this.isFinal = FINAL.has(body?.code);
    this.hasEnded = body?.code === "not_uploading";
    this.isPassing = request.status === 0 || request.status === 502 || (request.status === 503 && body?.retryable !== false);
    this.received = body?.received ?? null;
  }
}

export function sendPart(part, { url, token, signal, onProgress }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PUT", url);
    request.responseType = "json";
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.setRequestHeader("X-CSRFToken", token);
    request.upload.addEventListener("progress", (event) => onProgress(event.loaded));
    request.addEventListener("load", () => {
      if (request.status < 300 && request.response) resolve(request.response);
      else reject(new PartError(request));
    });
    request.addEventListener("error", () => reject(new PartError(request)));
    request.addEventListener("abort", () => reject(signal.reason));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    signal.throwIfAborted();
    request.send(part);
  });
}
