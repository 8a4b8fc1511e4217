// `data-all="NAME"` on a checkbox ticks every checkbox of that name in its form or table; shift-click ticks a range; `[data-count="NAME"]` shows
// how many are ticked, and `[data-needs="NAME"]` can be used once one is.

let last: HTMLInputElement | null = null;

function boxes(name: string, root: ParentNode): HTMLInputElement[] {
  return [...root.querySelectorAll<HTMLInputElement>(`input[type="checkbox"][name="${CSS.escape(name)}"]`)];
}

function show(name: string): void {
  const all = boxes(name, document);
  const ticked = all.filter((box) => box.checked).length;
  for (const head of document.querySelectorAll<HTMLInputElement>(`input[data-all="${CSS.escape(name)}"]`)) {
    head.checked = ticked > 0 && ticked === all.length;
    head.indeterminate = ticked > 0 && ticked < all.length;
  }
  for (const count of document.querySelectorAll(`[data-count="${CSS.escape(name)}"]`)) count.textContent = String(ticked);
  for (const button of document.querySelectorAll<HTMLButtonElement>(`[data-needs="${CSS.escape(name)}"]`)) {
    button.disabled = ticked === 0;
  }
}

function names(): Set<string> {
  const found = document.querySelectorAll<HTMLElement>("[data-all],[data-count],[data-needs]");
  const named = [...found].map((e) => e.dataset["all"] ?? e.dataset["count"] ?? e.dataset["needs"] ?? "");
  return new Set(named.filter(Boolean));
}

export function begin(): void {
  document.addEventListener("click", (event) => {
    const box = event.target;
    if (!(box instanceof HTMLInputElement) || box.type !== "checkbox") return;
    const all = box.dataset["all"];
    if (all) {
      for (const one of boxes(all, box.closest("form, table") ?? document)) if (!one.disabled) one.checked = box.checked;
      show(all);
      return;
    }
    if (!names().has(box.name)) return;
    const row = boxes(box.name, document);
    if (event.shiftKey && last && row.includes(last)) {
      const [from, to] = [row.indexOf(last), row.indexOf(box)].sort((a, b) => a - b) as [number, number];
      for (const one of row.slice(from, to + 1)) if (!one.disabled) one.checked = box.checked;
    }
    last = box;
    show(box.name);
  });
  const showAll = () => names().forEach(show);
  document.addEventListener("htmx:afterSettle", showAll);
  // A browser that goes back ticks again what was ticked, after the page is there.
  window.addEventListener("pageshow", showAll);
}
