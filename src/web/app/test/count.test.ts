import assert from "node:assert/strict";
import { test } from "node:test";

import { IDBFactory } from "fake-indexeddb";
import "fake-indexeddb/auto";

import { Unreachable } from "../scan/api";
import { checkCharacter } from "../scan/codes";
import { Count, type Outcome, PLAIN } from "../scan/count";
import { Outbox, type Sender } from "../scan/outbox";
import { Store } from "../scan/store";
import type { Kept, Thing, Waiting } from "../scan/types";

const code = (body: string): string => `HF${body}${checkCharacter(`HF${body}`)}`;
const UNIT = { id: "U", name: "裕安派出所" };
const ROOM = { id: "room", name: "201 室" };
const OTHER = { id: "other", name: "305 室" };
const place = (at: typeof ROOM, label: string) => ({ ...at, code: at.id, unit: UNIT, labels: [code(label)] });
const thing = (n: number, over: Partial<Thing> = {}): Thing => ({
  item: `item-${n}`, number: `XL-${n}`, name: "计算机", place: ROOM, quantity: 1, state: "in_use", expected: true, labels: [code(`00000000${n}`)], ...over,
});

const silent: Sender = {
  send: () => Promise.reject(new Unreachable("no network")),
  undo: () => Promise.reject(new Unreachable("no network")),
  giveUp: () => Promise.reject(new Unreachable("no network")),
  photo: () => Promise.reject(new Unreachable("no network")),
  me: () => Promise.reject(new Unreachable("no network")),
};

async function begin(blind = false): Promise<{ store: Store; count: Count; again: () => Promise<Count> }> {
  const store = await Store.open(new IDBFactory(), "test");
  const around = { random: () => 0, later: () => undefined, now: () => "", ticks: () => 0, alone: (work: () => Promise<void>) => work() };
  const outbox = new Outbox(store, silent, "me", around);
  const waiting: Waiting = { campaign: "C", campaign_name: "年终", blind, to: "2026-12-31", unit: UNIT, own: true, version: 1 };
  const ground = { campaign_name: "年终", blind, state: "open", unit: UNIT, people: [], other_places: [], places: [place(ROOM, "00000000P"), place(OTHER, "00000000Q")] };
  const kept: Kept = { key: "me|C|U", owner: "me", waiting, ground, book_at: null, cursor: 0, recounts: 0, place: null, opened_at: "" };
  await store.setBook(kept, blind ? [] : [[thing(1), thing(2, { place: OTHER })], [thing(3, { quantity: 5 })]]);
  const who = { owner: "me", name: "李某", device: "p" };
  const again = async (): Promise<Count> => Count.open(store, outbox, who, (await store.sheet(kept.key))!);
  return { store, count: await again(), again };
}

const verdict = (outcome: Outcome): string => (outcome.kind === "scan" ? outcome.verdict : outcome.kind);

test("what is read before its place is known is kept, and recorded when the place is told, also after a restart", async () => {
  const { store, count, again } = await begin();
  assert.equal(verdict(await count.read(code("000000001"), "camera")), "held");
  assert.equal(verdict(await count.read(code("000000001"), "camera")), "held");
  assert.equal(verdict(await count.read(code("000000002"), "camera")), "held");
  assert.equal((await store.unsent()).length, 0);
  const later = await again();
  assert.equal(later.held.length, 2);
  assert.deepEqual((await later.setPlace("room")).map(verdict), ["matched", "misplaced"]);
  assert.equal(later.held.length, 0);
  assert.equal((await store.held("me|C|U")).length, 0);
  const rows = await store.unsent();
  assert.deepEqual(rows.map((row) => row.kind === "scan" && row.body.place), ["room", "room"]);
  assert.equal((await again()).place, "room");
});

test("place first, then things; again is grey and makes no scan; another place is a conflict", async () => {
  const { store, count } = await begin();
  assert.equal(verdict(await count.read(code("00000000P"), "camera")), "place");
  assert.equal(verdict(await count.read(code("000000001"), "camera")), "matched");
  assert.equal(verdict(await count.read("xl-1", "typed")), "already");
  assert.equal((await store.unsent()).length, 1);
  assert.deepEqual(count.progress(), { seen: 1, expected: 3 });
  assert.deepEqual(count.unseen("room").map((one) => one.number), ["XL-3"]);
  await count.read(code("00000000Q"), "camera");
  assert.equal(verdict(await count.read(code("000000001"), "wedge")), "conflict");
  assert.equal((await store.unsent()).length, 2);
});

