import assert from "node:assert/strict";
import { test } from "node:test";

import { checkCharacter } from "../scan/codes";
import type { Ground, Seen, Thing } from "../scan/types";
import { judge, Knowledge, LOOKS, type Question, standing } from "../scan/verdict";

const code = (body: string): string => `HF${body}${checkCharacter(`HF${body}`)}`;
const ROOM = { id: "room", name: "201 室" };
const UNIT = { id: "unit", name: "裕安派出所" };

const thing = (over: Partial<Thing> = {}): Thing => ({
  item: "item", number: "XL-1", name: "便携式计算机", place: ROOM, keeper: { id: "li", name: "李某" },
  quantity: 1, state: "in_use", expected: true, labels: [code("000000001")], old_labels: [code("000000002")], ...over,
});
const seen = (over: Partial<Seen> = {}): Seen => ({
  id: "s", code: "XL-1", item: "item", place: "room", quantity: 1, condition: "good", counter: "我", mine: true, at: "", ...over,
});
const ask = (over: Partial<Question> = {}): Question => ({ blind: false, thing: thing(), place: "room", quantity: 1, before: [], ...over });

test("each verdict, in its order of precedence", () => {
  const cases: [string, Partial<Question>, string][] = [
    ["all agree", {}, "matched"],
    ["another place", { place: "other" }, "misplaced"],
    ["no place stated contradicts nothing", { place: null }, "matched"],
    ["a book without a place contradicts nothing", { place: "other", thing: thing({ place: undefined }) }, "matched"],
    ["another keeper", { keeper: "wang" }, "wrong_keeper"],
    ["place before keeper", { keeper: "wang", place: "other" }, "misplaced"],
    ["fewer", { thing: thing({ quantity: 5 }), quantity: 3 }, "short"],
    ["more", { quantity: 2 }, "over"],
    ["gone from the book", { thing: thing({ expected: false, state: "disposed" }), place: "other" }, "disposed_present"],
    ["not in the book", { thing: undefined }, "unregistered"],
    ["seen here before", { before: [seen()] }, "already"],
    ["seen here before, by another", { before: [seen({ mine: false })] }, "already"],
    ["seen elsewhere before", { before: [seen({ place: "other" })] }, "conflict"],
    ["looked for elsewhere in vain", { before: [seen({ place: "other", quantity: 0 })] }, "matched"],
    ["seen before the recount", { before: [seen({ place: "other", spent: true })] }, "matched"],
    ["a blind count says nothing", { blind: true, place: "other", quantity: 9, thing: undefined }, "recorded"],
    ["but that one scanned it already", { blind: true, before: [seen()] }, "already"],
  ];
  for (const [name, over, expected] of cases) assert.equal(judge(ask(over)), expected, name);
});

test("no two verdicts that mean different things look and sound alike", () => {
  for (const [verdict, look] of Object.entries(LOOKS)) {
    for (const [other, its] of Object.entries(LOOKS)) {
      const same = look.colour === its.colour && look.shape === its.shape;
      const kin = [["misplaced", "wrong_keeper"], ["short", "over"], ["conflict", "disposed_present"], ["unregistered", "foreign"]];
      if (verdict !== other && same) assert.ok(kin.some((pair) => pair.includes(verdict) && pair.includes(other)), `${verdict} ${other}`);
    }
  }
});

test("texts mean what they say: places, labels, numbers, damaged codes, anything else", () => {
  const ground: Ground = {
    campaign_name: "", blind: false, state: "open", unit: UNIT, people: [], other_places: [code("00000000A")],
    places: [{ ...ROOM, code: "R201", unit: UNIT, labels: [code("00000000P")] }],
  };
  const knowledge = new Knowledge(ground, [thing()]);
  assert.equal(knowledge.means(code("00000000P")).kind, "place");
  assert.equal(knowledge.means(code("00000000A")).kind, "other_place");
  assert.deepEqual({ ...knowledge.means(code("000000001").toLowerCase()), thing: null }, { kind: "thing", old: false, code: code("000000001"), thing: null });
  const old = knowledge.means(code("000000002"));
  assert.equal(old.kind === "thing" && old.old, true);
  assert.equal(knowledge.means("xl－1 ").kind, "thing");
  assert.equal(knowledge.means(code("00000000Z")).kind, "label");
  assert.equal(knowledge.means(`${code("000000001").slice(0, -1)}${code("000000001").endsWith("0") ? "1" : "0"}`).kind, "broken");
  assert.equal(knowledge.means("https://example.com/").kind, "text");
});

test("what was undone stands no more, and neither does the undoing", () => {
  const scans = [seen({ id: "1" }), seen({ id: "2" }), seen({ id: "3", negates: "1" })];
  assert.deepEqual(standing(scans).map((scan) => scan.id), ["2"]);
});
