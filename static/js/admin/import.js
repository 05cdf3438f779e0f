// Uploads the zip of another site's version in parts, as videos are; without this script the form sends it whole.

import { format, gettext, number } from "../shared/i18n.js";
import { VideoSender } from "../videos/sender.js";

const form = document.querySelector("[data-import]");
const part = (name) => form.querySelector(`[data-${name}]`);
const token = form.querySelector("[name=csrfmiddlewaretoken]").value;

form.addEventListener("submit", async (event) => {
  const [file] = form.elements.archive.files;
  // The server says what is missing.
  if (!file) return;
  event.preventDefault();
  busy(true);
  try {
    const sender = new VideoSender({
      url: form.action,
      token,
      partBytes: Number(form.dataset.partBytes),
      onProgress: (bytes, words) => show(file, bytes, words),
    });
    const whole = await sender.sendParts(file, await begin(file));
    location.assign(whole.url);
  } catch (error) {
    busy(false);
    part("refusal").textContent = error.message;
    part("refusal").hidden = false;
  }
});

async function begin(file) {
  const body = new URLSearchParams({ name: form.elements.name.value, size: file.size });
  const headers = { Accept: "application/json", "X-CSRFToken": token };
  const answer = await fetch(form.action, { method: "POST", headers, body });
  const begun = await answer.json();
  if (!answer.ok) throw new Error(begun.message);
  return begun;
}

function busy(is) {
  part("refusal").hidden = true;
  part("sending").hidden = !is;
  form.querySelector("[type=submit]").disabled = is;
}

function show(file, bytes, words = "") {
  part("bar").value = bytes / file.size;
  part("sending-words").textContent = words || progress(bytes, file.size);
}

function progress(done, all) {
  const values = { done: number(done / 1e6, 1), all: number(all / 1e6, 1) };
  return format(gettext("%(done)s of %(all)s MB are uploaded"), values);
}
