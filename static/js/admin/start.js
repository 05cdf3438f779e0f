// The form that starts a run: empty fields show the chosen architecture's own values, and the proposed name follows it.
// A version begins only one of its own architecture, so others' cannot be chosen.

import { format, gettext } from "../shared/i18n.js";

const form = document.querySelector("[data-start]");
const recipes = [...document.querySelectorAll("[data-recipe]")];
const proposals = new Set(recipes.map((row) => row.dataset.name));

function show(row) {
  for (const cell of row.querySelectorAll("[data-field]")) {
    const field = form.elements[cell.dataset.field];
    if (field.tagName === "SELECT") field.options[0].text = format(gettext("%(value)s (the architecture’s own)"), { value: cell.textContent });
    else field.placeholder = cell.textContent;
  }
  const beginnings = form.elements.start_from;
  for (const group of beginnings.querySelectorAll("optgroup")) group.disabled = group.label !== row.dataset.recipe;
  if (beginnings.selectedOptions[0].parentElement.disabled) beginnings.value = "";
  const name = form.elements.name;
  if (proposals.has(name.value) || !name.value) name.value = row.dataset.name;
}

const chosen = () => recipes.find((row) => row.dataset.recipe === form.elements.architecture.value);
form.elements.architecture.addEventListener("change", () => show(chosen()));
show(chosen());
