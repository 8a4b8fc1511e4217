// What the phone keeps, in IndexedDB: it outlives reloading, closing and killing. A scan is kept when the transaction has
// completed, not when it was asked for; only then is its colour shown.

import { type Held, type Kept, type Me, type Photo, type Row, type Seen, type Thing } from "./types";

const NAME = "hufu-scan";
const VERSION = 2;

type Table = "outbox" | "seen" | "book" | "sheets" | "held" | "meta" | "photos";

function done(tx: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    tx.oncomplete = () => resolve();
    tx.onabort = () => reject(tx.error ?? new Error("aborted"));
    tx.onerror = () => reject(tx.error ?? new Error("failed"));
  });
}

function asked<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("failed"));
  });
}

function prepare(db: IDBDatabase, from: number): void {
  if (from < 1) first(db);
  // Apart from what waits, which is read often: a photo is read once.
  db.createObjectStore("photos", { keyPath: "id" }).createIndex("of", ["key", "scan"]);
}

function first(db: IDBDatabase): void {
  // The number that the store gives is the order made; the id keeps a scan from being kept twice.
  const outbox = db.createObjectStore("outbox", { keyPath: "n", autoIncrement: true });
  outbox.createIndex("id", "id", { unique: true });
  outbox.createIndex("owner", "owner");
  // Only what was refused has a "failed".
  outbox.createIndex("failed", ["owner", "failed.code"]);
  db.createObjectStore("seen", { keyPath: ["key", "id"] });
  db.createObjectStore("book", { keyPath: ["key", "page"] });
  db.createObjectStore("sheets", { keyPath: "key" });
  db.createObjectStore("held", { keyPath: "id" });
  db.createObjectStore("meta");
}

const ofKey = (key: string): IDBKeyRange => IDBKeyRange.bound([key], [key, []]);

/** What is kept beside the sheets. */
interface Meta {
  me: Me;
  device: string;
  /** The sheet that was open last. */
  sheet: string;
}

export class Store {
  readonly #db: IDBDatabase;

  private constructor(db: IDBDatabase) {
    this.#db = db;
    // Another tab brings a newer store: this one must let go, or that one waits for ever.
    db.onversionchange = () => db.close();
  }

  static async open(factory: IDBFactory = indexedDB, name: string = NAME): Promise<Store> {
    const request = factory.open(name, VERSION);
    request.onupgradeneeded = (event) => prepare(request.result, event.oldVersion);
    return new Store(await asked(request));
  }

  close(): void {
    this.#db.close();
  }

