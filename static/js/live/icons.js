// The emotions' icons as images for a canvas, from the site's sprite.

const INK = "#17151a";

async function drawing(symbol, colour) {
  const view = symbol.getAttribute("viewBox");
  const source =
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${view}" width="48" height="48" color="${colour}" fill="none" ` +
    `stroke="${INK}" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round">${symbol.innerHTML}</svg>`;
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(source)}`;
  await image.decode();
  return image;
}

// Returns {emotion: image}; without images labels have text and colour only.
export async function loadIcons(url, colours) {
  try {
    const file = new DOMParser().parseFromString(await (await fetch(url)).text(), "image/svg+xml");
    const pairs = Object.entries(colours).map(async ([emotion, colour]) => [
      emotion,
      await drawing(file.getElementById(emotion), colour),
    ]);
    return Object.fromEntries(await Promise.all(pairs));
  } catch {
    return {};
  }
}
