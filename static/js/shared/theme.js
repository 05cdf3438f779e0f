// The appearance: as the system, light or dark. The choice is a cookie, which the server reads: no page flashes.

const YEAR = 365 * 24 * 3600;
const SYSTEM = matchMedia("(prefers-color-scheme: dark)");

// Has a "change" whenever the page's colours change.
export const THEME = new EventTarget();

function changed() {
  THEME.dispatchEvent(new Event("change"));
}

function apply(theme) {
  for (const element of document.querySelectorAll("[data-scheme]")) {
    const { scheme } = element.dataset;
    if (theme === "system") element.media = `(prefers-color-scheme: ${scheme})`;
    else element.media = theme === scheme ? "all" : "not all";
  }
  document.querySelector("meta[name=color-scheme]").content = theme === "system" ? "light dark" : theme;
  changed();
}

function save(name, theme) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${name}=${theme}; Path=/; Max-Age=${YEAR}; SameSite=Lax${secure}`;
}

for (const choice of document.querySelectorAll("[data-theme-choice]")) {
  choice.addEventListener("change", (event) => {
    save(choice.dataset.cookie, event.target.value);
    apply(event.target.value);
  });
}
SYSTEM.addEventListener("change", changed);