  #write(tables: Table[]): IDBTransaction {
    // Strict: on the flash, not in a buffer that an empty battery loses.
    return this.#db.transaction(tables, "readwrite", { durability: "strict" });
  }

  #read(table: Table): IDBObjectStore {
    return this.#db.transaction(table, "readonly").objectStore(table);
  }

  async meta<K extends keyof Meta>(name: K): Promise<Meta[K] | undefined> {
    return asked(this.#read("meta").get(name)) as Promise<Meta[K] | undefined>;
  }

  async setMeta<K extends keyof Meta>(name: K, value: Meta[K]): Promise<void> {
    const tx = this.#write(["meta"]);
    tx.objectStore("meta").put(value, name);
    await done(tx);
  }

  /** Keeps what is to be sent, in one transaction with what the sheet then shows and with what no longer waits for a place. */
  async keep(rows: Row[], seen: { key: string; scan: Seen }[], released: string[] = [], photos: Photo[] = []): Promise<void> {
    const tx = this.#write(["outbox", "seen", "held", "photos"]);
    const finished = done(tx);
    for (const row of rows) tx.objectStore("outbox").add(row);
    for (const { key, scan } of seen) tx.objectStore("seen").put({ key, ...scan });
    for (const id of released) tx.objectStore("held").delete(id);
    for (const photo of photos) tx.objectStore("photos").add(photo);
    await finished;
  }

  /** The first that wait to be sent for an owner, in the order made; photos, which are large, when nothing else waits. */
  async waiting(owner: string, most: number): Promise<Row[]> {
    const rows: Row[] = [];
    const photos: Row[] = [];
    const request = this.#read("outbox").index("owner").openCursor(IDBKeyRange.only(owner));
    return new Promise((resolve, reject) => {
      request.onerror = () => reject(request.error ?? new Error("failed"));
      request.onsuccess = () => {
        const cursor = request.result;
        if (!cursor || rows.length >= most) return resolve(rows.length > 0 ? rows : photos);
        const row = cursor.value as Row;
        if (!row.failed && row.kind !== "photo") rows.push(row);
        else if (!row.failed && photos.length < most) photos.push(row);
        cursor.continue();
      };
    });
  }

  /** Everything unsent on this phone, whoever made it. */
  async unsent(): Promise<Row[]> {
    return asked(this.#read("outbox").getAll()) as Promise<Row[]>;
  }

  /** How much waits: an owner's, what of it was refused, and everybody's. Counted, not read: it is asked at every scan. */
  async counts(owner: string): Promise<{ own: number; failed: number; all: number }> {
    const outbox = this.#read("outbox");
    const own = asked(outbox.index("owner").count(IDBKeyRange.only(owner)));
    const failed = asked(outbox.index("failed").count(IDBKeyRange.bound([owner], [owner, []])));
    const all = asked(outbox.count());
    return { own: await own, failed: await failed, all: await all };
  }

  /** Takes out what the server has, and writes what it said of it. */
  async sent(rows: Row[], seen: { key: string; scan: Seen }[]): Promise<void> {
    const tx = this.#write(["outbox", "seen"]);
    const finished = done(tx);
    for (const row of rows) if (row.n !== undefined) tx.objectStore("outbox").delete(row.n);
    for (const { key, scan } of seen) tx.objectStore("seen").put({ key, ...scan });
    await finished;
  }

  /** What a photo shows; nothing once the server has it. */
  async photo(id: string): Promise<ArrayBuffer | undefined> {
    const photo = (await asked(this.#read("photos").get(id))) as Photo | undefined;
    return photo?.content;
  }

  /** The server has a photo: that it was taken is all that stays here. */
  async photoSent(row: Row, photo: Photo): Promise<void> {
    const tx = this.#write(["outbox", "photos"]);
    const finished = done(tx);
    if (row.n !== undefined) tx.objectStore("outbox").delete(row.n);
    tx.objectStore("photos").put(photo);
    await finished;
  }

  /** How many photos were taken here with each scan of a sheet. Counted by their index: none is read. */
  async photos(key: string): Promise<Map<string, number>> {
    const many = new Map<string, number>();
    const request = this.#read("photos").index("of").openKeyCursor(IDBKeyRange.bound([key], [key, []]));
    return new Promise((resolve, reject) => {
      request.onerror = () => reject(request.error ?? new Error("failed"));
      request.onsuccess = () => {
        const cursor = request.result;
        if (!cursor) return resolve(many);
        const scan = (cursor.key as string[])[1] ?? "";
        many.set(scan, (many.get(scan) ?? 0) + 1);
        cursor.continue();
      };
    });
  }

  /** Keeps rows with what was said of them. */
  async update(rows: Row[]): Promise<void> {
    const tx = this.#write(["outbox"]);
    const finished = done(tx);
    for (const row of rows) tx.objectStore("outbox").put(row);
    await finished;
  }

  /** In the place of rows that were given up comes the note that they were. */
  async replace(gone: Row[], note: Row, unseen: { key: string; id: string }[]): Promise<void> {
    const tx = this.#write(["outbox", "seen", "photos"]);
    const finished = done(tx);
    for (const row of gone) if (row.n !== undefined) tx.objectStore("outbox").delete(row.n);
    for (const row of gone) if (row.kind === "photo") tx.objectStore("photos").delete(row.id);
    tx.objectStore("outbox").add(note);
    for (const { key, id } of unseen) tx.objectStore("seen").delete([key, id]);
    await finished;
  }

  async scans(key: string): Promise<Seen[]> {
    return asked(this.#read("seen").getAll(ofKey(key))) as Promise<Seen[]>;
  }

  async scan(key: string, id: string): Promise<Seen | undefined> {
    return asked(this.#read("seen").get([key, id])) as Promise<Seen | undefined>;
  }

  /** Writes what was heard of a sheet's scans, and how far that goes. */
  async heard(kept: Kept, scans: Seen[], afresh: boolean): Promise<void> {
    const tx = this.#write(["seen", "sheets"]);
    const finished = done(tx);
    const seen = tx.objectStore("seen");
    if (afresh) {
      // What only this phone knows stays.
      const known = (await asked(seen.getAll(ofKey(kept.key)))) as Seen[];
      for (const scan of known) if (!scan.unsent) seen.delete([kept.key, scan.id]);
    }
    for (const scan of scans) seen.put({ key: kept.key, ...scan });
    tx.objectStore("sheets").put(kept);
    await finished;
  }

  async sheet(key: string): Promise<Kept | undefined> {
    return asked(this.#read("sheets").get(key)) as Promise<Kept | undefined>;
  }

  async sheets(owner: string): Promise<Kept[]> {
    const all = (await asked(this.#read("sheets").getAll())) as Kept[];
    return all.filter((kept) => kept.owner === owner);
  }

  async setSheet(kept: Kept): Promise<void> {
    const tx = this.#write(["sheets"]);
    tx.objectStore("sheets").put(kept);
    await done(tx);
  }

  /** A sheet's book, whole: the one before stays until the new one is there. */
  async setBook(kept: Kept, pages: Thing[][]): Promise<void> {
    const tx = this.#write(["book", "sheets"]);
    const finished = done(tx);
    tx.objectStore("book").delete(ofKey(kept.key));
    pages.forEach((things, page) => tx.objectStore("book").put({ key: kept.key, page, things }));
    tx.objectStore("sheets").put(kept);
    await finished;
  }

  async book(key: string): Promise<Thing[]> {
    const pages = (await asked(this.#read("book").getAll(ofKey(key)))) as { things: Thing[] }[];
    return pages.flatMap((page) => page.things);
  }

  async hold(held: Held): Promise<void> {
    const tx = this.#write(["held"]);
    tx.objectStore("held").put(held);
    await done(tx);
  }

  async held(key: string): Promise<Held[]> {
    const all = (await asked(this.#read("held").getAll())) as Held[];
    return all.filter((held) => held.key === key).sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  async letGo(id: string): Promise<void> {
    const tx = this.#write(["held"]);
    tx.objectStore("held").delete(id);
    await done(tx);
  }
}
