// The emotions' own colours, as the stylesheets have them; the same by day and by night.

export function discColours(emotions) {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(emotions.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}
