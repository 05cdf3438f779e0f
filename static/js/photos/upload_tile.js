// One file's place in the upload queue: its progress, then its result or what went wrong.

export class UploadTile {
  #item;

  constructor(template, name, { onRetry, onDismiss }) {
    this.#item = template.content.firstElementChild.cloneNode(true);
    this.#part("name").textContent = name;
    this.#part("retry").addEventListener("click", onRetry);
    this.#part("dismiss").addEventListener("click", () => {
      this.#item.remove();
      onDismiss();
    });
    this.#show("Waiting");
  }

  get element() {
    return this.#item;
  }

  start() {
    this.#show("Uploading", { busy: true });
    this.progress(0);
  }

  wait() {
    this.#show("The server is busy; trying again", { busy: true });
  }

  progress(share) {
    const bar = this.#part("progress");
    if (share < 1) {
      bar.value = share;
    } else {
      bar.removeAttribute("value");
      this.#show("Analysing", { busy: true });
    }
  }

  // `html` is the site's own rendering, in which names are escaped.
  done({ html, is_new: isNew }) {
    this.#item.innerHTML = html;
    if (!isNew) {
      const note = document.createElement("p");
      note.className = "tile-note";
      note.textContent = "Already uploaded earlier";
      this.#item.append(note);
    }
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
