// Light, dark, or as the device has it: `<button data-theme-to="light|dark|auto">`, or one `<button data-theme-switch hidden>`
// that goes round. Kept in this browser.

const KEY = "hufu-theme";
type Theme = "light" | "dark" | "auto";

const dark = window.matchMedia("(prefers-color-scheme: dark)");

function chosen(): Theme {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === "light" || kept === "dark" ? kept : "auto";
  } catch {
    return "auto";
  }
}

function apply(): void {
  const theme = chosen();
  const shown = theme === "auto" ? (dark.matches ? "dark" : "light") : theme;
  document.documentElement.setAttribute("data-bs-theme", shown);
  for (const button of document.querySelectorAll<HTMLElement>("[data-theme-to]")) {
    button.setAttribute("aria-pressed", String(button.dataset["themeTo"] === theme));
  }
  // Shown only where it can do something.
  for (const button of document.querySelectorAll<HTMLElement>("[data-theme-switch]")) {
    button.hidden = false;
    button.dataset["themeIs"] = theme;
  }
}

function keep(theme: Theme): void {
  try {
    if (theme === "auto") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    // A browser that keeps nothing shows the theme of the device.
  }
  apply();
}

/** The next one round: first the one that the device does not show. */
function next(): Theme {
  const round: Theme[] = dark.matches ? ["auto", "light", "dark"] : ["auto", "dark", "light"];
  return round[(round.indexOf(chosen()) + 1) % round.length] ?? "auto";
}

export function begin(): void {
  apply();
  dark.addEventListener("change", apply);
  document.addEventListener("DOMContentLoaded", apply);
  window.addEventListener("storage", apply);
  document.addEventListener("click", (event) => {
    const button = (event.target as Element | null)?.closest<HTMLElement>("[data-theme-to], [data-theme-switch]");
    const named = button?.dataset["themeTo"];
    if (named === "light" || named === "dark" || named === "auto") keep(named);
    else if (button?.hasAttribute("data-theme-switch")) keep(next());
  });
}
