// The emotions' colours from the stylesheet, the same in both themes.

export function discColours(emotions) {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(emotions.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}
