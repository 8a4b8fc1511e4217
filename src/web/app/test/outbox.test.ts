import assert from "node:assert/strict";
import { test } from "node:test";

import { IDBFactory } from "fake-indexeddb";
import "fake-indexeddb/auto";

import { type Answer, Refused, SignedOut, Unreachable } from "../scan/api";
import { type Around, next, Outbox, type Sender } from "../scan/outbox";
import { Store } from "../scan/store";
import type { Me, Photo, Row, Seen } from "../scan/types";
import { uuid7 } from "../scan/uuid7";

const ME: Me = { owner: "me", login: "li", name: "李某", unit: null, language: "zh" };
const KEY = "me|C|U";

type Scan = Extract<Row, { kind: "scan" }>;

function scan(code: string, over: Partial<Row> = {}): Scan {
  const id = uuid7();
  const body = { id, code, quantity: 1, condition: "good", note: "", device: "p", device_at: "2026-11-24T00:00:00Z" } as const;
  return { id, owner: "me", owner_name: "李某", campaign: "C", unit: "U", made_at: "", kind: "scan", body, ...over } as Scan;
}

const seen = (row: Scan): { key: string; scan: Seen } => ({
  key: KEY,
  scan: { id: row.id, code: row.body.code, quantity: 1, condition: "good", counter: "李某", mine: true, at: "", unsent: true },
});

/** A server that can be told how to behave; it records each id once, as the real one does. */
class Server implements Sender {
  recorded: string[] = [];
  undone: string[] = [];
  givenUp: string[] = [];
  photos = new Map<string, string>();
  batches: number[] = [];
  asked = 0;
  who = ME;
  behave: (codes: string[]) => void = () => undefined;
  refuse = new Map<string, string>();
  /** Records, and then the answer is lost on the way. */
  loseAnswers = 0;

  async me(): Promise<Me> {
    return this.who;
  }

  async send(_owner: string, _campaign: string, scans: { id: string; code: string }[]): Promise<Answer[]> {
    this.asked += 1;
    this.batches.push(scans.length);
    this.behave(scans.map((one) => one.code));
    const answers = scans.map((one): Answer => {
      const reason = this.refuse.get(one.code);
      if (reason) return { id: one.id, answer: "refused", code: "invalid", reason };
      if (this.recorded.includes(one.id)) return { id: one.id, answer: "repeated" };
      this.recorded.push(one.id);
      return { id: one.id, answer: "recorded", identified_by: "current_label", item: `item ${one.code}` };
    });
    if (this.loseAnswers > 0) {
      this.loseAnswers -= 1;
      throw new Unreachable("lost");
    }
    return answers;
  }

  async undo(_owner: string, _campaign: string, target: string): Promise<unknown> {
    if (!this.recorded.includes(target)) throw new Refused(404, "not_found", "没有这次扫描");
    this.undone.push(target);
    return {};
  }

  async photo(_owner: string, _campaign: string, scan: string, id: string, content: ArrayBuffer): Promise<void> {
    this.behave([id]);
    if (!this.recorded.includes(scan)) throw new Refused(404, "not_found", "没有这次扫描");
    this.photos.set(id, `${scan} ${new TextDecoder().decode(content)}`);
  }

  async giveUp(_owner: string, _campaign: string, _device: string, scans: { id: string }[]): Promise<void> {
    this.givenUp.push(...scans.map((one) => one.id));
  }
}

class Clockwork implements Around {
  due: { work: () => void; ms: number }[] = [];
  random = (): number => 0.5;
  now = (): string => "2026-11-24T01:00:00Z";
  at = 0;
  ticks = (): number => this.at;
  later = (work: () => void, ms: number): void => void this.due.push({ work, ms });
  alone = (work: () => Promise<void>): Promise<void> => work();
}

