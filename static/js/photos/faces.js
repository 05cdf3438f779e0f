// Links each face on the photo with its card: pointing at one, or going to it with the keyboard, shows the other.

const cards = new Map([...document.querySelectorAll("[data-face]")].map((card) => [card.dataset.face, card]));
const stage = document.querySelector("[data-overlay]");
const STEPS = { ArrowDown: 1, ArrowUp: -1 };
let selected = null;
let pointed = null;

const marks = () => [...(stage?.querySelectorAll("[data-mark]") ?? [])];

function show() {
  stage?.classList.toggle("has-selection", (pointed ?? selected) !== null);
  for (const [number, card] of cards) {
    card.classList.toggle("face-card-selected", number === selected);
    card.classList.toggle("face-card-pointed", number === pointed);
  }
  for (const mark of marks()) {
    mark.classList.toggle("mark-selected", mark.dataset.mark === (pointed ?? selected));
    mark.setAttribute("aria-pressed", String(mark.dataset.mark === selected));
  }
}

function point(number) {
  if (number === pointed) return;
  pointed = number;
  show();
}

function select(number) {
  selected = number;
  show();
  const card = cards.get(number);
  if (!card) return;
  if (card.matches("details")) card.open = true;
  card.scrollIntoView({ block: "nearest", behavior: "smooth" });
}

// What takes the keyboard's focus in a card.
const handle = (card) => card.querySelector("summary, button, a");

function onCardKey(number, event) {
  if (!(event.key in STEPS) || event.target.matches("input, select, textarea")) return;
  const numbers = [...cards.keys()];
  const next = cards.get(numbers[numbers.indexOf(number) + STEPS[event.key]]);
  event.preventDefault();
  if (next) handle(next)?.focus();
}

function bindCard(number, card) {
  card.addEventListener("pointerenter", () => point(number));
  card.addEventListener("pointerleave", () => point(null));
  card.addEventListener("focusin", () => point(number));
  card.addEventListener("focusout", () => point(null));
  card.addEventListener("keydown", (event) => onCardKey(number, event));
}

function bindStage() {
  const numberOf = (event) => event.target.closest?.("[data-mark]")?.dataset.mark ?? null;
  stage.addEventListener("pointerover", (event) => point(numberOf(event)));
  stage.addEventListener("pointerleave", () => point(null));
  // By keyboard the card comes into view, too; by pointer nothing moves under it.
  stage.addEventListener("focusin", (event) => {
    const number = numberOf(event);
    point(number);
    if (event.target.matches(":focus-visible")) cards.get(number)?.scrollIntoView({ block: "nearest", behavior: "smooth" });
  });
  stage.addEventListener("focusout", () => point(null));
  stage.addEventListener("face:select", (event) => select(selected === event.detail ? null : event.detail));
  stage.addEventListener("overlay:drawn", show);
}

if (cards.size && stage) {
  bindStage();
  for (const [number, card] of cards) bindCard(number, card);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && selected) select(null);
  });
}
// A correction's answer names its face, which may be in a closed card.
const named = location.hash.match(/^#face-(\d+)$/)?.[1];
if (cards.size > 1 && cards.has(named)) select(named);
