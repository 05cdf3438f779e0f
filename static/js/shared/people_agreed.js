// Whoever adds pictures says first that the people in them agreed; what was chosen before that waits for the answer.

const box = document.querySelector("[data-people-agreed]");
let held = null;

box?.addEventListener("change", () => {
  const go = box.checked ? held : null;
  held = null;
  go?.();
});

// Calls `go` now, or as soon as the box is ticked.
export function onceAgreed(go) {
  if (!box || box.checked) {
    go();
    return;
  }
  held = go;
  box.reportValidity();
}

export const peopleAgreed = () => (box?.checked ? "on" : "");
