// Arrows go from row to row of a list, once one has the focus; down from the search field leads into it. Enter follows the
// link, space ticks: that is the browser's own.

const ROWS = "table.list tbody tr, ul.todo > li";

function doorOf(row: Element): HTMLElement | null {
  return row.querySelector<HTMLElement>("a[href], button:not([disabled])");
}

export function begin(): void {
  document.addEventListener("keydown", (event) => {
    if (!["ArrowDown", "ArrowUp"].includes(event.key) || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const at = event.target instanceof HTMLElement ? event.target : null;
    const row = at?.closest(ROWS);
    const field = at?.id === "find";
    if (!field && (!row || !at?.matches("a, button, input[type=checkbox]"))) return;
    const rows = [...document.querySelectorAll(ROWS)].filter((one) => doorOf(one));
    const step = event.key === "ArrowDown" ? 1 : -1;
    const next = rows[row ? rows.indexOf(row) + step : step > 0 ? 0 : -1];
    const door = next && doorOf(next);
    if (!door) return;
    event.preventDefault();
    door.focus();
  });
}
