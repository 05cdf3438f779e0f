// Texts of the live page: problems, and durations.

const CAMERA = {
  insecure: {
    title: "The camera needs HTTPS",
    text: "This page came over plain HTTP, and browsers hand a camera only to pages from HTTPS or from this machine itself. Photos can be uploaded all the same.",
  },
  unsupported: {
    title: "This browser has no camera access",
    text: "Open this page in a current Firefox, Chrome, Edge or Safari.",
  },
  NotAllowedError: {
    title: "The camera was refused",
    text: "Allow the camera for this site, by the icon beside the address or in the browser’s settings, then press Start. If you already did, the system’s privacy settings may keep the browser itself from it.",
  },
  NotFoundError: {
    title: "No camera was found",
    text: "Plug one in, or switch it on, then press Start.",
  },
  NotReadableError: {
    title: "The camera is busy",
    text: "Another program or tab seems to use it. Close that, then press Start.",
  },
  ended: {
    title: "The camera went away",
    text: "It was unplugged, or something else took it. Press Start once it is back.",
  },
  "not-shared": {
    title: "Nothing was shared",
    text: "Press Start, and choose a window or screen when your browser asks.",
  },
  SecurityError: {
    title: "The camera is blocked here",
    text: "The browser’s or the organisation’s settings keep this site from cameras. Whoever manages them can change that.",
  },
  other: {
    title: "The camera did not start",
    text: "Press Start to try again, or choose another camera.",
  },
};

const SOCKET = {
  4401: { title: "You are signed out", text: "Sign in again to go on.", link: "sign-in" },
  4403: {
    title: "The server does not accept this address",
    text: "It takes live connections from its own pages alone, and cannot tell that this is one. Whoever runs this site finds in docs/https.md what a proxy in front of it has to pass on.",
  },
  4404: {
    title: "The recording has ended",
    text: "It rested too long to be gone on with, or it was deleted. Press Start for a new one.",
    kept: "What was recorded until then is in your history, unless it was deleted.",
  },
  4406: {
    title: "Your consent is needed",
    text: "You withdrew it, perhaps in another window. Nothing is sent any more.",
    link: "consent",
  },
  4408: { title: "The session rested too long", text: "Nothing was sent for a while, so the server ended it. Press Start for a new one." },
  4409: { title: "The session went on elsewhere", text: "Another window or device took it over. Press Start for a new one here." },
  4429: {
    title: "Too many live sessions at once",
    text: "You have as many open as this server allows. Stop one in another window or device, then press Start.",
  },
  1008: { title: "The server could not read the pictures", text: "Press Start to try again; another browser may help if it stays so." },
  1009: { title: "The pictures were too large", text: "Press Start to try again, or choose another camera." },
};

const LINKS = { "sign-in": "Sign in", consent: "Read the notice" };

export function cameraTrouble(name) {
  return CAMERA[name] ?? CAMERA.other;
}

// `message` is the server's, for close codes unknown to this page; code 0 is an error of the page itself.
export function socketTrouble(code, message) {
  const known = SOCKET[code];
  if (known) return { ...known, linkText: LINKS[known.link] };
  if (code === 0) return { title: "The server has a problem of its own", text: `${message} Whoever runs this site can mend that; then press Start.` };
  return { title: "The server ended the session", text: message || "Press Start to try again." };
}

export function lasted(milliseconds) {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
