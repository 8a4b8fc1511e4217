// Sends what was kept, in the order made, until the server says that it has it. A row leaves only when the server has it,
// or when its maker gives it up and the server notes that. Nothing here changes what a scan says.

import { type Answer, type Api, Refused, SignedOut, Unreachable } from "./api";
import type { Store } from "./store";
import { type GivenUp, type Photo, type Row, type Seen, sheetKey } from "./types";

const BATCH = 50;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;
/** While the server cannot be reached, not every scan knocks again. */
const KNOCK_MS = 5_000;

export type State = "idle" | "sending" | "waiting" | "signed_out";

export interface Sender extends Pick<Api, "send" | "undo" | "giveUp" | "photo" | "me"> {}

export interface Around {
  random(): number;
  later(work: () => void, ms: number): void;
  now(): string;
  /** Milliseconds, from anywhere. */
  ticks(): number;
  /** One at a time over all tabs of this browser. */
  alone(work: () => Promise<void>): Promise<void>;
}

type ScanRow = Extract<Row, { kind: "scan" }>;
type PhotoRow = Extract<Row, { kind: "photo" }>;

export const browser: Around = {
  random: () => Math.random(),
  later: (work, ms) => void setTimeout(work, ms),
  now: () => new Date().toISOString(),
  ticks: () => performance.now(),
  async alone(work) {
    if (!navigator.locks) return work();
    await navigator.locks.request("hufu-outbox", work);
  },
};

export class Outbox {
  state: State = "idle";
  #running: Promise<void> | null = null;
  #again = false;
  #failures = 0;
  #turn = 0;
  #failedAt = Number.NEGATIVE_INFINITY;
  #patient = false;
  #listeners = new Set<() => void>();

  constructor(
    readonly store: Store,
    readonly api: Sender,
    public owner: string,
    readonly around: Around = browser,
  ) {}

  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  #tell(state: State = this.state): void {
    this.state = state;
    for (const listener of this.#listeners) listener();
  }

  /** Keeps rows and what the sheet shows of them, then sends. Comes back when they are kept. */
  async keep(rows: Row[], seen: { key: string; scan: Seen }[], released: string[] = [], photos: Photo[] = []): Promise<void> {
    await this.store.keep(rows, seen, released, photos);
    this.#tell();
    // A server that said how long to wait is not asked before.
    const knock = !this.#patient && this.around.ticks() - this.#failedAt >= KNOCK_MS;
    if (this.state !== "waiting" || knock) void this.flush();
  }

