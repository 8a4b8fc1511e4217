// Asking the server. What comes back is an answer, a refusal, or nothing at all; the three are never taken for each other.

import type { Ground, Language, Me, Named, Seen, Thing, Waiting } from "./types";

/** The server refused. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly kind: string,
    readonly detail: string,
    readonly retryAfter: number | null = null,
  ) {
    super(detail);
  }
}

/** Nobody is signed in, or no longer. */
export class SignedOut extends Error {}

/** No answer came, or one that says "later". */
export class Unreachable extends Error {
  constructor(
    message: string,
    readonly retryAfter: number | null = null,
  ) {
    super(message);
  }
}

/** Longer than the server itself would take; a storeroom's network can be silent for ever. */
const PATIENCE_MS = 30_000;
const PHOTO_PATIENCE_MS = 90_000;

export interface Answer {
  id: string;
  answer: "recorded" | "repeated" | "refused";
  identified_by?: string;
  item?: string;
  code?: string;
  reason?: string;
}

export interface Pulse {
  state: string;
  version: number;
  campaign_state: string;
  last_seq: number;
  recounts: number;
  others: { device: string; person?: Named; place?: Named; seconds: number }[];
}

export interface PhotoCode {
  text: string;
  code?: string;
  corners: number[][];
}

interface Page<T> {
  rows: T[];
  next?: string;
}

interface MeView {
  account?: string;
  login: string;
  person?: Named;
  unit?: Named;
  csrf: string;
  language: Language;
  at: string;
}

const path = (...parts: string[]): string => `/api/v1/${parts.map(encodeURIComponent).join("/")}`;

function seconds(header: string | null): number | null {
  const read = header === null ? Number.NaN : Number.parseInt(header, 10);
  return Number.isFinite(read) && read >= 0 ? read : null;
}

export class Api {
  #csrf = "";
  /** Whose session the token belongs to. */
  #owner: string | null = null;

  async #ask<T>(method: string, url: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
    const given = new Headers(headers);
    if (method !== "GET" && this.#csrf) given.set("X-CSRF-Token", this.#csrf);
    const isForm = body instanceof FormData;
    if (body !== undefined && !isForm) given.set("Content-Type", "application/json");
    const asking: RequestInit = { method, headers: given, credentials: "same-origin", cache: "no-store", redirect: "manual" };
    if (body !== undefined) asking.body = isForm ? body : JSON.stringify(body);
    const stop = new AbortController();
    const patience = setTimeout(() => stop.abort(), isForm ? PHOTO_PATIENCE_MS : PATIENCE_MS);
    try {
      const response = await fetch(url, { ...asking, signal: stop.signal });
      return await this.#read<T>(response);
    } catch (error) {
      if (error instanceof Refused || error instanceof SignedOut || error instanceof Unreachable) throw error;
      throw new Unreachable(error instanceof Error ? error.message : String(error));
    } finally {
      clearTimeout(patience);
    }
  }

