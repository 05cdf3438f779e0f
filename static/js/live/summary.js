// The summary after a session: duration, frames, main emotion and a link to the recording.

import { lasted } from "./words.js";
import { capitalized, percent } from "../shared/words.js";

function kept({ record, session, word, trouble, history }) {
  if (trouble) return trouble.kept ?? "What was recorded until then is in your history.";
  if (!record) return "It was not recorded: nothing was kept.";
  if (word && !word.saved) return "The server could not keep all of it; what it kept is in your history.";
  if (word?.session && !history.faces.size) return "It is in your history, though no face was in the picture.";
  if (word?.session) return "It is in your history: numbers for each face and second, no picture.";
  if (word) return "Nothing was kept: no frame was analysed.";
  if (session) return "The connection was away at the end; what was recorded until then is in your history.";
  return "The connection never came about: nothing was kept.";
}

export class Summary {
  #get;
  #sessions;

  constructor(get, sessions) {
    this.#get = get;
    this.#sessions = sessions;
  }

  hide() {
    this.#get("summary").hidden = true;
  }

  // `ended`: {milliseconds, record, session, word: the server's last message or null, trouble: what ended it or null, figures, history}.
  show(ended) {
    const { figures, history, word } = ended;
    const mostly = history.mostly;
    this.#say("lasted", lasted(ended.milliseconds));
    this.#say("frames", figures.answered.toLocaleString("en"));
    this.#say("dropped", figures.dropped.toLocaleString("en"));
    this.#say("faces", history.faces.size);
    this.#say("mostly", mostly ? `${capitalized(mostly.emotion)} ${percent(mostly.share)}` : "–");
    this.#say("kept", kept(ended));
    const link = this.#get("summary-link");
    const session = word ? word.session : ended.session;
    link.hidden = !session;
    if (session) link.href = `${this.#sessions}${session}/`;
    this.#get("summary").hidden = false;
  }

  focus() {
    this.#get("summary").focus({ preventScroll: true });
    this.#get("summary").scrollIntoView({ block: "nearest" });
  }

  #say(name, text) {
    this.#get(`summary-${name}`).textContent = text;
  }
}
