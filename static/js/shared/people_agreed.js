// Whoever adds pictures says first that the people in them agreed; what was chosen before that waits for the answer.

const box = document.querySelector("[data-people-agreed]");
const notice = document.querySelector("[data-people-waiting]");
let held = [];

function show() {
  const files = held.flatMap((each) => each.files);
  const [one, it] = [files.length === 1 ? `“${files[0].name}” is` : `${files.length} files are`, files.length === 1 ? "it is" : "they are"];
  notice.textContent = files.length ? `${one} waiting: tick the box above, and ${it} sent.` : "";
  notice.hidden = files.length === 0;
}

box?.addEventListener("change", () => {
  if (!box.checked) return;
  const waiting = held;
  held = [];
  show();
  for (const { go } of waiting) go();
});

// Calls `go` now or, with files that show as waiting, as soon as the box is ticked. `replaces`: the last choice counts.
export function onceAgreed(files, go, { replaces = false } = {}) {
  if (!box || box.checked) {
    go();
    return;
  }
  held = [...(replaces ? [] : held), { files, go }];
  show();
  box.focus();
}

export const peopleAgreed = () => (box?.checked ? "on" : "");
