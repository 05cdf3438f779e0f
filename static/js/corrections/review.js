// Keys of the review page: each presses the button, or follows the link, that shows it.

const off = () => localStorage.getItem("shortcuts-off") !== null || document.querySelector("dialog[open]") !== null;

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.repeat || off()) return;
  if (event.target.closest("input, select, textarea")) return;
  // Space presses what has the focus.
  if (event.key === " " && event.target.closest("a, button, summary")) return;
  const key = event.key.toLowerCase();
  const choice = [...document.querySelectorAll("[data-answer-key]")].find((each) => each.dataset.answerKey === key);
  if (!choice) return;
  event.preventDefault();
  choice.click();
});

// Two keys in a row are no answer to the next face, which is not shown yet.
document.querySelector("[data-review]")?.addEventListener("submit", (event) => {
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "true";
});
