// What became of the last reading, and what can be done about it.

import { grouped } from "../codes";
import type { Count, Outcome } from "../count";
import { clock, fill, words } from "../i18n";
import { add, button, h } from "../ui";
import { LOOKS, type Verdict } from "../verdict";
import { shape } from "./flash";

export interface CardWork {
  undo(): void;
  edit(): void;
  photo(): void;
  record(code: string): void;
  ignore(): void;
  choosePlace(): void;
}

type Scanned = Extract<Outcome, { kind: "scan" }>;

export const word = (verdict: Verdict): string => words[`v_${verdict}`];

function head(verdict: Verdict, text: string = word(verdict)): HTMLElement {
  return h("div", { class: `verdict c-${LOOKS[verdict].colour}`, "data-verdict": verdict }, shape(LOOKS[verdict].shape), h("strong", {}, text));
}

/** What the book says, where that is the matter. */
function facts(count: Count, told: Scanned): string[] {
  const { thing, scan, verdict } = told;
  const lines: string[] = [];
  if (verdict === "already") {
    const who = scan.mine ? words.me : scan.counter;
    lines.push(fill(words.seen_by, { who, time: clock(scan.at) }));
  }
  if (verdict === "conflict") {
    const places = new Set(told.before.map((other) => count.knowledge.place(other.place)?.name ?? "—"));
    lines.push(fill(words.seen_at, { place: [...places].join("、") }));
  }
  if (verdict === "foreign") lines.push(words.elsewhere_unit);
  if (thing && !count.blind) {
    if (["misplaced", "conflict"].includes(verdict)) lines.push(fill(words.book_place, { place: thing.place?.name ?? "—" }));
    if (verdict === "wrong_keeper") lines.push(fill(words.book_keeper, { who: thing.keeper?.name ?? "—" }));
    if (["short", "over"].includes(verdict)) lines.push(fill(words.book_count, { book: thing.quantity, count: scan.quantity }));
    if (thing.excused_by) lines.push(fill(words.excused, { paper: thing.excused_by }));
  }
  if (told.old) lines.push(words.old_label);
  if (scan.condition === "damaged") lines.push(words.damaged);
  return lines;
}

function scanned(count: Count, told: Scanned, work: CardWork): HTMLElement {
  const { thing } = told;
  const note = told.scan.note ?? "";
  const element = h("section", { class: "card", "data-test": "card", "data-verdict": told.verdict, "data-code": told.code, "data-scan": told.scan.id },
    head(told.verdict),
    thing && h("h2", { class: "two-lines", title: thing.name }, [thing.name, thing.specification].filter(Boolean).join(" ")),
    h("p", { class: "line" },
      h("span", { class: "mono", "data-test": "card-number" }, thing?.number ?? grouped(told.code)),
      ...facts(count, told).map((line) => h("span", { class: "fact" }, line)),
    ),
    note !== "" && h("p", { class: "quiet two-lines" }, note),
  );
  const keys = h("div", { class: "keys" });
  // Another's scan is theirs to undo.
  if (told.scan.mine) {
    const photos = count.photos(told.scan);
    add(keys, [
      button("", "undo", "arrow-back-up", words.undo, work.undo),
      button("", "photo", "camera", photos > 0 ? `${words.photo} ${photos}` : words.photo, work.photo),
      button("", "edit", "pencil", words.edit, work.edit),
    ]);
  }
  element.append(keys);
  return element;
}

export function card(count: Count, outcome: Outcome | null, work: CardWork): HTMLElement {
  if (outcome === null) {
    return h("section", { class: "card empty", "data-test": "card", "data-verdict": "none" },
      h("h2", {}, count.place === null ? words.no_place : words.ready), h("p", { class: "quiet" }, words.ready_help));
  }
  switch (outcome.kind) {
    case "scan":
      return scanned(count, outcome, work);
    case "place":
      return h("section", { class: "card", "data-test": "card", "data-verdict": "place" }, head("place"), h("h2", { class: "two-lines" }, outcome.place.name),
        h("p", { class: "line" }, h("span", { class: "mono" }, outcome.place.code)));
    case "refused":
      return h("section", { class: "card", "data-test": "card", "data-verdict": "refused" }, head("refused"),
        h("h2", {}, words[outcome.why]), h("p", { class: "line mono two-lines" }, outcome.code));
    case "held":
      return h("section", { class: "card", "data-test": "card", "data-verdict": "held" }, head("unregistered", words.held_title),
        h("p", {}, fill(words.held_help, { count: count.held.length })),
        h("div", { class: "keys" }, button("primary", "choose-place", "map-pin", words.choose_place, work.choosePlace)));
    case "asked": {
      const { code } = outcome;
      return h("section", { class: "card", "data-test": "card", "data-verdict": "asked" }, head("unregistered", words.foreign_text),
        h("p", { class: "line mono two-lines", "data-test": "card-number" }, code), h("p", { class: "quiet" }, words.foreign_text_help),
        h("div", { class: "keys" }, button("", "ignore", "x", words.ignore, work.ignore), button("", "record-unknown", "plus", words.foreign_record, () => work.record(code))));
    }
  }
}
