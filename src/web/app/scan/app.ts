// What all screens share: who counts, what is kept, what sounds, and which screen is shown.

import { Api, Refused, SignedOut } from "./api";
import type { ReaderFiles } from "./camera";
import { Count, type Who } from "./count";
import { language, speak } from "./i18n";
import { Outbox } from "./outbox";
import { Sounds } from "./sounds";
import type { Store } from "./store";
import { type Kept, type Me, type Thing, type Waiting, sheetKey } from "./types";

export interface Screen {
  element: HTMLElement;
  leave?(): void;
}

/** What waits on this phone. */
export interface Unsent {
  waiting: number;
  failed: number;
  /** Of others who used this phone. */
  others: number;
}

export class App {
  readonly api = new Api();
  readonly sounds = new Sounds();
  readonly outbox: Outbox;
  me: Me | null = null;
  /** Whether the server said that nobody is signed in. */
  signedOut = false;
  unsent: Unsent = { waiting: 0, failed: 0, others: 0 };
  #screen: Screen | null = null;
  #listeners = new Set<() => void>();

  constructor(
    readonly root: HTMLElement,
    readonly store: Store,
    readonly files: ReaderFiles,
    readonly device: string,
  ) {
    this.outbox = new Outbox(store, this.api, "");
    this.outbox.onChange(() => void this.changed());
  }

  show(make: () => Screen): void {
    this.#screen?.leave?.();
    this.#listeners.clear();
    for (const sheet of document.querySelectorAll("dialog")) sheet.remove();
    this.#screen = make();
    this.root.replaceChildren(this.#screen.element);
    void this.changed();
  }

  /** For as long as the screen is shown. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  async changed(): Promise<void> {
    const { own, failed, all } = await this.store.counts(this.outbox.owner);
    this.unsent = { waiting: own - failed, failed, others: all - own };
    if (this.outbox.state === "signed_out") this.signedOut = true;
    for (const listener of this.#listeners) listener();
  }

  /** Asks the server who is signed in; true when it is somebody else than before. */
  async recognise(): Promise<boolean> {
    try {
      const me = await this.api.me();
      const changed = me.owner !== this.me?.owner;
      await this.#become(me);
      if (me.language !== language && !new URLSearchParams(location.search).has("lang")) speak(me.language);
      return changed;
    } catch (error) {
      if (error instanceof SignedOut) this.signedOut = true;
      // Whoever must change a password first may not count yet.
      else if (error instanceof Refused) this.signedOut = true;
      else throw error;
      void this.changed();
      return false;
    }
  }

  async #become(me: Me): Promise<void> {
    this.me = me;
    this.signedOut = false;
    this.outbox.owner = me.owner;
    await this.store.setMeta("me", me);
    void this.outbox.flush();
  }

  /** Who counted here last, for as long as there is no network. */
  async remember(): Promise<void> {
    this.me = (await this.store.meta("me")) ?? null;
    this.outbox.owner = this.me?.owner ?? "";
  }

  get who(): Who {
    return { owner: this.me?.owner ?? "", name: this.me?.name ?? "", device: this.device };
  }

  key(waiting: Waiting): string {
    return sheetKey(this.me?.owner ?? "", waiting.campaign, waiting.unit.id);
  }

  /** Takes a sheet's ground and book onto the phone; what was there stays until all of it has come. */
  async download(waiting: Waiting, onThings: (count: number) => unknown): Promise<Kept> {
    const key = this.key(waiting);
    const before = await this.store.sheet(key);
    const ground = await this.api.ground(waiting.campaign, waiting.unit.id);
    const pages: Thing[][] = [];
    if (!ground.blind) {
      let things = 0;
      for await (const page of this.api.book(waiting.campaign, waiting.unit.id)) {
        pages.push(page);
        things += page.length;
        onThings(things);
      }
    }
    const now = new Date().toISOString();
    // The place may have been set while the book came.
    const meanwhile = (await this.store.sheet(key)) ?? before;
    const kept: Kept = {
      key,
      owner: this.me?.owner ?? "",
      waiting: { ...waiting, blind: ground.blind },
      ground,
      book_at: ground.blind ? null : now,
      cursor: meanwhile?.cursor ?? 0,
      recounts: meanwhile?.recounts ?? 0,
      place: meanwhile?.place ?? null,
      opened_at: now,
    };
    await this.store.setBook(kept, pages);
    return kept;
  }

  open(kept: Kept): Promise<Count> {
    return Count.open(this.store, this.outbox, this.who, kept);
  }

  signIn(): void {
    location.assign("/sign-in?next=%2Fscan");
  }
}
