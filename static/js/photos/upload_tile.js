// One file's place in the upload queue: its progress, then its result or what went wrong.

import { format, gettext } from "../shared/i18n.js";

export class UploadTile {
  #item;
  #name;
  #template;

  constructor(template, name, { onRetry, onDismiss }) {
    this.#name = name;
    this.#template = template.content;
    this.#item = template.content.firstElementChild.cloneNode(true);
    this.#part("name").textContent = name;
    this.#part("retry").addEventListener("click", onRetry);
    this.#part("dismiss").addEventListener("click", () => {
      this.#item.remove();
      onDismiss();
    });
    this.#show(gettext("Waiting"));
  }

  get element() {
    return this.#item;
  }

  start() {
    this.#show(gettext("Uploading"), { busy: true });
    this.progress(0);
  }

  wait() {
    this.#show(gettext("The server is busy. Trying again."), { busy: true });
  }

  progress(share) {
    const bar = this.#part("progress");
    if (share < 1) {
      bar.value = share;
    } else {
      bar.removeAttribute("value");
      this.#show(gettext("Analysing"), { busy: true });
    }
  }

  // `html` is the site's own rendering, in which names are escaped.
  done({ html, name, is_new: isNew }) {
    this.#item.innerHTML = html;
    if (isNew) return;
    const note = document.createElement("p");
    note.className = "tile-note";
    note.textContent = name === this.#name
      ? gettext("Uploaded earlier")
      : format(gettext("“%(name)s” was uploaded earlier under this name"), { name: this.#name });
    this.#item.append(note);
  }

  // A video is analysed in the background: its tile leads to its page.
  sent({ url }) {
    const card = this.#template.querySelector("[data-sent-video]").content.cloneNode(true);
    card.querySelector("a").href = url;
    card.querySelector("[data-name]").textContent = this.#name;
    this.#item.replaceChildren(card);
  }

  fail(message, { canRetry }) {
    this.#show(message, { failed: true });
    this.#part("retry").hidden = !canRetry;
  }

  #part(name) {
    return this.#item.querySelector(`[data-tile-${name}]`);
  }

  #show(text, { busy = false, failed = false } = {}) {
    this.#part("state").textContent = text;
    this.#part("progress").hidden = failed;
    this.#part("actions").hidden = !failed;
    const tile = this.#item.querySelector(".tile");
    tile.classList.toggle("tile-busy", busy);
    tile.classList.toggle("tile-failed", failed);
  }
}
