// A scanner that types like a keyboard: quick keys, ended by Enter or Tab. People type slower.

const BETWEEN_KEYS_MS = 60;
const LEAST = 4;
const MOST = 512;

export class Wedge {
  #text = "";
  #last = Number.NEGATIVE_INFINITY;

  /** Takes a key; gives the text that a scanner has just ended, else null. */
  key(key: string, at: number): string | null {
    if (at - this.#last > BETWEEN_KEYS_MS) this.#text = "";
    this.#last = at;
    if (key === "Enter" || key === "Tab") {
      const read = this.#text;
      this.#text = "";
      return read.length >= LEAST ? read : null;
    }
    // Keys that write nothing, as Shift, belong to the reading and say nothing.
    if ([...key].length === 1 && this.#text.length < MOST) this.#text += key;
    return null;
  }
}
