// Says why passkeys do not work; allauth's scripts only write it to the console.

function show(selector) {
  document.querySelector(selector).hidden = false;
}

if (!window.PublicKeyCredential) {
  for (const element of document.querySelectorAll("[data-passkey]")) element.hidden = true;
  show("[data-passkey-missing]");
}

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  show("[data-passkey-failed]");
});
