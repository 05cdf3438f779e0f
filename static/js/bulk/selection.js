// Shows the checkboxes of lists when somebody wants to select, and counts what is selected in each. A button with
// `data-exactly` is shown while so many are selected.

import { format, gettext, ngettext, number } from "../shared/i18n.js";

const toggle = document.querySelector("[data-selection-toggle]");
const lists = [...document.querySelectorAll("[data-selection]")];

function boxes(list) {
  return [...list.querySelectorAll('input[name="item"]')];
}

function selectAll(list) {
  return list.querySelector("[data-select-all]");
}

function count(list) {
  const selected = boxes(list).filter((box) => box.checked).length;
  const words = format(ngettext("%(count)s selected", "%(count)s selected", selected), { count: number(selected) });
  const everything = Boolean(selectAll(list)?.checked);
  list.querySelector("[data-selection-count]").textContent = everything ? gettext("All selected") : words;
  list.querySelector("[data-select-page]").hidden = everything || selected === boxes(list).length;
  for (const button of list.querySelectorAll(".selection-actions button")) {
    button.disabled = !everything && selected === 0;
    const { exactly } = button.dataset;
    if (exactly) button.hidden = everything || selected !== Number(exactly);
  }
}

function setSelecting(selecting) {
  toggle.setAttribute("aria-pressed", String(selecting));
  for (const list of lists) {
    list.classList.toggle("is-selecting", selecting);
    if (!selecting) check(list, false);
    count(list);
  }
}

function check(list, checked) {
  for (const box of boxes(list)) box.checked = checked;
  if (selectAll(list)) selectAll(list).checked &&= checked;
}

function start(list) {
  list.addEventListener("change", (event) => {
    // Whoever unticks one of all means the others, of which this page alone is known.
    if (event.target.name === "item" && !event.target.checked && selectAll(list)) selectAll(list).checked = false;
    if (event.target === selectAll(list)) check(list, event.target.checked);
    count(list);
  });
  list.querySelector("[data-select-page]").addEventListener("click", () => {
    check(list, true);
    count(list);
    list.querySelector(".selection-actions button").focus();
  });
  // While selecting, a click on a photo or row selects it instead of opening it.
  list.addEventListener("click", (event) => {
    const link = event.target.closest(".photo-card-link, .session-row");
    if (!link || !list.classList.contains("is-selecting")) return;
    event.preventDefault();
    link.closest(".pickable").querySelector("input").click();
  });
}

if (toggle && lists.length) {
  toggle.hidden = false;
  toggle.addEventListener("click", () => setSelecting(toggle.getAttribute("aria-pressed") !== "true"));
  for (const list of lists) start(list);
  // The browser's own "back" restores ticked boxes.
  setSelecting(lists.some((list) => boxes(list).some((box) => box.checked)));
}
