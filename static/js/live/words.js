// Texts of the live page: problems, and reasons to doubt a result.

import { format, gettext, pgettext } from "../shared/i18n.js";

const CAMERA = {
  insecure: {
    title: gettext("The camera needs HTTPS"),
    text: gettext("This page was loaded over plain HTTP, and browsers allow the camera only over HTTPS or on your own computer. You can still upload photos."),
  },
  unsupported: {
    title: gettext("This browser cannot use the camera"),
    text: gettext("Open this page in a current version of Firefox, Chrome, Edge or Safari."),
  },
  NotAllowedError: {
    title: gettext("Camera access was denied"),
    text: gettext("Allow the camera for this site with the icon next to the address or in your browser’s settings, then press Start. If you have already done so, your system’s privacy settings may block the browser."),
  },
  NotFoundError: {
    title: gettext("No camera was found"),
    text: gettext("Connect a camera or switch it on, then press Start."),
  },
  NotReadableError: {
    title: gettext("The camera is in use"),
    text: gettext("Another program or tab may be using it. Close it, then press Start."),
  },
  ended: {
    title: gettext("The camera was disconnected"),
    text: gettext("It was unplugged, or another program is using it. Press Start when it is available again."),
  },
  "not-shared": {
    title: gettext("Nothing was shared"),
    text: gettext("Press Start, then choose a window or screen when your browser asks."),
  },
  SecurityError: {
    title: gettext("The camera is blocked"),
    text: gettext("Settings of your browser or organization block the camera on this site. Whoever manages them can change that."),
  },
  other: {
    title: gettext("The camera did not start"),
    text: gettext("Press Start to try again, or choose another camera."),
  },
};

const SOCKET = {
  4401: { title: gettext("You are signed out"), text: gettext("Sign in again to continue."), link: "sign-in" },
  4403: {
    title: gettext("The server does not accept this address"),
    text: gettext("It accepts live connections only from its own pages, and does not recognize this page as one of them. The administrator can read in docs/https.md what a proxy in front of the site has to pass on."),
  },
  4404: {
    title: gettext("The recording has ended"),
    text: gettext("It was paused for too long, or it was deleted. Press Start for a new session."),
    kept: gettext("What was recorded until then is in your history, unless it was deleted."),
  },
  4406: {
    title: gettext("Your consent is needed"),
    text: gettext("You withdrew it, perhaps in another window. Nothing is sent any more."),
    link: "consent",
  },
  4408: {
    title: gettext("The session was paused for too long"),
    text: gettext("Nothing was sent for a while, so the server ended it. Press Start for a new session."),
  },
  4409: {
    title: gettext("The session continues elsewhere"),
    text: gettext("Another window or device took it over. Press Start for a new session here."),
  },
  4429: {
    title: gettext("Too many live sessions"),
    text: gettext("You have as many open as this server allows. Stop one in another window or device, then press Start."),
  },
  1008: {
    title: gettext("The server could not read the pictures"),
    text: gettext("Press Start to try again. If it happens again, try another browser."),
  },
  1009: {
    title: gettext("The pictures were too large"),
    text: gettext("Press Start to try again, or choose another camera."),
  },
};

const LINKS = { "sign-in": gettext("Sign in"), consent: gettext("Read the notice") };

// Reasons to doubt a result, by their names in messages.
const DOUBTS = {
  small: pgettext("face", "small"),
  blurred: pgettext("face", "blurred"),
  dark: pgettext("face", "dark"),
  turned: pgettext("face", "turned to the side"),
  bowed: pgettext("face", "tilted down"),
  raised: pgettext("face", "tilted up"),
  cut: pgettext("face", "cut off"),
};

export function cameraTrouble(name) {
  return CAMERA[name] ?? CAMERA.other;
}

// `message` is the server's, for close codes unknown to this page; code 0 is an error of the page itself.
export function socketTrouble(code, message) {
  const known = SOCKET[code];
  if (known) return { ...known, linkText: LINKS[known.link] };
  if (code === 0) {
    const text = format(gettext("%(message)s The administrator can fix this. Then press Start."), { message });
    return { title: gettext("The server has a problem"), text };
  }
  return { title: gettext("The server ended the session"), text: message || gettext("Press Start to try again.") };
}

/** What is known of a face's picture that makes its result doubtful, as words. */
export function doubtsInWords(doubts) {
  return doubts.filter((doubt) => doubt in DOUBTS).map((doubt) => DOUBTS[doubt]).join(", ");
}
