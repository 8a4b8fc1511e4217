// One menu at a time is open: another one, a click elsewhere and Escape close it. Without a script they open all the same.

const OPEN = "details.menu[open]";

function close(but: Element | null): void {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>(OPEN)) if (menu !== but) menu.open = false;
}

export function begin(): void {
  document.addEventListener("click", (event) => close((event.target as Element | null)?.closest(OPEN) ?? null));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector<HTMLDetailsElement>(OPEN);
    close(null);
    if (menu?.contains(document.activeElement)) menu.querySelector("summary")?.focus();
  });
}
