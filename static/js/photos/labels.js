// Finds a place for each face's label: at its own circle, inside the picture, off other labels and faces where that
// can be. Everything is in CSS pixels of the picture as it is shown.

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

// Beside the circle.
function besideCircle({ x, y, radius }, { width, height }) {
  const below = y + radius + GAP;
  const above = y - radius - GAP - height;
  const across = [x - width / 2, x - radius, x + radius - width];
  return [
    ...across.map((left) => ({ x: left, y: below })),
    ...across.map((left) => ({ x: left, y: above })),
    { x: x + radius + GAP, y: y - height / 2 },
    { x: x - radius - GAP - width, y: y - height / 2 },
  ];
}

// Touching the circle, from its foot in steps of 45 degrees.
function onCircle({ x, y, radius }, { width, height }) {
  const away = radius + height / 3;
  return [90, 45, 135, 0, 180, -45, -135, -90].map((degrees) => {
    const angle = (degrees * Math.PI) / 180;
    return { x: x + away * Math.cos(angle) - width / 2, y: y + away * Math.sin(angle) - height / 2 };
  });
}

function bounds({ x, y, radius }) {
  return { x: x - radius, y: y - radius, width: 2 * radius, height: 2 * radius };
}

function best(places, size, area, taken, others, own) {
  let found = null;
  for (const [order, place] of places.entries()) {
    const rectangle = inside({ ...place, ...size }, area);
    const labels = taken.reduce((sum, label) => sum + overlap(rectangle, label), 0);
    const faces = others.reduce((sum, face) => sum + overlap(rectangle, face), 0);
    const cost = 20 * labels + 4 * faces + overlap(rectangle, own) + order;
    const crowded = labels > 0 || faces > MAY_COVER * size.width * size.height;
    if (!found || cost < found.cost) found = { rectangle, cost, crowded };
  }
  return found;
}

function place(circles, sizes, area, places, key) {
  const faces = circles.map(bounds);
  const taken = [];
  return circles.map((circle, index) => {
    const others = faces.filter((_, other) => other !== index);
    const found = best(places(circle, sizes[index][key]), sizes[index][key], area, taken, others, faces[index]);
    taken.push(found.rectangle);
    return found;
  });
}

// `circles` and `sizes` go together; a size is {full, short}. Returns one {x, y, width, height, isShort} for each.
// Where a label in full would lie on another label or face, all are numbers, and the faces' cards say the rest.
export function placeLabels(circles, sizes, area) {
  const full = place(circles, sizes, area, besideCircle, "full");
  const isShort = full.some((label) => label.crowded);
  const placed = isShort ? place(circles, sizes, area, onCircle, "short") : full;
  return placed.map(({ rectangle }) => ({ ...rectangle, isShort }));
}
