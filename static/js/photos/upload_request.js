// Sends one file and reports how much of it is on its way (fetch cannot tell that, XMLHttpRequest can).

import { format, gettext } from "../shared/i18n.js";

export class UploadError extends Error {
  constructor(message, { code, isBusy = false, retryAfter = null }) {
    super(message);
    this.code = code;
    this.isBusy = isBusy;
    this.retryAfter = retryAfter;
  }
}

const UNREADABLE = {
  0: gettext("The connection was lost. Check it and try again."),
  403: gettext("This page is out of date. Reload it and try again."),
  413: gettext("This file is too large."),
};

function failure(request) {
  const body = request.response;
  const message = body?.message ?? UNREADABLE[request.status] ?? format(gettext("The upload failed with error %(status)s. Try again."), { status: request.status });
  return new UploadError(message, {
    code: body?.code ?? `http_${request.status}`,
    isBusy: [429, 503].includes(request.status) && Boolean(body?.retryable),
    retryAfter: Number(request.getResponseHeader("Retry-After")) || null,
  });
}

export function sendPhoto(file, { url, token, peopleAgreed, onProgress }) {
  return new Promise((resolve, reject) => {
    const form = new FormData();
    form.append("people_agreed", peopleAgreed);
    form.append("photo", file, file.name || "pasted.png");
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.responseType = "json";
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRFToken", token);
    request.upload.addEventListener("progress", (event) => onProgress(event.loaded / event.total));
    request.addEventListener("load", () => {
      if (request.status < 300 && request.response) resolve(request.response);
      else reject(failure(request));
    });
    request.addEventListener("error", () => reject(failure(request)));
    request.send(form);
  });
}
