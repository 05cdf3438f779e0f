// Keeps the progress of bulk actions up to date, and takes "Undo" away once it is too late.

const place = document.querySelector("[data-bulk]");
const EVERY = 1000;

async function refresh() {
  try {
    const response = await fetch(place.dataset.bulk, { headers: { Accept: "text/html, application/json" } });
    if (response.ok) show(await response.text());
  } catch {
    // The server cannot be reached just now; the next time may go better.
  }
  follow();
}

function show(html) {
  const next = new DOMParser().parseFromString(html, "text/html").body;
  const [now, then] = [place, next].map((part) => [...part.children]);
  const isSame = now.length === then.length && now.every((job, i) => sameJob(job, then[i]));
  if (!isSame) {
    const hadFocus = place.contains(document.activeElement);
    place.replaceChildren(...then);
    if (hadFocus) place.querySelector("button, a")?.focus();
    return;
  }
  // Whoever is about to press a button keeps it under the finger and the focus on it.
  now.forEach((job, i) => {
    const [words, newer] = [job, then[i]].map((part) => part.querySelector(".again-words"));
    if (words.textContent !== newer.textContent) words.replaceChildren(...newer.childNodes);
    const bar = job.querySelector("progress");
    if (bar) bar.value = then[i].querySelector("progress").value;
  });
}

function sameJob(one, other) {
  const [a, b] = [one, other].map((job) => `${job.querySelector("form")?.action} ${Boolean(job.querySelector("progress"))}`);
  return a === b;
}

function follow() {
  if (place.querySelector("[data-bulk-open]")) setTimeout(refresh, EVERY);
}

if (place) follow();
