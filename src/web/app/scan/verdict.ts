// The verdict on a scan, as far as a phone can tell without network. Pure: what is known goes in, what to show comes out.
// The server judges anew, with all that others saw; nothing is kept of what is said here.

import { isBrokenCode, labelCode, numberKey } from "./codes";
import type { Ground, Place, Seen, Thing } from "./types";

export type Verdict =
  | "matched"
  | "misplaced"
  | "wrong_keeper"
  | "short"
  | "over"
  | "conflict"
  | "disposed_present"
  | "unregistered"
  | "foreign"
  | "already"
  /** Of a blind count: what is right is not said. */
  | "recorded"
  /** Not a scan of a thing: a damaged code, another unit's place. */
  | "refused"
  /** A place was set. */
  | "place";

export type Colour = "green" | "amber" | "red" | "blue" | "grey" | "plain";
export type Shape = "tick" | "arrow" | "plusminus" | "cross" | "question" | "equals" | "stop" | "pin" | "dot";
export type Sound = "high" | "two_mid" | "low_long" | "mid_low" | "tick" | "place";

export interface Look {
  colour: Colour;
  shape: Shape;
  sound: Sound;
}

/** Colour, shape and sound, by LOOK.md's table. */
export const LOOKS: Record<Verdict, Look> = {
  matched: { colour: "green", shape: "tick", sound: "high" },
  misplaced: { colour: "amber", shape: "arrow", sound: "two_mid" },
  wrong_keeper: { colour: "amber", shape: "arrow", sound: "two_mid" },
  short: { colour: "amber", shape: "plusminus", sound: "two_mid" },
  over: { colour: "amber", shape: "plusminus", sound: "two_mid" },
  conflict: { colour: "red", shape: "cross", sound: "low_long" },
  disposed_present: { colour: "red", shape: "cross", sound: "low_long" },
  unregistered: { colour: "blue", shape: "question", sound: "mid_low" },
  foreign: { colour: "blue", shape: "question", sound: "mid_low" },
  already: { colour: "grey", shape: "equals", sound: "tick" },
  recorded: { colour: "plain", shape: "dot", sound: "high" },
  refused: { colour: "red", shape: "stop", sound: "low_long" },
  place: { colour: "plain", shape: "pin", sound: "place" },
};

/** What a text that was read stands for. */
export type Meaning =
  | { kind: "place"; place: Place }
  | { kind: "other_place" }
  | { kind: "thing"; thing: Thing; old: boolean; code: string }
  /** One of our labels, of a thing that is not in this book; or, in a blind count, of any thing. */
  | { kind: "label"; code: string }
  | { kind: "broken" }
  | { kind: "text"; code: string };

/** A sheet's book and ground, ready to be asked. */
export class Knowledge {
  readonly things: readonly Thing[];
  #byCode = new Map<string, { thing: Thing; old: boolean }>();
  #byNumber = new Map<string, Thing>();
  #byItem = new Map<string, Thing>();
  #places = new Map<string, Place>();
  #placesById = new Map<string, Place>();
  #others: Set<string>;

  constructor(ground: Ground, things: readonly Thing[]) {
    this.things = things;
    this.#others = new Set(ground.other_places);
    for (const place of ground.places) {
      this.#placesById.set(place.id, place);
      for (const code of place.labels) this.#places.set(code, place);
    }
    for (const thing of things) {
      this.#byItem.set(thing.item, thing);
      this.#byNumber.set(numberKey(thing.number), thing);
      for (const code of thing.old_labels ?? []) this.#byCode.set(code, { thing, old: true });
      for (const code of thing.labels) this.#byCode.set(code, { thing, old: false });
    }
  }

  place(id: string | null | undefined): Place | undefined {
    return id ? this.#placesById.get(id) : undefined;
  }

  thing(item: string | undefined): Thing | undefined {
    return item ? this.#byItem.get(item) : undefined;
  }

  means(text: string): Meaning {
    const code = labelCode(text);
    if (code) {
      const place = this.#places.get(code);
      if (place) return { kind: "place", place };
      if (this.#others.has(code)) return { kind: "other_place" };
      const known = this.#byCode.get(code);
      return known ? { kind: "thing", code, ...known } : { kind: "label", code };
    }
    const thing = this.#byNumber.get(numberKey(text));
    if (thing) return { kind: "thing", thing, old: false, code: text.trim() };
    return isBrokenCode(text) ? { kind: "broken" } : { kind: "text", code: text.trim() };
  }
}

export interface Question {
  blind: boolean;
  thing: Thing | undefined;
  place: string | null;
  keeper?: string | undefined;
  quantity: number;
  /** Scans of the same thing that stand. */
  before: readonly Seen[];
}

/** A scan that found nothing says where a thing is not, and contradicts nobody by being somewhere else. */
const sighted = (scan: Seen): boolean => scan.quantity > 0 && !scan.spent;

/** The verdict on a scan that is about to be recorded. */
export function judge(asked: Question): Verdict {
  const { thing, place } = asked;
  const before = asked.before.filter(sighted);
  if (before.some((scan) => (scan.place ?? null) === place)) return "already";
  if (asked.blind) return "recorded";
  if (!thing) return "unregistered";
  if (!thing.expected) return "disposed_present";
  const places = new Set([place, ...before.map((scan) => scan.place ?? null)].filter((at) => at !== null));
  if (places.size > 1) return "conflict";
  if (place && thing.place && thing.place.id !== place) return "misplaced";
  if (asked.keeper && thing.keeper && thing.keeper.id !== asked.keeper) return "wrong_keeper";
  if (asked.quantity < thing.quantity) return "short";
  if (asked.quantity > thing.quantity) return "over";
  return "matched";
}

/** The scans that stand: not undone, and no undoing themselves. */
export function standing(scans: Iterable<Seen>): Seen[] {
  const all = [...scans];
  const undone = new Set(all.map((scan) => scan.negates).filter((id) => id !== undefined));
  return all.filter((scan) => !scan.negates && !undone.has(scan.id));
}
