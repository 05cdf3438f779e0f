// A session's timeline (see docs/sessions.md): the whole in buckets, and single seconds on demand.

const STRETCH = 120; // seconds fetched at once where the buckets are wider
const SCALE = 1000;

function faceOf([, face, n, ...means]) {
  return { face, n, probabilities: means.map((mean) => mean / SCALE) };
}

function byBucket({ rows, width }) {
  const buckets = new Map();
  for (const row of rows) {
    const bucket = Math.floor(row[0] / width);
    buckets.set(bucket, [...(buckets.get(bucket) ?? []), faceOf(row)]);
  }
  return buckets;
}

function mean(faces, count) {
  const total = faces.reduce((sum, { n }) => sum + n, 0);
  const means = new Array(count).fill(0);
  for (const { n, probabilities } of faces) probabilities.forEach((p, i) => (means[i] += (p * n) / total));
  return means;
}

export class ReplayData {
  #url;
  #whole;
  #stretches = new Map();

  static async load(url) {
    return new ReplayData(url, await ReplayData.#fetch(url));
  }

  static async #fetch(url, query = "") {
    const response = await fetch(url + query, { headers: { Accept: "application/json" } });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.message);
    return answer;
  }

  constructor(url, answer) {
    this.#url = url;
    this.#whole = byBucket(answer);
    this.seconds = answer.seconds;
    this.width = answer.width;
    this.emotions = answer.emotions;
    this.count = Math.ceil(answer.seconds / answer.width);
  }

  /** The seven means of each bucket for one face, or for all where `face` is null; null without a face. */
  means(face) {
    return Array.from({ length: this.count }, (_, bucket) => {
      const faces = (this.#whole.get(bucket) ?? []).filter((seen) => face === null || seen.face === face);
      return faces.length ? mean(faces, this.emotions.length) : null;
    });
  }

  /** The number of seconds of a face, or of all where `face` is null, behind the means. */
  samples(face) {
    const seen = [...this.#whole.values()].flat().filter((one) => face === null || one.face === face);
    return seen.reduce((sum, { n }) => sum + n, 0);
  }

  /** The faces of one second, as far as fetched; `isExact` is false for a bucket's means. */
  at(second) {
    if (this.width === 1) return { faces: this.#whole.get(second) ?? [], isExact: true };
    const stretch = this.#stretches.get(Math.floor(second / STRETCH));
    if (stretch?.buckets) return { faces: stretch.buckets.get(Math.floor(second / stretch.width)) ?? [], isExact: stretch.width === 1 };
    return { faces: this.#whole.get(Math.floor(second / this.width)) ?? [], isExact: false };
  }

  /** Fetches the single seconds around a moment and after it, then calls back. */
  want(second, arrived) {
    if (this.width === 1) return;
    const number = Math.floor(second / STRETCH);
    for (const wanted of [number, number + 1]) {
      if (!this.#stretches.has(wanted) && wanted * STRETCH < this.seconds) this.#load(wanted, arrived);
    }
  }

  async #load(number, arrived) {
    this.#stretches.set(number, {});
    try {
      const answer = await ReplayData.#fetch(this.#url, `?start=${number * STRETCH}&end=${(number + 1) * STRETCH}`);
      this.#stretches.set(number, { buckets: byBucket(answer), width: answer.width });
      arrived();
    } catch {
      // The buckets' means stay; the next call tries again.
      this.#stretches.delete(number);
    }
  }
}
