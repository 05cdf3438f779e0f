// The emotions' colours from the stylesheet, in the theme of now.

export function discColours(emotions) {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(emotions.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}
