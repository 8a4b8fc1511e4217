// A sheet being counted on this phone: what was seen, what is not yet, and what becomes of each reading.

import { numberKey } from "./codes";
import type { Outbox } from "./outbox";
import type { Store } from "./store";
import type { Condition, Held, Kept, Place, Row, ScanBody, Seen, Thing } from "./types";
import { uuid7 } from "./uuid7";
import { judge, Knowledge, type Meaning, standing, type Verdict } from "./verdict";

/** Chosen on purpose: the place cannot be told. */
export const NOWHERE = "";

export type Source = "camera" | "wedge" | "typed" | "photo";

/** What was stated beside the code. */
export interface Facts {
  quantity: number;
  condition: Condition;
  keeper?: string;
  note: string;
  no_label?: boolean;
  name?: string;
  serial_number?: string;
}

export const PLAIN: Facts = { quantity: 1, condition: "good", note: "" };

/** What became of a reading. */
export type Outcome =
  /** With what was read before and has its place now. */
  | { kind: "place"; place: Place; released: Outcome[] }
  | { kind: "refused"; why: "broken_code" | "other_place" | "sheet_closed"; code: string }
  | { kind: "held"; code: string }
  /** A text that is neither a label nor in the book: whoever counts decides. */
  | { kind: "asked"; code: string }
  | { kind: "scan"; verdict: Verdict; thing: Thing | undefined; old: boolean; code: string; scan: Seen; before: Seen[] };

export interface Who {
  owner: string;
  name: string;
  device: string;
}

type Told = Extract<Meaning, { kind: "thing" | "label" | "text" }>;

export class Count {
  knowledge: Knowledge;
  held: Held[] = [];
  closed = false;
  #scans = new Map<string, Seen>();
  #standing: Map<string, Seen[]> | null = null;
  /** What was undone, also when the undoing came first. */
  #undone = new Set<string>();
  /** How many photos were taken here with each scan. */
  #photos = new Map<string, number>();
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(
    readonly store: Store,
    readonly outbox: Outbox,
    readonly who: Who,
    public kept: Kept,
    things: Thing[],
  ) {
    this.knowledge = new Knowledge(kept.ground, things);
    this.closed = kept.ground.state !== "open";
  }

  static async open(store: Store, outbox: Outbox, who: Who, kept: Kept): Promise<Count> {
    const count = new Count(store, outbox, who, kept, await store.book(kept.key));
    await count.reload();
    return count;
  }

  /** Takes in what others told, or what was given up. */
  async reload(): Promise<void> {
    this.#scans = new Map((await this.store.scans(this.kept.key)).map((scan) => [scan.id, scan]));
    this.held = await this.store.held(this.kept.key);
    this.#photos = await this.store.photos(this.kept.key);
    this.#undone = new Set([...this.#scans.values()].flatMap((scan) => scan.negates ?? []));
    this.#standing = null;
  }