  async #read<T>(response: Response): Promise<T> {
    if (response.status === 204) return undefined as T;
    const isJson = /json/.test(response.headers.get("Content-Type") ?? "");
    // A proxy, or a hotel's sign-in page, answers for us in HTML: that is no answer of ours.
    const said: unknown = isJson ? await response.json() : null;
    if (response.ok && isJson) return said as T;
    if (response.status === 401) throw new SignedOut();
    const problem = (said ?? {}) as { type?: string; detail?: string };
    const later = response.status >= 500 || [0, 408, 425, 429].includes(response.status) || !isJson;
    const retryAfter = seconds(response.headers.get("Retry-After"));
    if (later) throw new Unreachable(problem.detail ?? String(response.status), retryAfter);
    const kind = (problem.type ?? "").replace("urn:hufu:", "");
    throw new Refused(response.status, kind, problem.detail ?? String(response.status), retryAfter);
  }

  /** Changes something: with the token of the session, which may have become another since. */
  async #change<T>(method: string, url: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
    if (this.#owner === null) await this.me();
    const [owner, csrf] = [this.#owner, this.#csrf];
    try {
      return await this.#ask<T>(method, url, body, headers);
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 403) throw error;
      await this.me();
      if (this.#owner !== owner) throw new SignedOut();
      if (this.#csrf === csrf) throw error;
      return this.#ask<T>(method, url, body, headers);
    }
  }

  /** Who is signed in; takes the token along that changes must carry. */
  async me(): Promise<Me> {
    const me = await this.#ask<MeView>("GET", path("phone", "me"));
    this.#csrf = me.csrf;
    this.#owner = me.account ?? me.login;
    const name = me.person?.name ?? me.login;
    return { owner: this.#owner, login: me.login, name, unit: me.unit ?? null, language: me.language };
  }

  async sheets(): Promise<Waiting[]> {
    return (await this.#ask<{ sheets: Waiting[] }>("GET", path("phone", "sheets"))).sheets;
  }

  #sheet(campaign: string, unit: string, what: string): string {
    return path("campaigns", campaign, "sheets", unit, what);
  }

  ground(campaign: string, unit: string): Promise<Ground> {
    return this.#ask("GET", this.#sheet(campaign, unit, "ground"));
  }

  /** The book, a page after the other; refused in a blind count. */
  async *book(campaign: string, unit: string): AsyncGenerator<Thing[]> {
    for (let after = ""; ; ) {
      const query = new URLSearchParams({ limit: "500", after });
      const page = await this.#ask<Page<Thing>>("GET", `${this.#sheet(campaign, unit, "book")}?${query}`);
      yield page.rows;
      if (page.next === undefined) return;
      after = page.next;
    }
  }

  async *scans(campaign: string, unit: string, cursor: number): AsyncGenerator<(Seen & { seq: number })[]> {
    for (let after = String(cursor); ; ) {
      const query = new URLSearchParams({ limit: "500", after });
      const page = await this.#ask<Page<Seen & { seq: number }>>("GET", `${this.#sheet(campaign, unit, "scans")}?${query}`);
      yield page.rows;
      if (page.next === undefined) return;
      after = page.next;
    }
  }

  atWork(campaign: string, unit: string, device: string, place: string | null): Promise<Pulse> {
    return this.#change("PUT", this.#sheet(campaign, unit, "at-work"), { device, ...(place ? { place } : {}) });
  }

  /** Makes sure that what is sent now goes out under this owner's session: the server takes whoever is signed in for the
   * counter. The token of one session is refused in another's, so that nothing slips between. */
  async #as(owner: string): Promise<void> {
    if (this.#owner !== owner || this.#csrf === "") await this.me();
    if (this.#owner !== owner) throw new SignedOut();
  }

  async send(owner: string, campaign: string, scans: unknown[]): Promise<Answer[]> {
    await this.#as(owner);
    const url = path("campaigns", campaign, "scans");
    return (await this.#change<{ answers: Answer[] }>("POST", url, { scans })).answers;
  }

  async undo(owner: string, campaign: string, target: string, key: string): Promise<unknown> {
    await this.#as(owner);
    const url = path("campaigns", campaign, "scans", target, "undo");
    return this.#change("POST", url, undefined, { "Idempotency-Key": key });
  }

  async giveUp(owner: string, campaign: string, device: string, scans: unknown[], key: string): Promise<void> {
    await this.#as(owner);
    return this.#change("POST", path("campaigns", campaign, "scans", "give-up"), { device, scans }, { "Idempotency-Key": key });
  }

  /** Sends a photo of a scan: the same one again is one photo. */
  async photo(owner: string, campaign: string, scan: string, id: string, content: ArrayBuffer, at: string): Promise<void> {
    await this.#as(owner);
    const form = new FormData();
    form.append("photo", new Blob([content], { type: "image/jpeg" }), "photo.jpg");
    const query = new URLSearchParams({ device_at: at });
    await this.#change("PUT", `${path("campaigns", campaign, "scans", scan, "photos", id)}?${query}`, form);
  }

  submit(campaign: string, unit: string): Promise<unknown> {
    return this.#change("POST", this.#sheet(campaign, unit, "submit"));
  }

  async decode(photo: Blob): Promise<PhotoCode[]> {
    const form = new FormData();
    form.append("photo", photo, "photo.jpg");
    return (await this.#change<{ codes: PhotoCode[] }>("POST", path("photos", "decode"), form)).codes;
  }
}
