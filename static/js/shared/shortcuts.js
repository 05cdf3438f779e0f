// Keyboard shortcuts: `?` lists them, `g` and a letter goes to a page. Not while somebody types; can be switched off.

const STORED = "shortcuts-off";
const dialog = document.querySelector("[data-shortcuts]");
const onOff = dialog.querySelector("[data-shortcuts-on]");
const pages = new Map([...dialog.querySelectorAll("[data-key]")].map((row) => [row.dataset.key, row.dataset.url]));
let afterG = -Infinity;

function isTyping({ target }) {
  return target.closest("input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable], [role=slider]") !== null;
}

function list() {
  onOff.checked = localStorage.getItem(STORED) === null;
  dialog.showModal();
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
  if (document.querySelector("dialog[open]") || localStorage.getItem(STORED) !== null) return;
  const isSecond = event.timeStamp - afterG < 1500;
  afterG = -Infinity;
  if (event.key === "?") list();
  else if (event.key === "g") afterG = event.timeStamp;
  else if (isSecond && pages.has(event.key)) location.assign(pages.get(event.key));
  else return;
  event.preventDefault();
});

for (const opener of document.querySelectorAll("[data-shortcuts-open]")) {
  opener.hidden = false;
  opener.addEventListener("click", list);
}
onOff.addEventListener("change", () => {
  if (onOff.checked) localStorage.removeItem(STORED);
  else localStorage.setItem(STORED, "1");
});
