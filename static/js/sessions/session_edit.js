// Edits a session's name and notes in place; text stays in the form until it is saved.

import { gettext } from "../shared/i18n.js";

async function save(form) {
  const error = form.querySelector("[data-error]");
  const field = form.querySelector("[name=name], [name=notes]");
  error.textContent = "";
  try {
    const headers = { Accept: "application/json" };
    const response = await fetch(form.action, { method: "POST", body: new FormData(form), headers });
    const isJson = response.headers.get("Content-Type")?.includes("json");
    const answer = isJson ? await response.json() : { message: gettext("Not saved: the session was deleted, or this page is out of date. Reload it and try again.") };
    field.setAttribute("aria-invalid", String(!response.ok));
    if (response.ok) return answer;
    error.textContent = answer.message;
  } catch {
    error.textContent = gettext("Not saved: the server cannot be reached. What you typed stays here.");
  }
  return null;
}

class Rename {
  #title = document.querySelector("[data-heading]");
  #form = document.querySelector("[data-rename-form]");
  #open = document.querySelector("[data-rename]");
  #field = this.#form.elements.name;

  constructor() {
    const cancel = this.#form.querySelector("[data-rename-cancel]");
    this.#open.hidden = false;
    this.#open.addEventListener("click", () => {
      this.#show(true);
      this.#field.select();
    });
    cancel.addEventListener("click", () => this.#close());
    this.#form.addEventListener("keydown", (event) => event.key === "Escape" && this.#close());
    this.#form.addEventListener("submit", (event) => this.#submit(event));
  }

  #show(isOpen) {
    this.#form.hidden = !isOpen;
    this.#title.hidden = isOpen;
  }

  #close() {
    this.#field.value = this.#title.querySelector("[data-name]").textContent;
    this.#form.querySelector("[data-error]").textContent = "";
    this.#field.removeAttribute("aria-invalid");
    this.#show(false);
    this.#open.focus();
  }

  async #submit(event) {
    event.preventDefault();
    const saved = await save(this.#form);
    if (!saved) return this.#field.focus();
    this.#title.querySelector("[data-name]").textContent = saved.name;
    document.title = document.title.replace(/.*(?= · )/, () => saved.name);
    const replay = document.querySelector("[data-replay]");
    if (replay) replay.dataset.title = saved.name;
    this.#close();
  }
}

class Notes {
  #form = document.querySelector("[data-notes-form]");
  #status = this.#form.querySelector("[data-status]");
  #field = this.#form.elements.notes;
  #saved = this.#field.value;

  constructor() {
    this.#field.addEventListener("input", () => (this.#status.textContent = this.#isChanged ? gettext("Not saved yet") : ""));
    this.#form.addEventListener("submit", (event) => this.#submit(event));
    window.addEventListener("beforeunload", (event) => this.#isChanged && event.preventDefault());
  }

  get #isChanged() {
    return this.#field.value !== this.#saved;
  }

  async #submit(event) {
    event.preventDefault();
    const sent = this.#field.value;
    const saved = await save(this.#form);
    if (!saved) return;
    this.#saved = sent;
    this.#status.textContent = this.#isChanged ? gettext("Not saved yet") : gettext("Saved");
  }
}

new Rename();
new Notes();
