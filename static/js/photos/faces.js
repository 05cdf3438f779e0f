// Links each face on the photo with its card: picking one shows the other.

const cards = new Map([...document.querySelectorAll("[data-face]")].map((card) => [card.dataset.face, card]));
const stage = document.querySelector("[data-overlay]");
let selected = null;

function show() {
  stage.classList.toggle("has-selection", selected !== null);
  for (const [number, card] of cards) card.classList.toggle("face-card-selected", number === selected);
  for (const mark of stage.querySelectorAll("[data-mark]")) {
    const isSelected = mark.dataset.mark === selected;
    mark.classList.toggle("mark-selected", isSelected);
    mark.setAttribute("aria-pressed", String(isSelected));
  }
}

function select(number) {
  selected = selected === number ? null : number;
  show();
}

if (cards.size) {
  stage.addEventListener("face:select", (event) => {
    select(event.detail);
    if (selected) cards.get(selected).scrollIntoView({ block: "nearest", behavior: "smooth" });
  });
  for (const [number, card] of cards) {
    card.dataset.selectable = "";
    card.addEventListener("click", (event) => {
      if (!event.target.closest(".correction")) select(number);
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && selected) select(selected);
  });
  stage.addEventListener("overlay:drawn", show);
}