async function begin(factory = new IDBFactory()): Promise<{ store: Store; server: Server; around: Clockwork; outbox: Outbox; factory: IDBFactory }> {
  const store = await Store.open(factory, "test");
  const [server, around] = [new Server(), new Clockwork()];
  return { store, server, around, outbox: new Outbox(store, server, "me", around), factory };
}

const left = async (store: Store): Promise<string[]> => (await store.unsent()).map((row) => row.id);

test("two hundred scans made without a network arrive once each, in order, after the phone was killed", async () => {
  const first = await begin();
  first.server.behave = () => {
    throw new Unreachable("no network");
  };
  const rows = [...Array(200).keys()].map((n) => scan(`A-${n}`));
  for (const row of rows) await first.outbox.keep([row], [seen(row)]);
  await first.outbox.flush();
  assert.equal(first.server.recorded.length, 0);
  assert.equal((await left(first.store)).length, 200);
  first.store.close();

  const again = await begin(first.factory);
  assert.deepEqual(await left(again.store), rows.map((row) => row.id), "what was kept is there after a restart");
  await again.outbox.flush();
  assert.deepEqual(again.server.recorded, rows.map((row) => row.id));
  assert.deepEqual(again.server.batches, [50, 50, 50, 50]);
  assert.deepEqual(await left(again.store), []);
  const told = await again.store.scans(KEY);
  assert.equal(told.length, 200);
  assert.ok(told.every((one) => !one.unsent && one.item === `item ${one.code}`), "what the server said is kept");
});

test("an answer that is lost makes no second scan", async () => {
  const { store, server, around, outbox } = await begin();
  server.loseAnswers = 2;
  const row = scan("A");
  await outbox.keep([row], [seen(row)]);
  await outbox.flush();
  assert.equal(outbox.state, "waiting");
  for (let turn = 0; turn < 3; turn++) {
    around.due.pop()?.work();
    await outbox.flush();
  }
  assert.deepEqual(server.recorded, [row.id]);
  assert.deepEqual(await left(store), []);
  assert.equal(outbox.state, "idle");
});

test("while the server is silent a scan does not knock each time, and the number that waits is counted", async () => {
  const { store, server, around, outbox } = await begin();
  server.behave = () => {
    throw new Unreachable("no network");
  };
  const theirs = scan("T", { owner: "they", owner_name: "王某" });
  await outbox.keep([scan("A-0"), theirs], []);
  await outbox.flush();
  for (let n = 1; n <= 20; n++) await outbox.keep([scan(`A-${n}`)], []);
  assert.equal(server.asked, 1);
  around.at += 5_000;
  await outbox.keep([scan("A-21")], []);
  await outbox.flush();
  assert.ok(server.asked > 1);
  assert.deepEqual(await store.counts("me"), { own: 22, failed: 0, all: 23 });
  server.behave = () => undefined;
  server.refuse.set("A-3", "不行");
  await outbox.flush();
  assert.deepEqual(await store.counts("me"), { own: 1, failed: 1, all: 2 });
  assert.deepEqual(await store.counts("they"), { own: 1, failed: 0, all: 2 });
});

test("it waits longer each time, a minute at most, and as long as the server says", async () => {
  const { server, around, outbox } = await begin();
  const failures: (() => never)[] = [...Array(9).keys()].map(() => () => {
    throw new Unreachable("503");
  });
  failures.push(() => {
    throw new Unreachable("429", 300);
  });
  server.behave = () => failures.shift()?.();
  await outbox.keep([scan("A")], []);
  await outbox.flush();
  while (failures.length > 0) {
    around.due.at(-1)?.work();
    await outbox.flush();
  }
  const waits = around.due.map((one) => one.ms);
  assert.deepEqual(waits.slice(0, 3), [750, 1_500, 3_000]);
  assert.ok(waits.slice(0, -1).every((ms) => ms <= 60_000));
  assert.equal(waits.at(-1), 300_000);
});

