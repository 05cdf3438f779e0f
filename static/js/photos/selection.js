// Hides the history's checkboxes until somebody wants to select, and counts what is selected.

const form = document.querySelector("[data-selection]");
const toggle = document.querySelector("[data-selection-toggle]");

function boxes() {
  return [...form.querySelectorAll('input[name="photo"]')];
}

function count() {
  const number = boxes().filter((box) => box.checked).length;
  form.querySelector("[data-selection-count]").textContent = `${number} selected`;
  form.querySelector("[data-selection-bar] button").disabled = number === 0;
}

function setSelecting(selecting) {
  form.classList.toggle("selection-off", !selecting);
  toggle.setAttribute("aria-pressed", String(selecting));
  if (!selecting) for (const box of boxes()) box.checked = false;
  count();
}

if (form) {
  toggle.hidden = false;
  toggle.addEventListener("click", () => setSelecting(form.classList.contains("selection-off")));
  form.addEventListener("change", count);
  // While selecting, a click on a photo selects it instead of opening it.
  form.addEventListener("click", (event) => {
    const link = event.target.closest(".photo-card-link");
    if (!link || form.classList.contains("selection-off")) return;
    event.preventDefault();
    link.closest(".pickable").querySelector("input").click();
  });
  // The browser's own "back" restores ticked boxes.
  setSelecting(boxes().some((box) => box.checked));
}
