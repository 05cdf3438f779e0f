// History of each face over the last minute, and emotion totals of the session.

export const WINDOW = 60_000; // milliseconds
const EVERY = 200; // milliseconds between two points of one face

function meanOf(points, count) {
  const mean = new Array(count).fill(0);
  for (const { probabilities } of points) for (let i = 0; i < count; i += 1) mean[i] += probabilities[i] / points.length;
  return mean;
}

export class History {
  #emotions;
  #points = new Map();
  #sums;
  faces = new Set();

  constructor(emotions) {
    this.#emotions = emotions;
    this.clear();
  }

  clear() {
    this.#points.clear();
    this.faces.clear();
    this.#sums = new Array(this.#emotions.length).fill(0);
  }

  add(faces, at) {
    for (const face of faces) {
      this.faces.add(face.id);
      face.probabilities.forEach((share, i) => (this.#sums[i] += share));
      const points = this.#points.get(face.id) ?? [];
      if (points.length && at - points.at(-1).at < EVERY) continue;
      points.push({ at, probabilities: face.probabilities });
      this.#points.set(face.id, points);
    }
    this.#forget(at - WINDOW - 1000);
  }

  // The face's points of the last minute, oldest first: [{at, probabilities}].
  of(face) {
    return this.#points.get(face) ?? [];
  }

  // The mean probabilities of the last minute, or null.
  shares(face, now) {
    const points = this.of(face).filter((point) => point.at > now - WINDOW);
    return points.length ? meanOf(points, this.#emotions.length) : null;
  }

  // The likeliest emotion of the session over all faces: {emotion, share}, or null.
  get mostly() {
    const total = this.#sums.reduce((a, b) => a + b, 0);
    if (!total) return null;
    const largest = Math.max(...this.#sums);
    return { emotion: this.#emotions[this.#sums.indexOf(largest)], share: largest / total };
  }

  #forget(before) {
    for (const [id, points] of this.#points) {
      const first = points.findIndex((point) => point.at > before);
      if (first < 0) this.#points.delete(id);
      else if (first > 0) points.splice(0, first);
    }
  }
}
