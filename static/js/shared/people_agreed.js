// Whoever adds pictures says first that the people in them agreed; what was chosen before that waits for the answer.

import { format, gettext, ngettext, number } from "./i18n.js";

const box = document.querySelector("[data-people-agreed]");
const notice = document.querySelector("[data-people-waiting]");
let held = [];

function waitingText(files) {
  if (files.length === 0) return "";
  const [{ name }] = files;
  if (files.length === 1) return format(gettext("“%(name)s” is waiting. Tick the box above to upload it."), { name });
  const text = ngettext(
    "%(count)s file is waiting. Tick the box above to upload it.",
    "%(count)s files are waiting. Tick the box above to upload them.",
    files.length,
  );
  return format(text, { count: number(files.length) });
}

function show() {
  const files = held.flatMap((each) => each.files);
  notice.textContent = waitingText(files);
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
