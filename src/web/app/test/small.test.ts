import assert from "node:assert/strict";
import { test } from "node:test";

import { checkCharacter } from "../scan/codes";
import { Cooldown } from "../scan/cooldown";
import { fill } from "../scan/i18n";
import { uuid7 } from "../scan/uuid7";
import { UNHURRIED_MS, Wedge, withoutPrefix } from "../scan/wedge";
import { EN, ZH } from "../scan/words";

test("a code rests while it stays in view, and no code makes another rest", () => {
  const cooldown = new Cooldown(2_000);
  assert.equal(cooldown.take("A", 0), true);
  for (let at = 100; at < 10_000; at += 100) {
    assert.equal(cooldown.take("A", at), false, "it is still in view");
    if (at === 300) assert.equal(cooldown.take("B", at), true, "another code beside it");
  }
  assert.equal(cooldown.take("A", 11_800), false);
  assert.equal(cooldown.take("A", 13_800), true, "it was away for two seconds");
  cooldown.forget("A");
  assert.equal(cooldown.take("A", 13_900), true, "what was undone may be read again");
});

test("a thousand different codes in a row are all taken", () => {
  const cooldown = new Cooldown();
  for (let n = 0; n < 1_000; n++) assert.equal(cooldown.take(`C${n}`, n), true);
});

test("ids are version 7, sort in the order made and are never the same, also when the clock stands or goes back", () => {
  const ids: string[] = [];
  for (let n = 0; n < 9_000; n++) ids.push(uuid7(1_790_000_000_000 - (n > 5_000 ? 60_000 : 0)));
  for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.deepEqual([...ids].sort(), ids);
  assert.equal(new Set(ids).size, ids.length);
  assert.equal(Number.parseInt(ids[0]!.replace(/-/g, "").slice(0, 12), 16), 1_790_000_000_000);
});

function typed(wedge: Wedge, text: string, gap: number, from = 0): string | null {
  let at = from;
  for (const key of text) assert.equal(wedge.key(key, (at += gap)), null);
  return wedge.key("Enter", at + gap);
}

test("quick keys ended by Enter are a scanner's, slow ones a person's", () => {
  const wedge = new Wedge();
  assert.equal(typed(wedge, "HF0123456789", 12), "HF0123456789");
  assert.equal(typed(wedge, "HF0123456789", 150, 10_000), null);
  assert.equal(typed(wedge, "abc", 5, 20_000), null, "too short to be anything");
  // Somebody pressed a key, then the scanner came.
  wedge.key("x", 30_000);
  assert.equal(typed(wedge, "XL0012345", 10, 31_000), "XL0012345");
  // Two in a row, and keys that write nothing between.
  wedge.key("Shift", 40_000);
  assert.equal(typed(wedge, "ZC-1", 8, 40_001), "ZC-1");
  assert.equal(typed(wedge, "ZC-2", 8, 40_200), "ZC-2");
});

test("where nobody types, a pause cuts no code in two, and what stands before a code is dropped", () => {
  const code = `HF000000165${checkCharacter("HF000000165")}`;
  const wedge = new Wedge(UNHURRIED_MS);
  wedge.key("x", 0);
  for (const [n, key] of [...code].entries()) wedge.key(key, 100 + n * 900);
  const read = wedge.key("Enter", 100 + 12 * 900);
  assert.equal(read, `x${code}`);
  assert.equal(withoutPrefix(read!), code);
  assert.equal(withoutPrefix(`]Q1${code}`), code);
  assert.equal(withoutPrefix("XL-0012345"), "XL-0012345");
});

test("both languages have every word, with the same blanks", () => {
  assert.deepEqual(Object.keys(EN), Object.keys(ZH));
  for (const [name, chinese] of Object.entries(ZH)) {
    const english = EN[name as keyof typeof EN];
    assert.ok(chinese.trim() && english.trim(), name);
    assert.deepEqual(english.match(/\{\w+\}/g)?.sort(), chinese.match(/\{\w+\}/g)?.sort(), name);
  }
  assert.equal(fill("{a} of {b}, {c}", { a: 1, b: "x{a}" }), "1 of x{a}, {c}");
});
