// Choosing the place without its label; and being told when somebody is there already.

import { NOWHERE, type Count } from "../count";
import { fill, words } from "../i18n";
import type { Live } from "../live";
import type { Place } from "../types";
import { add, button, confirm, h, icon, Sheet } from "../ui";

const MOST = 80;

export function placeSheet(count: Count, live: Live, chosen: (place: Place | null) => void): void {
  const sheet = new Sheet("place-sheet", words.choose_place, words.close);
  const find = h("input", { type: "search", class: "field", placeholder: words.place_find, "aria-label": words.place_find, "data-test": "find-place" });
  const list = h("ul", { class: "rows" });
  const { places } = count.kept.ground;
  find.hidden = places.length <= 8;

  const choose = async (place: Place): Promise<void> => {
    sheet.close();
    if (await mayEnter(live, place)) chosen(place);
  };
  const line = (place: Place): HTMLElement => {
    const there = live.pulse?.others.filter((other) => other.place?.id === place.id) ?? [];
    const left = count.blind ? null : count.unseen(place.id).length;
    return h("li", {}, h("button", { type: "button", class: `place-line${count.place === place.id ? " here" : ""}`, "data-test": "place", "data-place": place.id, click: () => void choose(place) },
      icon("map-pin"), h("span", { class: "grow" }, h("span", { class: "two-lines strong" }, place.name), h("span", { class: "mono quiet" }, place.code),
        there.length > 0 && h("span", { class: "warn-text" }, fill(words.others_here, { who: there.map((other) => other.person?.name ?? other.device).join("、") }))),
      left !== null && left > 0 && h("span", { class: "tag num" }, `${words.unseen} ${left}`)));
  };
  const draw = (): void => {
    const wanted = find.value.trim().toLowerCase();
    const fit = places.filter((place) => place.name.toLowerCase().includes(wanted) || place.code.toLowerCase().includes(wanted));
    list.replaceChildren(...fit.slice(0, MOST).map(line));
    if (fit.length > MOST) list.append(h("li", { class: "quiet" }, fill(words.more_rows, { count: fit.length - MOST })));
  };
  find.addEventListener("input", draw);
  const nowhere = button("wide", "place-unknown", "help-circle", words.place_unknown, () => {
    sheet.close();
    chosen(null);
  });
  const held = count.held.length > 0 && h("p", { class: "note", "data-test": "held-note" }, fill(words.held_help, { count: count.held.length }));
  add(sheet.body, [held, find, list, nowhere, h("p", { class: "quiet" }, words.place_unknown_help)]);
  draw();
  sheet.open();
}

/** Asks when somebody else is in that place now; nobody is kept out. */
export async function mayEnter(live: Live, place: Place): Promise<boolean> {
  const there = live.pulse?.others.filter((other) => other.place?.id === place.id) ?? [];
  const first = there[0];
  if (!first) return true;
  const who = there.map((other) => other.person?.name ?? other.device).join("、");
  const about = [h("p", {}, fill(words.place_busy_help, { seconds: first.seconds }))];
  return confirm("place-busy", fill(words.place_busy, { who, place: place.name }), about, words.place_anyway, words.cancel);
}

export { NOWHERE };
