// The upload page: files picked, dropped, pasted or taken by the camera go through the queue, each with a tile.
// A video among them is sent to the videos.

import { format, gettext, ngettext, number } from "../shared/i18n.js";
import { onceAgreed, peopleAgreed } from "../shared/people_agreed.js";
import { isVideo, VideoSender } from "../videos/sender.js";
import { UploadQueue } from "./upload_queue.js";
import { sendPhoto } from "./upload_request.js";
import { UploadTile } from "./upload_tile.js";

// Sending the same bytes again cannot help with these.
const FINAL = new Set(["too_large", "too_many_pixels", "not_an_image", "damaged_image", "too_costly", "empty_file", "quota_reached", "consent_needed"]);

class UploadPage {
  #form = document.querySelector("[data-upload]");
  #section = document.querySelector("[data-queue]");
  #template = this.#section.querySelector("[data-tile]");
  #counts = { photos: 0, done: 0, videos: 0, sent: 0, failed: 0 };
  #queue = new UploadQueue({
    parallel: Number(this.#form.dataset.parallel),
    send: (job) => (job.isVideo ? this.#sendVideo(job) : this.#sendPhoto(job)),
  });

  start() {
    for (const picker of this.#form.querySelectorAll("[data-picker]")) this.#bindPicker(picker);
    this.#bindDrop();
    document.addEventListener("paste", (event) => this.#add(event.clipboardData?.files ?? []));
    window.addEventListener("beforeunload", (event) => {
      if (this.#queue.pending) event.preventDefault();
    });
  }

  #bindPicker(picker) {
    picker.multiple = !picker.hasAttribute("capture");
    const take = () => {
      this.#add(picker.files);
      // The same file may be chosen again after a failure.
      picker.value = "";
    };
    picker.addEventListener("change", take);
    // What was chosen before this script was here.
    take();
  }

  // The whole page takes a drop: a photo let go beside the zone must not replace the page.
  #bindDrop() {
    const zone = this.#form.querySelector("[data-dropzone]");
    const mark = (event, over) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      zone.classList.toggle("dropzone-over", over);
    };
    window.addEventListener("dragover", (event) => mark(event, true));
    window.addEventListener("dragleave", (event) => mark(event, event.relatedTarget !== null));
    window.addEventListener("drop", (event) => {
      mark(event, false);
      this.#add(event.dataTransfer.files);
    });
  }

  #add(files) {
    const chosen = [...files];
    if (chosen.length) onceAgreed(chosen, () => this.#take(chosen));
  }

  #take(files) {
    const jobs = files.map((file) => this.#newJob(file));
    this.#section.querySelector("[data-tiles]").prepend(...jobs.map((job) => job.tile.element));
    for (const job of jobs) {
      this.#count({ [job.isVideo ? "videos" : "photos"]: 1 });
      this.#enter(job);
    }
  }

  #newJob(file) {
    const job = {
      file,
      isVideo: isVideo(file),
      tile: null,
      onStart: () => job.tile.start(),
      onWait: () => job.tile.wait(),
      onDone: (result) => (job.isVideo ? this.#finish("sent", () => job.tile.sent(result)) : this.#finish("done", () => job.tile.done(result))),
      onError: (error) => this.#fail(job, error.message, !error.isFinal && !FINAL.has(error.code)),
    };
    job.tile = new UploadTile(this.#template, file.name, {
      onRetry: () => this.#retry(job),
      onDismiss: () => this.#count({ [job.isVideo ? "videos" : "photos"]: -1, failed: -1 }),
    });
    return job;
  }

  #enter(job) {
    const most = Number(job.isVideo ? this.#form.dataset.videoMaxBytes : this.#form.dataset.maxBytes);
    if (job.file.size > most) {
      const [size, limit] = [job.file.size, most].map((bytes) => number(bytes / 1e6, bytes % 1e6 ? 1 : 0));
      const text = job.isVideo
        ? gettext("This video is %(size)s MB. Videos can be up to %(limit)s MB.")
        : gettext("This file is %(size)s MB. Photos can be up to %(limit)s MB.");
      this.#fail(job, format(text, { size, limit }), false);
    } else {
      this.#queue.add(job);
    }
  }

  get #token() {
    return this.#form.querySelector("[name=csrfmiddlewaretoken]").value;
  }

  #sendPhoto(job) {
    return sendPhoto(job.file, {
      url: this.#form.action,
      peopleAgreed: peopleAgreed(),
      token: this.#token,
      onProgress: (share) => job.tile.progress(share),
    });
  }

  async #sendVideo(job) {
    const sender = new VideoSender({
      url: this.#form.dataset.videoUrl,
      token: this.#token,
      // Below 1, at which a photo is being analysed.
      onProgress: (bytes) => job.tile.progress(Math.min(bytes / job.file.size, 0.99)),
    });
    job.video = (job.video && (await sender.look(`${job.video.url}progress/`))) ?? (await sender.begin(job.file, peopleAgreed()));
    try {
      return await sender.sendParts(job.file, job.video);
    } catch (error) {
      if (error.isFinal) await sender.cancel(job.video);
      throw error;
    }
  }

  #retry(job) {
    this.#count({ failed: -1 });
    this.#queue.add(job);
  }

  #fail(job, message, canRetry) {
    this.#finish("failed", () => job.tile.fail(message, { canRetry }));
  }

  #finish(kind, show) {
    show();
    this.#count({ [kind]: 1 });
  }

  #count(change) {
    for (const [key, value] of Object.entries(change)) this.#counts[key] += value;
    const { photos, done, videos, sent, failed } = this.#counts;
    const words = [
      photos &&
        format(ngettext("%(done)s of %(count)s photo analysed.", "%(done)s of %(count)s photos analysed.", photos), {
          done: number(done),
          count: number(photos),
        }),
      videos &&
        format(ngettext("%(done)s of %(count)s video uploaded.", "%(done)s of %(count)s videos uploaded.", videos), {
          done: number(sent),
          count: number(videos),
        }),
      failed && format(ngettext("%(count)s failed.", "%(count)s failed.", failed), { count: number(failed) }),
    ];
    this.#section.querySelector("[data-status]").textContent = words.filter(Boolean).join(" ");
    this.#section.hidden = photos + videos === 0;
  }
}

new UploadPage().start();
