// The summary after a session: duration, frames, main emotion and a link to the recording.

import { gettext, number } from "../shared/i18n.js";
import { capitalized, duration, emotionName, percent } from "../shared/words.js";

function kept({ record, session, word, trouble, history }) {
  if (trouble) return trouble.kept ?? gettext("What was recorded until then is in your history.");
  if (!record) return gettext("This session was not recorded, so nothing was saved.");
  if (word && !word.saved) return gettext("The server could not save all of it. What it saved is in your history.");
  if (word?.session && !history.faces.size) return gettext("The session is in your history, but no face was in the picture.");
  if (word?.session) return gettext("The session is in your history: probabilities for each face and second, no picture.");
  if (word) return gettext("Nothing was saved, because no frame was analysed.");
  if (session) return gettext("The connection was lost at the end. What was recorded until then is in your history.");
  return gettext("There was no connection to the server, so nothing was saved.");
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
    this.#say("lasted", duration(Math.round(ended.milliseconds / 1000)));
    this.#say("frames", number(figures.answered));
    this.#say("dropped", number(figures.dropped));
    this.#say("faces", number(history.faces.size));
    this.#say("mostly", mostly ? `${capitalized(emotionName(mostly.emotion))} ${percent(mostly.share)}` : "–");
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
