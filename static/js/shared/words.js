// How pages write shares, lengths of time and names of expressions; percentages never claim certainty or impossibility by
// rounding.

import { format, gettext, ngettext, number, pgettext, wholePercent } from "./i18n.js";

const EMOTIONS = {
  angry: pgettext("expression", "angry"),
  disgust: pgettext("expression", "disgust"),
  fear: pgettext("expression", "fear"),
  happy: pgettext("expression", "happy"),
  sad: pgettext("expression", "sad"),
  surprise: pgettext("expression", "surprise"),
  neutral: pgettext("expression", "neutral"),
};

/** An expression's name in the page's language, as within a sentence: happy. */
export function emotionName(emotion) {
  return EMOTIONS[emotion] ?? emotion;
}

export function percent(share) {
  if (share > 0 && share < 0.005) return `<${wholePercent(0.01)}`;
  if (share >= 0.995 && share < 1) return `>${wholePercent(0.99)}`;
  return wholePercent(share);
}

/** A probability; a network that rounds to 0% or 100% is not that sure. */
export function probability(value) {
  return percent(Math.min(Math.max(value, 0.001), 0.999));
}

export function capitalized(word) {
  return word[0].toUpperCase() + word.slice(1);
}

/** Seconds since a start as 1:05, or 1:02:05 from an hour on. */
export function clock(seconds) {
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** A length of time in words, for pieces of a timeline: 1 second, 15 seconds, 5 minutes. */
export function lengthInWords(seconds) {
  const [hours, minutes] = [seconds / 3600, seconds / 60];
  if (seconds % 3600 === 0) return format(ngettext("%(count)s hour", "%(count)s hours", hours), { count: number(hours) });
  if (seconds % 60 === 0) return format(ngettext("%(count)s minute", "%(count)s minutes", minutes), { count: number(minutes) });
  return format(ngettext("%(count)s second", "%(count)s seconds", seconds), { count: number(seconds) });
}

/** A length of time as 42 s, 5 min 10 s or 3 h 20 min. */
export function duration(length) {
  const [hours, minutes, seconds] = [Math.floor(length / 3600), Math.floor(length / 60) % 60, length % 60];
  if (hours) return format(gettext("%(hours)s h %(minutes)s min"), { hours: number(hours), minutes });
  if (minutes) return format(gettext("%(minutes)s min %(seconds)s s"), { minutes, seconds });
  return format(gettext("%(seconds)s s"), { seconds });
}

/** A number of faces, or the time that faces were seen: `unit` is "face" or "second". */
export function amount(n, unit) {
  if (unit === "second") return duration(n);
  return format(ngettext("%(count)s face", "%(count)s faces", n), { count: number(n) });
}