  take(scans: readonly Seen[]): void {
    for (const scan of scans) {
      const isNew = !this.#scans.has(scan.id);
      this.#scans.set(scan.id, scan);
      // What only adds is added; anything else has all of it worked out anew.
      if (isNew && !scan.negates && !this.#undone.has(scan.id)) this.#addStanding(scan);
      else this.#standing = null;
      if (scan.negates) this.#undone.add(scan.negates);
    }
  }

  #addStanding(scan: Seen): void {
    if (!this.#standing) return;
    const key = this.#keyOf(scan);
    const same = this.#standing.get(key);
    if (same) same.push(scan);
    else this.#standing.set(key, [scan]);
  }

  get blind(): boolean {
    return this.kept.waiting.blind;
  }

  get place(): string | null {
    return this.kept.place;
  }

  async setPlace(place: string): Promise<Outcome[]> {
    this.kept = { ...this.kept, place };
    await this.store.setSheet(this.kept);
    // What was read before it was known where.
    const outcomes: Outcome[] = [];
    for (const held of this.held) {
      const meaning = this.knowledge.means(held.code);
      const isThing = meaning.kind === "thing" || meaning.kind === "label" || meaning.kind === "text";
      const outcome = isThing ? await this.#commit(meaning, PLAIN, [held.id]) : null;
      if (outcome) outcomes.push(outcome);
      // What was recorded went with its scan, in one transaction.
      if (outcome?.kind !== "scan" || outcome.verdict === "already") await this.store.letGo(held.id);
    }
    this.held = [];
    return outcomes;
  }

  /** What becomes of a text that was read; one after the other, in the order read. */
  read(text: string, source: Source): Promise<Outcome> {
    return this.#inTurn(() => this.#read(text, source));
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(work);
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  async #read(text: string, source: Source): Promise<Outcome> {
    const meaning = this.knowledge.means(text);
    if (this.closed) return { kind: "refused", why: "sheet_closed", code: text };
    switch (meaning.kind) {
      case "place":
        return { kind: "place", place: meaning.place, released: await this.setPlace(meaning.place.id) };
      case "other_place":
        return { kind: "refused", why: "other_place", code: text };
      case "broken":
        return { kind: "refused", why: "broken_code", code: text };
      case "text":
        // Without the book a typed number cannot be told from any other text; a camera reads every box in the room.
        if (!(this.blind && (source === "typed" || source === "wedge"))) return { kind: "asked", code: meaning.code };
    }
    return this.#place(meaning);
  }

  async #place(meaning: Told): Promise<Outcome> {
    if (this.place !== null) return this.#commit(meaning, PLAIN);
    if (!this.held.some((held) => held.code === meaning.code)) {
      const held = { id: uuid7(), key: this.kept.key, code: meaning.code, at: new Date().toISOString() };
      await this.store.hold(held);
      this.held = [...this.held, held];
    }
    return { kind: "held", code: meaning.code };
  }

  /** Records a text that was asked about, as what the book does not know. */
  recordUnknown(code: string): Promise<Outcome> {
    return this.#inTurn(() => this.#place({ kind: "text", code }));
  }

