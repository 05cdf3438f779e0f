// Switches the browser's own notices on and off; this browser remembers it, and its owner has to allow them.

import { gettext } from "../shared/i18n.js";
import { browserNotices, setBrowserNotices } from "../shared/notices.js";

const section = document.querySelector("[data-browser-notices]");
const state = section.querySelector("[data-browser-state]");
const change = section.querySelector("[data-browser-change]");

function show() {
  const isOn = browserNotices();
  const isDenied = Notification.permission === "denied";
  if (isDenied) state.textContent = gettext("This browser blocks notifications from this site. Allow them in its settings first.");
  else state.textContent = isOn ? gettext("Notifications are on.") : gettext("Notifications are off.");
  change.textContent = isOn ? gettext("Turn off") : gettext("Turn on");
  change.hidden = isDenied;
}

// Notices need a service worker, which browsers run on HTTPS and on this machine only.
if ("Notification" in window && "serviceWorker" in navigator) {
  section.hidden = false;
  show();
  change.addEventListener("click", async () => {
    const wanted = !browserNotices();
    if (wanted && Notification.permission !== "granted") await Notification.requestPermission();
    setBrowserNotices(wanted && Notification.permission === "granted");
    show();
  });
}
