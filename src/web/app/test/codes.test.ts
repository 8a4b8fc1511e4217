import assert from "node:assert/strict";
import { test } from "node:test";

import { checkCharacter, grouped, isBrokenCode, labelCode, numberKey } from "../scan/codes";

const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

function made(body: string): string {
  return `HF${body}${checkCharacter(`HF${body}`)}`;
}

test("the check character follows the standard's own worked value", () => {
  assert.equal(checkCharacter("A12425GABC1234002"), "M");
});

test("typed forms are read alike, and what is no code is none", () => {
  const code = made("0A1B2C3D4");
  const wide = [...code].map((c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0)).join("");
  for (const typed of [code, code.toLowerCase(), grouped(code), ` ${code}\r\n`, code.replace("0A1", "OaI"), wide, `${code.slice(0, 4)}-${code.slice(4)}`]) {
    assert.equal(labelCode(typed), code, typed);
  }
  for (const other of ["", "HF", "http://x/HF1234567890", `${code}0`, code.slice(0, -1), "XL0012345", "码".repeat(3000)]) {
    assert.equal(labelCode(other), null, other);
  }
});

test("every single wrong character is found, and so is nearly every swap", () => {
  let swaps = 0;
  let missed = 0;
  for (let seed = 1; seed < 40; seed++) {
    const body = [...Array(9).keys()].map((at) => CROCKFORD[(seed * 7 + at * at * 5 + at) % 32]).join("");
    const code = made(body);
    for (let at = 2; at < 12; at++) {
      for (const c of CROCKFORD) {
        if (c === code[at]) continue;
        const wrong = code.slice(0, at) + c + code.slice(at + 1);
        assert.equal(labelCode(wrong), null, wrong);
        assert.equal(isBrokenCode(wrong), true, wrong);
      }
    }
    for (let at = 2; at < 10; at++) {
      if (code[at] === code[at + 1]) continue;
      swaps += 1;
      const swapped = code.slice(0, at) + code[at + 1] + code[at] + code.slice(at + 2);
      if (labelCode(swapped) !== null) missed += 1;
    }
  }
  assert.ok(swaps > 200 && missed / swaps < 0.03, `${missed} of ${swaps}`);
});

test("numbers compare as the server compares them", () => {
  assert.equal(numberKey(" ａ－0 12\u3000b"), "A-012B");
  assert.equal(isBrokenCode("HFCZ-2026-01"), false, "a number that begins with HF is a number");
});