test("the same thing read by two readers at once is one scan", async () => {
  const { store, count } = await begin();
  await count.setPlace("room");
  const outcomes = await Promise.all(["camera", "wedge", "typed"].map((source) => count.read("XL-1", source as "camera")));
  assert.deepEqual(outcomes.map(verdict), ["matched", "already", "already"]);
  assert.equal((await store.unsent()).length, 1);
});

test("what was undone may be scanned again, and all three are sent in order", async () => {
  const { store, count, again } = await begin();
  await count.setPlace("room");
  const first = await count.read("XL-1", "typed");
  assert.ok(first.kind === "scan");
  await count.undo(first.scan);
  assert.equal(count.progress().seen, 0);
  assert.equal((await again()).progress().seen, 0, "also after a restart");
  assert.equal(verdict(await count.read("XL-1", "typed")), "matched");
  assert.deepEqual((await store.unsent()).map((row) => row.kind), ["scan", "undo", "scan"]);
});

test("a correction undoes and makes anew where the thing was seen, in one piece", async () => {
  const { store, count } = await begin();
  await count.setPlace("room");
  const first = await count.read("XL-3", "typed");
  assert.ok(first.kind === "scan" && first.verdict === "short");
  await count.setPlace("other");
  const outcome = await count.correct(first.scan, { ...PLAIN, quantity: 5, condition: "damaged", note: "壳裂" });
  assert.equal(verdict(outcome), "matched");
  const rows = await store.unsent();
  assert.deepEqual(rows.map((row) => row.kind), ["scan", "undo", "scan"]);
  const body = rows[2]!.kind === "scan" ? rows[2]!.body : null;
  assert.deepEqual([body?.place, body?.quantity, body?.condition, body?.note], ["room", 5, "damaged", "壳裂"]);
  assert.ok(outcome.kind === "scan");
  assert.equal(count.facts(outcome.scan).note, "壳裂");
});

test("a text that is nobody's is asked about first; a damaged code is never a thing", async () => {
  const { store, count } = await begin();
  await count.setPlace("room");
  assert.equal(verdict(await count.read("https://example.com/", "camera")), "asked");
  const good = code("000000001");
  assert.equal(verdict(await count.read(`${good.slice(0, -1)}${good.endsWith("0") ? "1" : "0"}`, "camera")), "refused");
  assert.equal((await store.unsent()).length, 0);
  assert.equal(verdict(await count.recordUnknown("SN-77")), "unregistered");
  assert.equal(verdict(await count.read(code("00000000Z"), "camera")), "unregistered", "a label of ours that this book has not");
  assert.equal((await store.unsent()).length, 2);
});

test("a blind count tells nothing of the book, for there is none on the phone", async () => {
  const { store, count } = await begin(true);
  await count.setPlace("room");
  assert.equal((await store.book("me|C|U")).length, 0);
  assert.equal(verdict(await count.read(code("000000002"), "camera")), "recorded");
  assert.equal(verdict(await count.read("XL-1", "typed")), "recorded");
  assert.equal(verdict(await count.read("XL-1", "camera")), "asked", "a camera reads any box in the room");
  assert.deepEqual(count.progress(), { seen: 2, expected: null });
  assert.deepEqual(count.unseen(null), []);
});

test("what another phone saw counts here too", async () => {
  const { count } = await begin();
  await count.setPlace("room");
  count.take([{ id: "theirs", code: "XL-1", item: "item-1", place: "room", quantity: 1, condition: "good", counter: "王某", mine: false, at: "2026-11-24T00:00:00Z" }]);
  const outcome = await count.read("XL-1", "typed");
  assert.ok(outcome.kind === "scan" && outcome.verdict === "already" && outcome.scan.counter === "王某");
  assert.equal(count.progress().seen, 1);
});

test("a sheet that was handed in takes nothing more", async () => {
  const { store, count } = await begin();
  await count.setPlace("room");
  count.closed = true;
  assert.equal(verdict(await count.read("XL-1", "typed")), "refused");
  assert.equal((await store.unsent()).length, 0);
});