  async #commit(meaning: Told, facts: Facts, released: string[] = []): Promise<Outcome> {
    const thing = meaning.kind === "thing" ? meaning.thing : undefined;
    const code = meaning.code;
    const before = this.before(code, thing?.item);
    const place = this.place || null;
    const { quantity, keeper } = facts;
    const verdict = judge({ blind: this.blind, thing, place, keeper, quantity, before });
    const told = { kind: "scan", thing, old: meaning.kind === "thing" && meaning.old, code, before } as const;
    const earlier = before[0];
    if (verdict === "already" && earlier) {
      const same = before.find((scan) => (scan.place ?? null) === place) ?? earlier;
      return { ...told, verdict, scan: same };
    }
    const [row, scan] = this.#make(code, thing, facts, place);
    await this.outbox.keep([row], [{ key: this.kept.key, scan }], released);
    this.take([scan]);
    return { ...told, verdict, scan };
  }

  #make(code: string, thing: Thing | undefined, facts: Facts, place: string | null): [Row, Seen] {
    const { owner, name, device } = this.who;
    const { campaign, unit } = this.kept.waiting;
    const id = uuid7();
    const at = new Date().toISOString();
    const said = { ...facts, ...(place ? { place } : {}) };
    const body: ScanBody = { id, code, ...said, device, device_at: at };
    const row: Row = { id, owner, owner_name: name, campaign, unit: unit.id, made_at: at, kind: "scan", body };
    const item = thing ? { item: thing.item } : {};
    return [row, { id, code, ...said, ...item, counter: name, mine: true, at, unsent: true }];
  }

  /** Undoes a scan, by one that negates it. */
  undo(scan: Seen): Promise<void> {
    return this.#inTurn(async () => {
      const [row, negation] = this.#negate(scan);
      await this.outbox.keep([row], [{ key: this.kept.key, scan: negation }]);
      this.take([negation]);
    });
  }

  #negate(scan: Seen): [Row, Seen] {
    const { owner, name } = this.who;
    const at = new Date().toISOString();
    const { campaign, unit } = this.kept.waiting;
    const row: Row = { id: uuid7(), owner, owner_name: name, campaign, unit: unit.id, made_at: at, kind: "undo", target: scan.id };
    return [row, { ...scan, id: row.id, negates: scan.id, at, unsent: true }];
  }

  /** Keeps a photo of what was scanned, and sends it after its scan. */
  photograph(scan: Seen, content: ArrayBuffer): Promise<void> {
    return this.#inTurn(async () => {
      const { owner, name } = this.who;
      const { campaign, unit } = this.kept.waiting;
      const [id, at] = [uuid7(), new Date().toISOString()];
      const row: Row = { id, owner, owner_name: name, campaign, unit: unit.id, made_at: at, kind: "photo", target: scan.id, code: scan.code };
      await this.outbox.keep([row], [], [], [{ id, key: this.kept.key, scan: scan.id, content }]);
      this.#photos.set(scan.id, (this.#photos.get(scan.id) ?? 0) + 1);
    });
  }

  /** How many photos of a thing were taken here, with whichever of its scans. */
  photos(scan: Seen): number {
    const key = this.#keyOf(scan);
    let many = 0;
    for (const [id, count] of this.#photos) {
      const with_ = this.#scans.get(id);
      if (id === scan.id || (with_ && this.#keyOf(with_) === key)) many += count;
    }
    return many;
  }

  /** Says more of a scan: it is undone and made anew, together or not at all. */
  correct(scan: Seen, facts: Facts): Promise<Outcome> {
    return this.#inTurn(async () => {
      const thing = this.knowledge.thing(scan.item) ?? this.#thingOf(scan.code);
      const [undo, negation] = this.#negate(scan);
      // It was seen where it was seen, wherever its counter stands now.
      const [row, anew] = this.#make(scan.code, thing, facts, scan.place ?? null);
      const { key } = this.kept;
      await this.outbox.keep([undo, row], [{ key, scan: negation }, { key, scan: anew }]);
      this.take([negation, anew]);
      const before = this.before(scan.code, thing?.item).filter((other) => other.id !== anew.id);
      const { quantity, keeper } = facts;
      const verdict = judge({ blind: this.blind, thing, place: scan.place ?? null, keeper, quantity, before });
      return { kind: "scan", verdict, thing, old: false, code: scan.code, scan: anew, before };
    });
  }

  #thingOf(code: string): Thing | undefined {
    const meaning = this.knowledge.means(code);
    return meaning.kind === "thing" ? meaning.thing : undefined;
  }

  #keyOf(scan: Seen): string {
    return scan.item ?? this.#thingOf(scan.code)?.item ?? numberKey(scan.code);
  }

  #byThing(): Map<string, Seen[]> {
    if (this.#standing) return this.#standing;
    this.#standing = new Map();
    for (const scan of standing(this.#scans.values())) this.#addStanding(scan);
    return this.#standing;
  }

  /** The scans of a thing that stand. */
  before(code: string, item?: string): Seen[] {
    const of = this.#byThing();
    return of.get(item ?? numberKey(code)) ?? [];
  }

  /** A scan as it is known by now: the server may have said what it is. */
  scan(id: string): Seen | undefined {
    return this.#scans.get(id);
  }

  isSeen(thing: Thing): boolean {
    return this.before(thing.number, thing.item).some((scan) => scan.quantity > 0 && !scan.spent);
  }

  /** Things expected and, of these, things seen; nothing in a blind count but how many scans one made. */
  progress(): { seen: number; expected: number | null } {
    if (this.blind) return { seen: [...this.#byThing().values()].flat().filter((scan) => scan.mine).length, expected: null };
    const expected = this.knowledge.things.filter((thing) => thing.expected);
    return { seen: expected.filter((thing) => this.isSeen(thing)).length, expected: expected.length };
  }

  /** What the book has at a place, or anywhere, and nobody has seen yet. */
  unseen(place: string | null): Thing[] {
    if (this.blind) return [];
    return this.knowledge.things.filter(
      (thing) => thing.expected && thing.quantity > 0 && (place === null || thing.place?.id === place) && !this.isSeen(thing),
    );
  }

  /** What was stated of a scan. */
  facts(scan: Seen): Facts {
    const { quantity, condition, note = "", keeper, no_label, name, serial_number } = scan;
    return {
      quantity, condition, note,
      ...(keeper ? { keeper } : {}),
      ...(no_label ? { no_label } : {}),
      ...(name ? { name } : {}),
      ...(serial_number ? { serial_number } : {}),
    };
  }
}
