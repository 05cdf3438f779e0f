// Tells the server once which time zone this browser is in, so that days begin when they do here.

const form = document.querySelector("[data-time-zone]");
const name = Intl.DateTimeFormat().resolvedOptions().timeZone;

if (form && name) {
  const body = new FormData(form);
  body.set("time_zone", name);
  // Whether it succeeds matters to nobody now: the next page asks again, until it has.
  fetch(form.action, { method: "POST", body, keepalive: true }).catch(() => {});
}
