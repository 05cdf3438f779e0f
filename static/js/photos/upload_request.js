// Sends one file and reports how much of it is on its way (fetch cannot tell that, XMLHttpRequest can).

export class UploadError extends Error {
  constructor(message, { code, isBusy = false, retryAfter = null }) {
    super(message);
    this.code = code;
    this.isBusy = isBusy;
    this.retryAfter = retryAfter;
  }
}

const UNREADABLE = {
  0: "The connection was lost. Check it and retry.",
  403: "The server did not accept this page any more. Reload it and try again.",
  413: "This file is larger than the server accepts.",
};

function failure(request) {
  const body = request.response;
  const message = body?.message ?? UNREADABLE[request.status] ?? `The server answered with error ${request.status}.`;
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
