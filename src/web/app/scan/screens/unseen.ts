// What the book has here and nobody has seen; what a blind count hides is not on this phone at all.

import type { Count } from "../count";
import { fill, thousands, words } from "../i18n";
import type { Thing } from "../types";
import { add, h, Sheet } from "../ui";

const MOST = 200;

function line(thing: Thing, everywhere: boolean): HTMLElement {
  const about = [everywhere ? thing.place?.name : null, thing.keeper?.name, thing.quantity > 1 ? `× ${thousands(thing.quantity)}` : null].filter(Boolean).join(" · ");
  return h("li", { "data-test": "unseen-row", "data-number": thing.number },
    h("div", { class: "row-head" }, h("span", { class: "two-lines strong", title: thing.name }, [thing.name, thing.specification].filter(Boolean).join(" "))),
    h("p", { class: "line" }, h("span", { class: "mono" }, thing.number), h("span", { class: "quiet" }, about)),
    thing.excused_by && h("p", { class: "quiet" }, `⇄ ${fill(words.excused, { paper: thing.excused_by })}`));
}

export function unseenSheet(count: Count): void {
  const sheet = new Sheet("unseen-sheet", words.unseen_title, words.close);
  if (count.blind) {
    sheet.body.append(h("p", { class: "quiet" }, words.unseen_blind));
    sheet.open();
    return;
  }
  const list = h("ul", { class: "rows" });
  const here = count.place || null;
  let everywhere = here === null;
  const tab = (all: boolean, text: string): HTMLButtonElement =>
    h("button", { type: "button", class: "tab", "data-test": all ? "unseen-all" : "unseen-here", click: () => {
      everywhere = all;
      draw();
    } }, text);
  const tabs = [tab(false, ""), tab(true, "")] as const;
  tabs[0].disabled = here === null;
  const draw = (): void => {
    const [near, all] = [here === null ? [] : count.unseen(here), count.unseen(null)];
    tabs[0].textContent = `${words.unseen_here} ${thousands(near.length)}`;
    tabs[1].textContent = `${words.unseen_all} ${thousands(all.length)}`;
    tabs[0].setAttribute("aria-pressed", String(!everywhere));
    tabs[1].setAttribute("aria-pressed", String(everywhere));
    const shown = everywhere ? all : near;
    list.replaceChildren(...shown.slice(0, MOST).map((thing) => line(thing, everywhere)));
    if (shown.length === 0) list.append(h("li", { class: "state good" }, words.unseen_none));
    if (shown.length > MOST) list.append(h("li", { class: "quiet" }, fill(words.more_rows, { count: shown.length - MOST })));
  };
  add(sheet.body, [h("div", { class: "tabs" }, ...tabs), list]);
  draw();
  sheet.open();
}
