// The code on a label, as crate `hufu-labels` has it: `HF`, nine characters of Crockford base-32, one check character
// by ISO 7064 MOD 37,36. A code whose check character does not hold is never taken for a thing.

const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const ISO7064 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LENGTH = 12;
/** A text longer than this, blanks included, was never one of our codes. */
const LONGEST = 64;

/** The character that makes the whole text valid. */
export function checkCharacter(body: string): string {
  let product = 36;
  for (const character of body) {
    const sum = (product + Math.max(ISO7064.indexOf(character), 0)) % 36;
    product = ((sum === 0 ? 36 : sum) * 2) % 37;
  }
  return ISO7064.charAt((37 - product) % 36);
}

function halfWidth(text: string): string {
  return text
    .replace(/[\uff01-\uff5e]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0))
    .replace(/[\ufeff\u200b]/g, "");
}

/** As scanned or typed: case, width, spaces and hyphens do not matter; O is 0, I and L are 1 in the free characters. */
function tidy(text: string): string {
  const plain = halfWidth(text).toUpperCase().replace(/[\s-]/g, "");
  const free = plain.slice(2, LENGTH - 1).replace(/O/g, "0").replace(/[IL]/g, "1");
  return plain.slice(0, 2) + free + plain.slice(LENGTH - 1);
}

/** The label code in a text, or null. */
export function labelCode(text: string): string | null {
  if (text.length > LONGEST) return null;
  const code = tidy(text);
  if (code.length !== LENGTH || !code.startsWith("HF")) return null;
  if ([...code.slice(2, -1)].some((c) => !CROCKFORD.includes(c))) return null;
  return checkCharacter(code.slice(0, -1)) === code.slice(-1) ? code : null;
}

export const isLabelCode = (text: string): boolean => labelCode(text) !== null;

/** Whether a text was meant to be a label code, and is damaged, misread or mistyped. */
export function isBrokenCode(text: string): boolean {
  return text.length <= LONGEST && /^HF[0-9A-Z]{10}$/.test(tidy(text)) && !isLabelCode(text);
}

/** What two writings of one number have in common, as the server compares them. */
export function numberKey(text: string): string {
  return halfWidth(text).replace(/\s/g, "").toUpperCase();
}

/** `HF12 3456 789C`, as it is printed for people; another text as it is. */
export function grouped(text: string): string {
  const code = labelCode(text);
  return code ? `${code.slice(0, 4)} ${code.slice(4, 8)} ${code.slice(8)}` : text;
}