  /** Sends what waits; once at a time. */
  flush(): Promise<void> {
    if (this.#running) {
      this.#again = true;
      return this.#running;
    }
    this.#running = this.around.alone(() => this.#drain()).finally(() => {
      this.#running = null;
      if (this.#again) {
        this.#again = false;
        if (this.state === "idle") void this.flush();
      }
    });
    return this.#running;
  }

  async #drain(): Promise<void> {
    try {
      for (;;) {
        const rows = next(await this.store.waiting(this.owner, BATCH));
        if (rows.length === 0) break;
        this.#tell("sending");
        await this.#deliver(rows);
        this.#failures = 0;
      }
      this.#tell("idle");
    } catch (error) {
      if (error instanceof SignedOut) return this.#tell("signed_out");
      if (!(error instanceof Unreachable)) console.error(error);
      this.#rest(error instanceof Unreachable ? error.retryAfter : null);
    }
  }

  /** Longer each time, and not all phones of a building at once. */
  #rest(retryAfter: number | null): void {
    const wait = Math.min(FIRST_WAIT_MS * 2 ** this.#failures, LONGEST_WAIT_MS);
    this.#failures += 1;
    this.#failedAt = this.around.ticks();
    this.#patient = retryAfter !== null;
    const turn = ++this.#turn;
    const ms = Math.max(wait * (0.5 + this.around.random() / 2), (retryAfter ?? 0) * 1000);
    this.around.later(() => {
      if (turn === this.#turn && this.state === "waiting") void this.flush();
    }, ms);
    this.#tell("waiting");
  }

  async #deliver(rows: Row[]): Promise<void> {
    try {
      await this.#post(rows);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      // The session may be another one by now, or the token out of date: find out who this is before blaming the scans.
      if (error.status === 403 && (await this.#renew())) {
        return this.#post(rows).catch((again) => this.#blame(rows, again));
      }
      await this.#blame(rows, error);
    }
  }

  async #renew(): Promise<boolean> {
    const me = await this.api.me();
    if (me.owner !== this.owner) throw new SignedOut();
    return true;
  }

  /** Finds the one that is at fault; the others are sent without it. */
  async #blame(rows: Row[], error: unknown): Promise<void> {
    if (!(error instanceof Refused)) throw error;
    const ofOne = [400, 413, 422].includes(error.status) && rows.length > 1;
    if (ofOne) {
      for (const row of rows) await this.#post([row]).catch((own) => this.#blame([row], own));
      return;
    }
    const reason = { code: error.kind || String(error.status), reason: error.detail, at: this.around.now() };
    await this.store.update(rows.map((row) => ({ ...row, failed: reason })));
    this.#tell();
  }

  async #post(rows: Row[]): Promise<void> {
    const first = rows[0];
    if (!first) return;
    if (first.kind === "scan") return this.#postScans(rows as ScanRow[], first.owner, first.campaign);
    if (first.kind === "photo") return this.#postPhoto(first);
    if (first.kind === "undo") await this.#postUndo(first.owner, first.campaign, first.target, first.id);
    else await this.api.giveUp(first.owner, first.campaign, first.device, first.scans, first.id);
    await this.store.sent([first], []);
    this.#tell();
  }

  async #postPhoto(row: PhotoRow): Promise<void> {
    const { id, owner, campaign, unit, target } = row;
    const content = await this.store.photo(id);
    if (content) await this.api.photo(owner, campaign, target, id, content, row.made_at);
    await this.store.photoSent(row, { id, key: sheetKey(owner, campaign, unit), scan: target });
    this.#tell();
  }

  async #postUndo(owner: string, campaign: string, target: string, key: string): Promise<void> {
    try {
      await this.api.undo(owner, campaign, target, key);
    } catch (error) {
      // What was refused was never recorded, and needs no undoing.
      const refused = error instanceof Refused && error.status === 404;
      if (!refused || !(await this.store.unsent()).some((row) => row.id === target && row.failed)) throw error;
    }
  }

  async #postScans(rows: ScanRow[], owner: string, campaign: string): Promise<void> {
    const answers = await this.api.send(owner, campaign, rows.map((row) => row.body));
    const said = new Map(answers.map((answer) => [answer.id, answer]));
    const sent: ScanRow[] = [];
    const failed: Row[] = [];
    for (const row of rows) {
      const answer = said.get(row.id);
      // A scan without an answer was not recorded as far as anybody knows: it is sent again.
      if (answer?.answer === "refused") {
        const reason = answer.reason ?? answer.code ?? "";
        failed.push({ ...row, failed: { code: answer.code ?? "refused", reason, at: this.around.now() } });
      } else if (answer) sent.push(row);
    }
    if (sent.length + failed.length === 0) throw new Unreachable("no answers");
    const seen = await Promise.all(sent.map((row) => this.#told(row, said.get(row.id))));
    await this.store.sent(sent, seen.filter((one) => one !== null));
    if (failed.length > 0) await this.store.update(failed);
    this.#tell();
  }

  async #told(row: ScanRow, answer: Answer | undefined): Promise<{ key: string; scan: Seen } | null> {
    const key = sheetKey(row.owner, row.campaign, row.unit);
    const known = await this.store.scan(key, row.id);
    if (!known) return null;
    const { unsent: _sent, ...scan } = known;
    if (answer?.item) scan.item = answer.item;
    if (answer?.identified_by) scan.identified_by = answer.identified_by;
    return { key, scan };
  }

  /** Tries again what was refused; a scan with the photos that waited for it. */
  async retry(row: Row): Promise<void> {
    const again = [row, ...(await this.#photosOf(row))];
    await this.store.update(again.map(({ failed: _failed, ...waiting }) => waiting as Row));
    this.#tell();
    await this.flush();
  }

  /** The photos of a scan that wait here. */
  async #photosOf(row: Row): Promise<PhotoRow[]> {
    if (row.kind !== "scan") return [];
    return (await this.store.unsent()).filter((other) => other.kind === "photo" && other.target === row.id) as PhotoRow[];
  }

  /** Gives up a scan that was refused. The server is told: nothing goes without a trace. */
  async giveUp(row: Row, note: { id: string; device: string }): Promise<void> {
    if (!row.failed) return;
    const key = sheetKey(row.owner, row.campaign, row.unit);
    const { owner, owner_name, campaign, unit } = row;
    const reason = row.failed.reason.slice(0, 500) || row.failed.code;
    const gone = [row, ...(await this.#photosOf(row))];
    const told: Row = {
      id: note.id, owner, owner_name, campaign, unit, made_at: this.around.now(),
      kind: "give_up", device: note.device, scans: gone.map((one) => ({ ...given(one), reason })),
    };
    await this.store.replace(gone, told, row.kind === "scan" ? [{ key, id: row.id }] : []);
    this.#tell();
    await this.flush();
  }
}

/** What the server is told of a row that was given up. */
function given(row: Row): Omit<GivenUp, "reason"> {
  if (row.kind === "scan") {
    const { code, place, device_at } = row.body;
    return { id: row.id, code, device_at, ...(place ? { place } : {}) };
  }
  const code = row.kind === "undo" ? `undo ${row.target}` : row.kind === "photo" ? `photo ${row.code}` : "";
  return { id: row.id, code, device_at: row.made_at };
}

/** What can go in one request: scans of one campaign together, everything else alone. */
export function next(rows: Row[]): Row[] {
  const first = rows[0];
  if (!first) return [];
  if (first.kind !== "scan") return [first];
  const end = rows.findIndex((row) => row.kind !== "scan" || row.campaign !== first.campaign);
  return end < 0 ? rows : rows.slice(0, end);
}
