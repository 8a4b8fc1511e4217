// A scanner that types: a label read on any page leads to the thing.

import { isLabelCode } from "../scan/codes";
import { Wedge } from "../scan/wedge";
import { typing } from "./search";

export function begin(): void {
  const wedge = new Wedge();
  document.addEventListener("keydown", (event) => {
    if (typing(event.target) || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const read = wedge.key(event.key, event.timeStamp);
    if (read === null || !isLabelCode(read)) return;
    event.preventDefault();
    location.assign(`/find?q=${encodeURIComponent(read)}`);
  });
}
