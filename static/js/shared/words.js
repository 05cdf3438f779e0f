// How pages write numbers and times; percentages never claim certainty or impossibility by rounding.

export function percent(share) {
  if (share > 0 && share < 0.005) return "<1%";
  if (share >= 0.995 && share < 1) return ">99%";
  return `${Math.round(100 * share)}%`;
}

/** A probability; a network that rounds to 0% or 100% is not that sure. */
export function probability(value) {
  return value < 0.005 ? "<1%" : value >= 0.995 ? ">99%" : percent(value);
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
  const [number, unit] = seconds % 3600 === 0 ? [seconds / 3600, "hour"] : seconds % 60 === 0 ? [seconds / 60, "minute"] : [seconds, "second"];
  return `${number} ${unit}${number === 1 ? "" : "s"}`;
}

/** A length of time as 42 s, 5 min 10 s or 3 h 20 min. */
export function duration(seconds) {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  if (hours) return `${hours} h ${minutes} min`;
  return minutes ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}

/** A number of faces, or the time that faces were seen: `unit` is "face" or "second". */
export function amount(n, unit) {
  return unit === "second" ? duration(n) : `${n.toLocaleString("en")} face${n === 1 ? "" : "s"}`;
}
