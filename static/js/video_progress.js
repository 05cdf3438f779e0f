// Keeps videos' progress bars up to date; one that has ended is shown by the server anew.

const EVERY = 2000;

async function refresh(place) {
  try {
    const response = await fetch(place.dataset.video, { headers: { Accept: "application/json" } });
    if (response.ok) {
      const video = await response.json();
      if (video.status !== "queued" && video.status !== "running") {
        location.reload();
        return;
      }
      show(place, video);
    } else if (response.status === 404 || response.status === 401) {
      location.reload();
      return;
    }
  } catch {
    // The server cannot be reached just now; the next time may go better.
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
