// A scanner that types like a keyboard: quick keys, ended by Enter or Tab. People type slower.

/** On a page where people type too. */
import { labelCode } from "./codes";

const CODE_LENGTH = 12;
const BETWEEN_KEYS_MS = 60;
/** Where nobody types outside a field: a phone that stops to think must not cut a code in two. */
export const UNHURRIED_MS = 3_000;
const LEAST = 4;
const MOST = 512;

/** What a scanner read, without what it or a stray key put before it: a code that holds at the end is the code. */
export function withoutPrefix(read: string): string {
  return labelCode(read) ?? labelCode(read.slice(-CODE_LENGTH)) ?? read;
}

export class Wedge {
  #text = "";
  #last = Number.NEGATIVE_INFINITY;
  #between: number;

  constructor(between: number = BETWEEN_KEYS_MS) {
    this.#between = between;
  }

  /** Whether a key now would begin a new text. */
  idle(at: number): boolean {
    return this.#text === "" || at - this.#last > this.#between;
  }

  /** Takes a key; gives the text that a scanner has just ended, else null. */
  key(key: string, at: number): string | null {
    if (at - this.#last > this.#between) this.#text = "";
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
