{% autoescape off %}// Shows a page of its own without a connection, and hands files from a phone's share sheet to the upload page.
// No page and no answer of the site is stored but those files; whatever is shared waits until the upload page takes it.

const FILES = [{% for file in files %}"{{ file }}", {% endfor %}];
const CACHE = `offline-${FILES.join()}`;
const SHARED = "shared";
const OFFLINE = "{{ offline }}";

self.addEventListener("install", (event) => {
  // Without cookies: what is stored is what a visitor sees.
  const requests = FILES.map((url) => new Request(url, { credentials: "omit", cache: "reload" }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(requests)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = (names) => names.filter((name) => name !== CACHE && name !== SHARED);
  event.waitUntil(
    caches.keys().then((names) => Promise.all(old(names).map((name) => caches.delete(name)))).then(() => self.clients.claim()),
  );
});

async function takeShared(request) {
  const files = (await request.formData()).getAll("photo").filter((file) => file instanceof File);
  await caches.delete(SHARED);
  const cache = await caches.open(SHARED);
  await Promise.all(
    files.map((file, number) => {
      const headers = { "Content-Type": file.type, "X-Name": encodeURIComponent(file.name), "X-Time": String(Date.now()) };
      return cache.put(`${"{{ shared }}"}${number}`, new Response(file, { headers }));
    }),
  );
  return Response.redirect("{{ upload }}?shared", 303);
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== location.origin) return;
  if (request.method === "POST" && pathname === "{{ shared }}") event.respondWith(takeShared(request));
  else if (request.mode === "navigate" && request.method === "GET")
    event.respondWith(fetch(request).catch(() => caches.match(OFFLINE)));
  else if (FILES.includes(pathname)) event.respondWith(fetch(request).catch(() => caches.match(request)));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const { url } = event.notification.data;
  const show = (windows) => {
    const open = windows.find((window) => "focus" in window);
    return open ? open.focus().then((window) => window.navigate(url)) : self.clients.openWindow(url);
  };
  event.waitUntil(self.clients.matchAll({ type: "window" }).then(show));
});
{% endautoescape %}
