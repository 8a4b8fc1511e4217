// A scanner that types: a label read on any page leads to the thing. Also while a field has the focus that is not for
// numbers of things: what the scanner typed is taken out of it again. A field that takes such numbers keeps what is read.

import { isLabelCode, labelCode } from "../scan/codes";
import { Wedge, withoutPrefix } from "../scan/wedge";
import { typing } from "./search";

type Field = HTMLInputElement | HTMLTextAreaElement;

/** Fields that a scan is typed into on purpose: those that look for things, and those that take numbers of things or places. */
const TAKES = ["[type=search]"]
  .concat(["number", "numbers", "item", "item_number", "code", "codes", "old_code", "place", "places", "car"].map((name) => `[name=${name}]`))
  .join(", ");
const WRITES = /^(text|search|tel|url|email|password|number|date|)$/;

/** A field with the focus that letters can be typed into, and how it was before the first key of a burst. */
interface Before {
  field: Field;
  value: string;
}

function fieldOf(target: EventTarget | null): Field | null {
  if (target instanceof HTMLTextAreaElement) return target;
  return target instanceof HTMLInputElement && WRITES.test(target.type) ? target : null;
}

export function begin(): void {
  const wedge = new Wedge();
  let before: Before | null = null;
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const field = fieldOf(event.target);
    if (wedge.idle(event.timeStamp)) before = field && { field, value: field.value };
    const read = wedge.key(event.key, event.timeStamp);
    if (read === null) return;
    const code = withoutPrefix(read);
    if (!isLabelCode(code)) return;
    if (typing(event.target)) {
      // A choice, or a field that wants the code: it is theirs.
      if (!field || field.matches(TAKES)) return;
      // What the scanner typed goes again; what a person wrote stays.
      if (before?.field === field) field.value = before.value;
    }
    event.preventDefault();
    event.stopPropagation();
    location.assign(`/find?q=${encodeURIComponent(labelCode(code) ?? code)}`);
  }, true);
}
