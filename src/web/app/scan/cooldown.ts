// A camera sees a label many times a second. A code rests while it stays in view, and a moment longer; every code rests
// by itself, so that one never swallows another.

const REST_MS = 2_000;
/** Codes remembered at once; a storeroom's shelf shows fewer. */
const MOST = 500;

export class Cooldown {
  #last = new Map<string, number>();
  #rest: number;

  constructor(rest: number = REST_MS) {
    this.#rest = rest;
  }

  /** Whether this reading is a new one; a reading that is not makes the code rest anew. */
  take(code: string, now: number): boolean {
    const before = this.#last.get(code);
    this.#last.delete(code);
    this.#last.set(code, now);
    if (this.#last.size > MOST) {
      const oldest = this.#last.keys().next().value;
      if (oldest !== undefined) this.#last.delete(oldest);
    }
    return before === undefined || now - before >= this.#rest || now < before;
  }

  /** Forgets a code: what was undone may be read again at once. */
  forget(code: string): void {
    this.#last.delete(code);
  }
}
