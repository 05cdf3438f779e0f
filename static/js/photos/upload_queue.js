// Sends files a few at a time; a busy server is asked again, later each time.

const TRIES = 6;
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 15000;

function wait(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function pause(attempt, error) {
  const backoff = Math.min(FIRST_WAIT * 2 ** attempt, LONGEST_WAIT);
  // Spread, so that three refused at once do not come back at once.
  return Math.max(backoff, (error.retryAfter ?? 0) * 1000) * (0.75 + Math.random() / 2);
}

export class UploadQueue {
  #parallel;
  #send;
  #waiting = [];
  #running = 0;

  // `send(job)` returns a promise; it rejects with an error whose `isBusy` says that trying again may help.
  constructor({ parallel, send }) {
    this.#parallel = parallel;
    this.#send = send;
  }

  get pending() {
    return this.#waiting.length + this.#running;
  }

  // A job has onStart(), onWait(), onDone(result) and onError(error).
  add(job) {
    this.#waiting.push(job);
    this.#next();
  }

  #next() {
    while (this.#running < this.#parallel && this.#waiting.length) {
      this.#running += 1;
      this.#run(this.#waiting.shift());
    }
  }

  async #run(job) {
    let finish;
    try {
      const result = await this.#attempt(job);
      finish = () => job.onDone(result);
    } catch (error) {
      finish = () => job.onError(error);
    }
    this.#running -= 1;
    this.#next();
    finish();
  }

  async #attempt(job) {
    for (let attempt = 0; ; attempt += 1) {
      job.onStart();
      try {
        return await this.#send(job);
      } catch (error) {
        if (!error.isBusy || attempt + 1 >= TRIES) throw error;
        job.onWait();
        await wait(pause(attempt, error));
      }
    }
  }
}
