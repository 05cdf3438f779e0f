// Sends what is tried on the page of the REST API, with the session and its CSRF token, and opens what is linked to.

import { format, gettext, ngettext, number } from "./i18n.js";

const MOST = 20_000; // characters of an answer that are shown
const { csrf } = document.querySelector("[data-api]").dataset;

function inputs(form, place) {
  return [...form.querySelectorAll(`[data-place="${place}"]`)];
}

function address(form) {
  let path = form.dataset.path;
  for (const { name, value } of inputs(form, "path")) path = path.replace(`{${name}}`, encodeURIComponent(value));
  const query = new URLSearchParams(inputs(form, "query").filter(({ value }) => value).map(({ name, value }) => [name, value]));
  return query.size ? `${path}?${query}` : path;
}

function content(form) {
  if (form.dataset.type === "multipart/form-data") {
    const data = new FormData();
    for (const { name, files, value } of inputs(form, "form")) {
      if (files) for (const file of files) data.append(name, file);
      else if (value) data.append(name, value);
    }
    return data;
  }
  return form.querySelector("[data-body]")?.value ?? form.querySelector("[data-file]")?.files[0];
}

function request(form) {
  const { method, type } = form.dataset;
  const headers = Object.fromEntries(inputs(form, "header").filter(({ value }) => value).map(({ name, value }) => [name, value]));
  if (method !== "GET") headers["X-CSRFToken"] = csrf;
  if (type && type !== "multipart/form-data") headers["Content-Type"] = type;
  return new Request(address(form), { method, headers, body: method === "GET" ? undefined : content(form) });
}

async function text(response) {
  const type = response.headers.get("Content-Type") ?? "";
  if (type.includes("json")) return JSON.stringify(await response.json(), null, 2);
  if (type.startsWith("text/")) return response.text();
  const { size } = await response.blob();
  if (!type) return gettext("No content");
  return format(ngettext("%(type)s, %(count)s byte", "%(type)s, %(count)s bytes", size), { type, count: number(size) });
}

async function send(form) {
  const [status, answer] = [form.querySelector("[data-answer-status]"), form.querySelector("[data-answer]")];
  const began = performance.now();
  try {
    const response = await fetch(request(form));
    const shown = await text(response);
    status.textContent = `${response.status} ${response.statusText}, ${Math.round(performance.now() - began)} ms`;
    answer.textContent = shown.length > MOST ? `${shown.slice(0, MOST)}\n…` : shown;
    answer.hidden = false;
  } catch {
    status.textContent = gettext("The server cannot be reached at the moment.");
    answer.hidden = true;
  }
}

function openLinked() {
  const linked = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!(linked instanceof HTMLDetailsElement)) return;
  linked.open = true;
  linked.scrollIntoView();
}

for (const form of document.querySelectorAll("[data-try]")) {
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form);
  });
}
window.addEventListener("hashchange", openLinked);
openLinked();