test("one that is refused stays, says why, and holds up no other; it may be tried again", async () => {
  const { store, server, outbox } = await begin();
  server.refuse.set("B", "盘点表已提交");
  const rows = ["A", "B", "C"].map((code) => scan(code));
  await outbox.keep(rows, rows.map(seen));
  await outbox.flush();
  assert.deepEqual(server.recorded, [rows[0]!.id, rows[2]!.id]);
  const [failed] = await store.unsent();
  assert.equal(failed?.id, rows[1]!.id);
  assert.deepEqual(failed?.failed, { code: "invalid", reason: "盘点表已提交", at: "2026-11-24T01:00:00Z" });
  const asked = server.asked;
  await outbox.flush();
  assert.equal(server.asked, asked, "what was refused is not sent again by itself");
  server.refuse.clear();
  await outbox.retry(failed!);
  assert.deepEqual(await left(store), []);
  assert.equal(server.recorded.length, 3);
});

test("what is given up leaves a note at the server, also when that has to wait", async () => {
  const { store, server, outbox } = await begin();
  server.refuse.set("B", "不行");
  const row = scan("B");
  await outbox.keep([row], [seen(row)]);
  await outbox.flush();
  const give = server.giveUp.bind(server);
  server.giveUp = async () => {
    throw new Unreachable("no network");
  };
  const [failed] = await store.unsent();
  await outbox.giveUp(failed!, { id: uuid7(), device: "p" });
  const [note] = await store.unsent();
  assert.equal(note?.kind, "give_up", "the note waits in its place");
  assert.equal((await store.scans(KEY)).length, 0, "the sheet shows it no more");
  server.giveUp = give;
  await outbox.flush();
  assert.deepEqual(server.givenUp, [row.id]);
  assert.deepEqual(await left(store), []);
});

test("a batch that cannot be read is taken apart until the one at fault is alone", async () => {
  const { store, server, outbox } = await begin();
  server.behave = (codes) => {
    if (codes.includes("X")) throw new Refused(422, "invalid", "读不懂");
  };
  const rows = ["A", "B", "X", "C"].map((code) => scan(code));
  await outbox.keep(rows, []);
  await outbox.flush();
  assert.equal(server.recorded.length, 3);
  assert.deepEqual(await left(store), [rows[2]!.id]);
});

test("nobody's scans are sent as somebody else's", async () => {
  const { store, server, outbox } = await begin();
  const theirs = scan("T", { owner: "they", owner_name: "王某" });
  const mine = scan("M");
  await outbox.keep([theirs, mine], []);
  await outbox.flush();
  assert.deepEqual(server.recorded, [mine.id]);
  assert.deepEqual(await left(store), [theirs.id]);
  // Somebody else signed in in another tab: the token of this one is refused.
  server.who = { ...ME, owner: "they" };
  server.behave = () => {
    throw new Refused(403, "forbidden", "页面已过期");
  };
  const later = scan("L");
  await outbox.keep([later], []);
  await outbox.flush();
  assert.equal(outbox.state, "signed_out");
  assert.deepEqual(await left(store), [theirs.id, later.id], "it waits unharmed");
  assert.ok((await store.unsent()).every((row) => !row.failed));
});

test("a session that ended keeps everything and says so", async () => {
  const { store, server, outbox } = await begin();
  server.behave = () => {
    throw new SignedOut();
  };
  const row = scan("A");
  await outbox.keep([row], []);
  await outbox.flush();
  assert.equal(outbox.state, "signed_out");
  assert.deepEqual(await left(store), [row.id]);
  server.behave = () => undefined;
  await outbox.flush();
  assert.deepEqual(await left(store), []);
});

