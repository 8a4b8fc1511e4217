// What has not reached the server: always in sight, and nothing leaves it without a trace.

import type { App } from "../app";
import { grouped } from "../codes";
import { clock, fill, words } from "../i18n";
import type { Row } from "../types";
import { add, button, confirm, h, icon, Sheet } from "../ui";
import { uuid7 } from "../uuid7";

/** The number in the head of every screen; opens the list. */
export function unsentPill(app: App): HTMLElement {
  const number = h("span", { class: "num" });
  const pill = h("button", { type: "button", class: "pill", "data-test": "unsent", click: () => unsentSheet(app) }, icon("cloud-upload"), number);
  app.onChange(() => {
    const { waiting, failed, others } = app.unsent;
    const count = waiting + failed + others;
    number.textContent = String(count);
    pill.dataset["count"] = String(count);
    pill.dataset["failed"] = String(failed);
    pill.dataset["state"] = app.outbox.state;
    pill.className = `pill${failed > 0 ? " bad" : count > 0 ? " some" : ""}`;
    pill.setAttribute("aria-label", `${words.unsent} ${count}`);
  });
  return pill;
}

const kind = (row: Row): string => ({ scan: words.kind_scan, undo: words.kind_undo, photo: words.kind_photo, give_up: words.kind_give_up })[row.kind];
const what = (row: Row): string => (row.kind === "scan" ? row.body.code || row.body.name || "" : row.kind === "photo" ? row.code : row.kind === "give_up" ? row.scans.map((scan) => scan.code).join("、") : "");

async function giveUp(app: App, row: Row): Promise<void> {
  const about = [h("p", { class: "mono two-lines" }, grouped(what(row))), h("p", {}, row.failed?.reason ?? ""), h("p", { class: "quiet" }, words.give_up_help)];
  if (!(await confirm("give-up-confirm", words.give_up_title, about, words.give_up_yes, words.cancel, true))) return;
  await app.outbox.giveUp(row, { id: uuid7(), device: app.device });
}

function line(app: App, row: Row): HTMLElement {
  const element = h("li", { class: row.failed ? "failed" : "", "data-test": row.failed ? "failed-row" : "waiting-row", "data-id": row.id },
    h("div", { class: "row-head" }, h("span", { class: "strong" }, kind(row)), h("span", { class: "mono" }, grouped(what(row))), h("span", { class: "quiet num" }, clock(row.made_at))),
    row.failed && h("p", { class: "bad-text", "data-test": "failed-reason" }, row.failed.reason));
  if (row.failed) {
    const keys = h("div", { class: "keys" }, button("", "retry", "refresh", words.retry, () => void app.outbox.retry(row)));
    // The note that something was given up is itself never given up.
    if (row.kind !== "give_up") add(keys, [button("danger", "give-up", "trash", words.give_up, () => void giveUp(app, row))]);
    element.append(keys);
  }
  return element;
}

/** Shown at once; the rest is counted. */
const MOST = 100;

export function unsentSheet(app: App): void {
  const sheet = new Sheet("unsent-sheet", words.unsent_title, words.close);
  const state = h("p", { class: "state", role: "status", "data-test": "send-state" });
  const list = h("ul", { class: "rows" });
  const send = button("wide primary", "send-now", "send", words.send_now, () => void app.outbox.flush());
  const signIn = button("wide primary", "sign-in", "login", words.sign_in, () => app.signIn());
  const promise = h("p", { class: "note", hidden: true }, words.not_persistent);
  add(sheet.body, [state, promise, send, signIn, list]);
  const draw = async (): Promise<void> => {
    if (!sheet.element.isConnected) return;
    const rows = await app.store.unsent();
    const own = rows.filter((row) => row.owner === app.outbox.owner);
    const failed = own.filter((row) => row.failed);
    const waiting = own.filter((row) => !row.failed);
    const others = new Map<string, number>();
    for (const row of rows) if (row.owner !== app.outbox.owner) others.set(row.owner_name, (others.get(row.owner_name) ?? 0) + 1);
    const now = { idle: "", sending: words.state_sending, waiting: words.state_waiting, signed_out: words.state_signed_out }[app.outbox.state];
    state.textContent = rows.length === 0 ? words.unsent_none : [now, words.unsent_help].filter(Boolean).join(" ");
    state.className = `state${rows.length === 0 ? " good" : ""}`;
    const kept = rows.length === 0 || !navigator.storage?.persisted || (await navigator.storage.persisted());
    promise.hidden = kept;
    send.hidden = waiting.length === 0 || app.signedOut;
    signIn.hidden = !app.signedOut;
    list.replaceChildren();
    if (failed.length > 0) add(list, [h("li", { class: "rows-head" }, fill(words.unsent_failed, { count: failed.length })), ...failed.slice(0, MOST).map((row) => line(app, row))]);
    if (waiting.length > 0) add(list, [h("li", { class: "rows-head" }, fill(words.unsent_waiting, { count: waiting.length })), ...waiting.slice(0, MOST).map((row) => line(app, row))]);
    for (const [who, count] of others) list.append(h("li", { class: "rows-head" }, fill(words.unsent_other, { who, count })));
  };
  sheet.open();
  app.onChange(() => void draw());
  void draw();
}
