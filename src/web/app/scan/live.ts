// While a sheet is open and there is a network: what other phones scanned on it, who else is at work, how it stands.

import { type Api, type Pulse, Refused, SignedOut } from "./api";
import type { Count } from "./count";
import type { Store } from "./store";
import type { Seen } from "./types";

const LISTEN_MS = 6_000;
/** A third of the server's lease. */
const BEAT_MS = 20_000;

export class Live {
  pulse: Pulse | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lastBeat = Number.NEGATIVE_INFINITY;
  #stopped = false;
  #busy = false;

  constructor(
    readonly api: Api,
    readonly store: Store,
    readonly count: Count,
    readonly device: string,
    readonly onNews: (others: Seen[]) => void,
    readonly onSignedOut: () => void,
  ) {}

  start(): void {
    this.#stopped = false;
    void this.now();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** Says at once where this phone is now. */
  moved(): void {
    this.#lastBeat = Number.NEGATIVE_INFINITY;
    void this.now();
  }

  async now(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#busy || this.#stopped) return;
    this.#busy = true;
    try {
      if (!document.hidden) await this.#once();
    } catch (error) {
      if (error instanceof SignedOut) this.onSignedOut();
      // A sheet that is out of reach by now says so when something is sent.
      else if (error instanceof Refused) this.pulse = null;
    } finally {
      this.#busy = false;
      if (!this.#stopped) this.#timer = setTimeout(() => void this.now(), LISTEN_MS);
    }
  }

  async #once(): Promise<void> {
    const { campaign, unit } = this.count.kept.waiting;
    let news = false;
    if (Date.now() - this.#lastBeat >= BEAT_MS) {
      const pulse = await this.api.atWork(campaign, unit.id, this.device, this.count.place || null);
      news = JSON.stringify(pulse) !== JSON.stringify(this.pulse);
      this.pulse = pulse;
      this.#lastBeat = Date.now();
      this.count.closed = pulse.state !== "open" || pulse.campaign_state !== "counting";
    }
    const others = await this.#listen(campaign, unit.id);
    if (news || others.length > 0) this.onNews(others);
  }

  async #listen(campaign: string, unit: string): Promise<Seen[]> {
    const recounts = this.pulse?.recounts ?? this.count.kept.recounts;
    // Since the last time something is counted again: what was seen may count no more.
    let afresh = recounts !== this.count.kept.recounts;
    const heard: Seen[] = [];
    for await (const page of this.api.scans(campaign, unit, afresh ? 0 : this.count.kept.cursor)) {
      const scans = page.map(({ seq: _seq, ...scan }) => scan);
      const cursor = page.at(-1)?.seq ?? this.count.kept.cursor;
      if (page.length === 0 && !afresh) continue;
      // The place may have been set meanwhile: only what was heard is changed.
      this.count.kept = { ...this.count.kept, cursor, recounts };
      await this.store.heard(this.count.kept, scans, afresh);
      if (afresh) await this.count.reload();
      this.count.take(scans);
      heard.push(...scans);
      afresh = false;
    }
    return heard.filter((scan) => !scan.mine);
  }
}
