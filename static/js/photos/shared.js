// Photos shared to the site from a phone's share sheet: the service worker keeps them until somebody adds them here.
// Another site could have sent them, too, so nothing is uploaded unasked.

import { format, ngettext, number } from "../shared/i18n.js";

const CACHE = "shared";
const KEPT = 3600 * 1000; // milliseconds
const section = document.querySelector("[data-shared]");
const picker = document.querySelector("[data-picker]");

async function read(cache, request) {
  const response = await cache.match(request);
  const { headers } = response;
  if (Date.now() - Number(headers.get("X-Time")) > KEPT) return [];
  const name = decodeURIComponent(headers.get("X-Name"));
  return [new File([await response.blob()], name, { type: headers.get("Content-Type") })];
}

async function waiting() {
  if (!("caches" in window) || !(await caches.has(CACHE))) return [];
  const cache = await caches.open(CACHE);
  const files = await Promise.all((await cache.keys()).map((request) => read(cache, request)));
  return files.flat();
}

function done() {
  section.hidden = true;
  caches.delete(CACHE);
}

function show(files) {
  const text = ngettext(
    "%(count)s photo from another app is ready to upload. It is only in this browser so far.",
    "%(count)s photos from another app are ready to upload. They are only in this browser so far.",
    files.length,
  );
  section.querySelector("[data-shared-words]").textContent = format(text, { count: number(files.length) });
  const pictures = files.map((file) => {
    const [item, picture] = [document.createElement("li"), new Image()];
    picture.src = URL.createObjectURL(file);
    picture.alt = file.name;
    item.append(picture);
    return item;
  });
  section.querySelector("[data-shared-pictures]").replaceChildren(...pictures);
  section.querySelector("[data-shared-discard]").addEventListener("click", done);
  section.querySelector("[data-shared-add]").addEventListener("click", () => {
    const transfer = new DataTransfer();
    for (const file of files) transfer.items.add(file);
    picker.files = transfer.files;
    picker.dispatchEvent(new Event("change"));
    done();
  });
  section.hidden = false;
  section.querySelector("h2").focus();
}

const files = await waiting();
if (files.length) show(files);
else if ("caches" in window) caches.delete(CACHE);
