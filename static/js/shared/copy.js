// Buttons with data-copy="ID" copy that input's value; they show only where the browser allows it.

async function copy(button) {
  const source = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(source.value);
    button.textContent = button.dataset.copied;
  } catch {
    source.focus();
    source.select();
  }
}

for (const button of document.querySelectorAll("[data-copy]")) {
  document.getElementById(button.dataset.copy).addEventListener("focus", (event) => event.target.select());
  // Over plain HTTP from another device there is no clipboard to write to.
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", () => copy(button));
}
