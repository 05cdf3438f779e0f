// Updates videos' progress bars; reloads the page when one has ended.

const EVERY = 2000;
const OPEN = new Set(["queued", "running"]);

async function refresh(place) {
  try {
    const response = await fetch(place.dataset.video, { headers: { Accept: "application/json" } });
    const video = response.ok ? await response.json() : null;
    const hasEnded = video ? !OPEN.has(video.status) : response.status === 404 || response.status === 401;
    // A reload would interrupt an upload on this page, which navigates at its end.
    if (hasEnded && !document.querySelector("[data-sending]:not([hidden])")) {
      location.reload();
      return;
    }
    if (video) show(place, video);
  } catch {
    // The server cannot be reached; the next poll tries again.
  }
  setTimeout(refresh, EVERY, place);
}

function show(place, video) {
  const bar = place.querySelector("[data-bar]");
  if (video.progress || video.status === "queued") bar.value = video.progress;
  else bar.removeAttribute("value");
  place.querySelector("[data-status]").textContent = video.status_words;
  place.querySelector("[data-words]").textContent = video.words;
}

for (const place of document.querySelectorAll("[data-video]")) setTimeout(refresh, EVERY, place);
