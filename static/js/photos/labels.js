// Finds a place for each face's label: inside the picture, off other labels, off other faces where that can be.
// Everything is in CSS pixels of the picture as it is shown.

const GAP = 4;
const MAY_COVER = 0.2; // of a label may lie over somebody else's face

function overlap(a, b) {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return width > 0 && height > 0 ? width * height : 0;
}

function clamp(value, low, high) {
  return Math.max(low, Math.min(value, high));
}

function inside(rectangle, area) {
  return {
    ...rectangle,
    x: clamp(rectangle.x, GAP, Math.max(GAP, area.width - rectangle.width - GAP)),
    y: clamp(rectangle.y, GAP, Math.max(GAP, area.height - rectangle.height - GAP)),
  };
}

function candidates({ x, y, radius }, { width, height }) {
  const below = y + radius + GAP;
  const above = y - radius - GAP - height;
  const places = [];
  for (const shift of [0, height + GAP, 2 * (height + GAP)]) {
    places.push({ x: x - width / 2, y: below + shift }, { x: x - width / 2, y: above - shift });
    places.push({ x: x - radius, y: below + shift }, { x: x + radius - width, y: below + shift });
    places.push({ x: x - radius, y: above - shift }, { x: x + radius - width, y: above - shift });
  }
  places.push({ x: x + radius + GAP, y: y - height / 2 }, { x: x - radius - GAP - width, y: y - height / 2 });
  return places.map((place) => ({ ...place, width, height }));
}

function bounds({ x, y, radius }) {
  return { x: x - radius, y: y - radius, width: 2 * radius, height: 2 * radius };
}

function best(circle, size, area, taken, others) {
  let found = null;
  for (const [order, place] of candidates(circle, size).entries()) {
    const rectangle = inside(place, area);
    const labels = taken.reduce((sum, label) => sum + overlap(rectangle, label), 0);
    const faces = others.reduce((sum, face) => sum + overlap(rectangle, face), 0);
    const own = overlap(rectangle, bounds(circle));
    const cost = 20 * labels + 4 * faces + own + order;
    const crowded = labels > 0 || faces > MAY_COVER * size.width * size.height;
    if (!found || cost < found.cost) found = { rectangle, cost, crowded };
  }
  return found;
}

function place(circles, sizes, area) {
  const faces = circles.map(bounds);
  const taken = [];
  return circles.map((circle, index) => {
    const others = faces.filter((_, other) => other !== index);
    const full = best(circle, sizes[index].full, area, taken, others);
    const isShort = full.crowded;
    const chosen = isShort ? best(circle, sizes[index].short, area, taken, others) : full;
    taken.push(chosen.rectangle);
    return { ...chosen.rectangle, isShort };
  });
}

// `circles` and `sizes` go together; a size is {full, short}. Returns one {x, y, width, height, isShort} for each.
// A label that fits nowhere in full is shortened, and its face's card says the rest; where several would be, all are.
export function placeLabels(circles, sizes, area) {
  const placed = place(circles, sizes, area);
  if (placed.filter((label) => label.isShort).length <= circles.length / 4) return placed;
  const short = sizes.map((size) => ({ full: size.short, short: size.short }));
  return place(circles, short, area).map((label) => ({ ...label, isShort: true }));
}
