// Registers the service worker: browsers then offer to install the site, and show its own page without a connection.

if ("serviceWorker" in navigator) navigator.serviceWorker.register("/service-worker.js").catch(() => {});
