// Tells of videos and training runs that ended: on the page, and by the browser where it is allowed and the page is hidden.

const EVERY = 10_000; // milliseconds
const SINCE = "notices-since";
const BROWSER = "browser-notices";
const place = document.querySelector("[data-notices]");

export const browserNotices = () => localStorage.getItem(BROWSER) !== null && Notification.permission === "granted";

export function setBrowserNotices(wanted) {
  if (wanted) localStorage.setItem(BROWSER, "1");
  else localStorage.removeItem(BROWSER);
}

async function tellByBrowser(notice) {
  const worker = await navigator.serviceWorker.ready;
  await worker.showNotification(notice.text, { tag: notice.url, icon: place.dataset.icon, data: { url: notice.url } });
}

function tell(notice) {
  const row = place.querySelector("template").content.firstElementChild.cloneNode(true);
  row.classList.add(notice.is_success ? "notice-success" : "notice-error");
  row.querySelector("[data-text]").textContent = notice.text;
  row.querySelector("a").href = notice.url;
  row.querySelector("button").addEventListener("click", () => row.remove());
  place.querySelector("[data-list]").append(row);
  if (document.hidden && "Notification" in window && browserNotices()) tellByBrowser(notice).catch(() => {});
}

async function ask() {
  const since = localStorage.getItem(SINCE);
  const query = since ? `?${new URLSearchParams({ since })}` : "";
  const response = await fetch(`${place.dataset.notices}${query}`, { headers: { Accept: "application/json" } });
  if (!response.ok) return response.status >= 500 || response.status === 429;
  const { now, is_waiting: isWaiting, results } = await response.json();
  // Another tab may have been told meanwhile.
  if (localStorage.getItem(SINCE) === since) {
    localStorage.setItem(SINCE, now);
    for (const notice of results) if (notice.url !== location.pathname) tell(notice);
  }
  return isWaiting;
}

async function watch() {
  const again = await ask().catch(() => true);
  if (again) setTimeout(watch, EVERY);
}

if (place) watch();
