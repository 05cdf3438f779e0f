// The connection: numbers frames, tracks unanswered ones, and reconnects after a drop.
// See docs/live-protocol.md.

export const MOST_UNANSWERED = 2;
const BACK_AFTER = [500, 1000, 2000, 4000, 8000]; // milliseconds; the last one repeats
const LOST_AFTER = 3000;
const GIVE_UP_AFTER = 10_000;
const OPEN_WITHIN = 10_000;
const STOPPED_WITHIN = 3000;
// Server failed or restarting; 1001, 1005, 1006, 1013: server or network lost.
const COMES_BACK = new Set([1001, 1005, 1006, 1011, 1012, 1013]);
// The browser may have a newer session: confirming the password, in another tab, renews it.
const SIGNED_OUT = 4401;
// Errors about single messages, after which a started session continues.
const GOES_ON = new Set(["bad_frame", "bad_message", "not_started", "already_started", "read_only"]);

export class LiveSocket {
  #url;
  #on;
  #settings = null;
  #socket = null;
  #sequence = 0;
  #unanswered = new Map();
  #attempt = 0;
  #timer = 0;
  #watch = 0;
  #heardAt = 0;
  #said = "";
  #finish = null;
  isStarted = false;

  // `on` has: started(message), answer(message, latency), lost(count), trouble(message),
  // away(milliseconds until the next attempt), refused(code, message), rested().
  constructor(url, on) {
    this.#url = new URL(url, window.location.href);
    this.#url.protocol = this.#url.protocol === "https:" ? "wss:" : "ws:";
    this.#on = on;
    window.addEventListener("online", () => this.retryNow());
  }

  get unanswered() {
    return this.#unanswered.size;
  }

  get session() {
    return this.#settings?.session ?? null;
  }

  // `settings`: {smoothing, record, name}; `name` only where it is recorded under one.
  open(settings) {
    this.#settings = { ...settings, session: null };
    this.#attempt = 0;
    this.#connect();
  }

  set(smoothing) {
    if (!this.#settings) return;
    this.#settings.smoothing = smoothing;
    if (this.isStarted) this.#tell({ type: "set", smoothing });
  }

  send(jpeg, at) {
    if (!this.isStarted) return;
    this.#sequence = (this.#sequence + 1) >>> 0;
    const message = new Uint8Array(4 + jpeg.length);
    new DataView(message.buffer).setUint32(0, this.#sequence);
    message.set(jpeg, 4);
    this.#unanswered.set(this.#sequence, at);
    this.#socket.send(message);
  }

  retryNow() {
    if (this.#timer) this.#connect();
  }

  // Ends the session; resolves to the server's last message, or null.
  async stop() {
    const socket = this.#socket;
    if (!this.isStarted || socket?.readyState !== WebSocket.OPEN) return this.close();
    const word = await new Promise((resolve) => {
      this.#finish = resolve;
      this.#tell({ type: "stop" });
      setTimeout(() => resolve(null), STOPPED_WITHIN);
    });
    this.#finish = null;
    this.close();
    return word;
  }

  close() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#settings = null;
    this.#drop();
    return null;
  }

  #connect() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#drop();
    this.#said = "";
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    this.#heardAt = performance.now();
    socket.addEventListener("open", () => this.#tell(this.#start()));
    socket.addEventListener("message", (event) => socket === this.#socket && this.#hear(JSON.parse(event.data)));
    socket.addEventListener("close", (event) => socket === this.#socket && this.#closed(event.code));
    this.#watch = setInterval(() => this.#look(), 500);
  }

  // Ignore further events of the old connection.
  #drop() {
    clearInterval(this.#watch);
    const socket = this.#socket;
    this.#socket = null;
    this.isStarted = false;
    this.#unanswered.clear();
    socket?.close(1000);
  }

  #start() {
    const { session, name, ...settings } = this.#settings;
    if (session) return { type: "start", ...settings, session };
    return name ? { type: "start", ...settings, name } : { type: "start", ...settings };
  }

  #tell(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #hear(message) {
    this.#heardAt = performance.now();
    if (message.type === "started") this.#started(message);
    else if (message.type === "faces") this.#answered(message);
    else if (message.type === "stopped") this.#finish?.(message);
    else if (message.type === "error") this.#erred(message);
  }

  #started(message) {
    this.#attempt = 0;
    this.isStarted = true;
    this.#settings.session = message.session;
    this.#on.started(message);
  }

  // The server answers in order, so earlier frames were dropped.
  #settle(sequence) {
    const at = this.#unanswered.get(sequence);
    for (const earlier of [...this.#unanswered.keys()]) if (earlier <= sequence) this.#unanswered.delete(earlier);
    return at;
  }

  #answered(message) {
    const at = this.#settle(message.sequence);
    // A late answer; the overlay already shows a newer one.
    if (at !== undefined) this.#on.answer(message, performance.now() - at);
  }

  #erred(message) {
    if (message.sequence !== undefined) this.#settle(message.sequence);
    else this.#complained(message);
    this.#on.trouble(message);
  }

  // Usually the reason of a close that follows at once; after a failed start or recognition the connection
  // stays open.
  #complained(message) {
    this.#said = message.message;
    const socket = this.#socket;
    const isOver = () => socket === this.#socket && !(this.isStarted && GOES_ON.has(message.code));
    setTimeout(() => isOver() && this.#closed(0), 1000);
  }

  #look() {
    const now = performance.now();
    if (!this.isStarted) {
      if (now - this.#heardAt > OPEN_WITHIN) this.#away();
      return;
    }
    const [oldest] = this.#unanswered.values();
    if (oldest === undefined || now - oldest < LOST_AFTER) return;
    this.#on.lost(this.#unanswered.size);
    this.#unanswered.clear();
    if (now - this.#heardAt > GIVE_UP_AFTER) this.#away();
  }

  #closed(code) {
    if (this.#finish) this.#finish(null);
    if (code === 4408) {
      this.#drop();
      this.#on.rested();
    } else if (COMES_BACK.has(code) || (code === SIGNED_OUT && this.isStarted)) {
      this.#away();
    } else {
      this.#drop();
      // The session is still to be resumed.
      this.#on.refused(code, this.#said);
      this.close();
    }
  }

  #away() {
    this.#drop();
    if (!this.#settings) return;
    const wait = BACK_AFTER[Math.min(this.#attempt, BACK_AFTER.length - 1)];
    this.#attempt += 1;
    // Random, so that clients do not all reconnect at the same moment.
    const milliseconds = wait * (0.75 + Math.random() / 2);
    this.#timer = setTimeout(() => this.#connect(), milliseconds);
    this.#on.away(milliseconds);
  }

  // After an idle close the page decides when to reconnect.
  goOn() {
    if (this.#settings && !this.#socket) this.#connect();
  }
}
