// Keeps the history's progress bar up to date while photos are analysed again.

const place = document.querySelector("[data-reanalysis]");
const EVERY = 2000;

async function refresh() {
  try {
    const response = await fetch(place.dataset.reanalysis, { headers: { Accept: "text/html, application/json" } });
    if (response.ok) show(await response.text());
  } catch {
    // The server cannot be reached just now; the next time may go better.
  }
  follow();
}

function show(html) {
  // Whoever is about to press Cancel keeps the button under the finger and the focus on it.
  const hadFocus = place.contains(document.activeElement);
  const next = new DOMParser().parseFromString(html, "text/html").body;
  const ended = !next.querySelector("[data-reanalysis-open]");
  const bar = place.querySelector("progress");
  const words = place.querySelector(".again-words");
  if (ended || !bar) {
    place.replaceChildren(...next.children);
    if (hadFocus) place.querySelector("button, a")?.focus();
  } else {
    bar.value = next.querySelector("progress").value;
    bar.max = next.querySelector("progress").max;
    words.replaceChildren(...next.querySelector(".again-words").childNodes);
  }
}

function follow() {
  if (place.querySelector("[data-reanalysis-open]")) setTimeout(refresh, EVERY);
}

if (place) follow();
