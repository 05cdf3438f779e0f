// The page of an export or import: asks every two seconds what happens, and loads the page anew when it has ended.

const EVERY = 2000;
const root = document.querySelector("[data-progress-url]");
const words = root.querySelector("[data-words]");
let status = "";

async function watch() {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, EVERY));
    if (document.hidden) continue;
    const answer = await fetch(root.dataset.progressUrl, { redirect: "manual" }).catch(() => null);
    if (answer?.status === 404) return;
    if (!answer?.ok) continue;
    const now = await answer.json();
    if (now.is_over || (status && now.status !== status)) return location.reload();
    status = now.status;
    if (words.textContent !== now.words) words.textContent = now.words;
  }
}

watch();