test("an undoing follows its scan; of a scan that was refused there is nothing to undo", async () => {
  const { store, server, outbox } = await begin();
  server.behave = () => {
    throw new Unreachable("no network");
  };
  const [good, bad] = [scan("A"), scan("B")];
  const undo = (target: string): Row => ({ ...scan("-"), id: uuid7(), kind: "undo", target }) as Row;
  await outbox.keep([good], []);
  await outbox.keep([undo(good.id)], []);
  await outbox.keep([bad], []);
  await outbox.keep([undo(bad.id)], []);
  await outbox.flush();
  server.behave = () => undefined;
  server.refuse.set("B", "不行");
  await outbox.flush();
  assert.deepEqual(server.undone, [good.id]);
  assert.deepEqual(await left(store), [bad.id]);
});

test("a scan whose keeping failed is not shown as kept", async () => {
  const { store, outbox } = await begin();
  const row = scan("A");
  await outbox.keep([row], [seen(row)]);
  await outbox.flush();
  const twice = scan("B");
  await assert.rejects(store.keep([twice, twice], [seen(twice)]), "the same id twice is no two scans");
  assert.deepEqual(await left(store), [], "all of it or nothing");
  assert.equal((await store.scans(KEY)).length, 1);
});

test("scans of one campaign go together, everything else alone", () => {
  const undo = { ...scan("x"), kind: "undo", target: "t" } as Row;
  const [a, b, c] = [scan("a"), scan("b"), scan("c", { campaign: "D" })];
  assert.deepEqual(next([a, b, undo, c]).length, 2);
  assert.deepEqual(next([undo, a]).length, 1);
  assert.deepEqual(next([a, c]).length, 1);
  assert.deepEqual(next([]), []);
});

function photo(of: Scan, said: string): [Row, Photo] {
  const id = uuid7();
  const row = { id, owner: "me", owner_name: "李某", campaign: "C", unit: "U", made_at: "", kind: "photo", target: of.id, code: of.body.code } as Row;
  return [row, { id, key: KEY, scan: of.id, content: new TextEncoder().encode(said).buffer as ArrayBuffer }];
}

test("photos follow when no scan waits, outlive a killed phone, and leave only that they were taken", async () => {
  const first = await begin();
  first.server.behave = () => {
    throw new Unreachable("no network");
  };
  const [one, other] = [scan("A"), scan("B")];
  const [row, kept] = photo(one, "a scratch");
  await first.outbox.keep([one], [seen(one)]);
  await first.outbox.keep([row], [], [], [kept]);
  await first.outbox.keep([other], [seen(other)]);
  await first.outbox.flush();
  first.store.close();

  const { store, server, outbox } = await begin(first.factory);
  const order: string[] = [];
  server.behave = (codes) => void order.push(...codes);
  await outbox.flush();
  assert.deepEqual(order, ["A", "B", row.id], "scans first");
  assert.deepEqual([...server.photos], [[row.id, `${one.id} a scratch`]]);
  assert.deepEqual(await left(store), []);
  assert.equal(await store.photo(row.id), undefined, "its content takes no more space");
  assert.deepEqual([...(await store.photos(KEY))], [[one.id, 1]]);
});

test("a photo of a scan that was refused waits with it, is sent with it, or given up with it", async () => {
  const { store, server, outbox } = await begin();
  server.refuse.set("A", "不行").set("B", "不行");
  for (const code of ["A", "B"]) {
    const made = scan(code);
    const [row, kept] = photo(made, code);
    await outbox.keep([made], [seen(made)]);
    await outbox.keep([row], [], [], [kept]);
  }
  await outbox.flush();
  const waiting = await store.unsent();
  assert.deepEqual(waiting.map((row) => row.failed !== undefined), [true, true, true, true]);
  server.refuse.delete("A");
  await outbox.retry(waiting[0]!);
  assert.equal(server.photos.size, 1);
  await outbox.giveUp(waiting[2]!, { id: uuid7(), device: "p" });
  assert.deepEqual(server.givenUp, [waiting[2]!.id, waiting[3]!.id]);
  assert.deepEqual(await left(store), []);
  assert.equal(await store.photo(waiting[3]!.id), undefined);
});
