// What is seldom needed; and handing the sheet in, which waits until nothing waits.

import { Refused, SignedOut } from "../api";
import type { App } from "../app";
import type { Count } from "../count";
import { fill, language, thousands, words } from "../i18n";
import { add, button, confirm, h, icon, Sheet, toast } from "../ui";
import { bookTime, chooseScreen } from "./choose";

export interface MenuWork {
  refreshBook(): void;
  unsent(): void;
}

export function menuSheet(app: App, count: Count, work: MenuWork): void {
  const sheet = new Sheet("menu-sheet", count.kept.waiting.unit.name, words.close);
  const then = (go: () => void) => () => {
    sheet.close();
    go();
  };
  const quiet = app.sounds.quiet;
  add(sheet.body, [
    h("p", { class: "quiet" }, `${count.kept.waiting.campaign_name} · ${bookTime(count.kept, count.knowledge.things.length)}`),
    button("wide primary", "submit", "clipboard-check", words.submit, then(() => void submit(app, count, work))),
    button("wide", "refresh-book", "refresh", words.refresh_book, then(work.refreshBook)),
    button("wide", "sound", quiet ? "volume" : "volume-off", quiet ? words.sound_on : words.sound_off, then(() => {
      app.sounds.quiet = !quiet;
      app.sounds.unlock();
    })),
    h("a", { class: "wide key", href: `/scan?lang=${language === "en" ? "zh" : "en"}`, "data-test": "language" }, icon("language"), h("span", {}, words.language)),
    h("a", { class: "wide key", href: "/" }, icon("home"), h("span", {}, words.home)),
    h("p", { class: "quiet" }, words.install_tip),
  ]);
  sheet.open();
}

/** Why a sheet cannot be handed in from this phone; empty when nothing stands in the way. */
async function inTheWay(app: App, count: Count): Promise<string[]> {
  const { campaign, unit } = count.kept.waiting;
  const unsent = (await app.store.unsent()).filter((row) => row.campaign === campaign && row.unit === unit.id);
  const reasons: string[] = [];
  if (unsent.length > 0) reasons.push(fill(words.submit_unsent, { count: unsent.length }));
  const failed = unsent.filter((row) => row.failed);
  for (const row of failed.slice(0, 3)) reasons.push(`${row.kind === "scan" ? row.body.code : ""} ${row.failed?.reason ?? ""}`.trim());
  if (count.held.length > 0) reasons.push(fill(words.submit_held, { count: count.held.length }));
  return reasons;
}

async function submit(app: App, count: Count, work: MenuWork): Promise<void> {
  await app.outbox.flush();
  const reasons = await inTheWay(app, count);
  if (reasons.length > 0) {
    const about = reasons.map((reason) => h("p", { "data-test": "submit-reason" }, reason));
    if (await confirm("submit-refused", words.submit_refused, about, words.unsent, words.close)) work.unsent();
    return;
  }
  const { campaign, unit } = count.kept.waiting;
  const unseen = count.unseen(null).length;
  const about = [h("p", {}, words.submit_help), unseen > 0 && h("p", { class: "bad-text", "data-test": "submit-unseen" }, fill(words.submit_unseen, { count: thousands(unseen) }))];
  if (!(await confirm("submit-confirm", fill(words.submit_title, { unit: unit.name }), about, words.submit, words.cancel))) return;
  try {
    await app.api.submit(campaign, unit.id);
    app.show(() => chooseScreen(app));
    toast(words.submit_done, "submitted");
  } catch (error) {
    if (error instanceof SignedOut) {
      app.signedOut = true;
      void app.changed();
    }
    toast(error instanceof Refused ? error.detail : error instanceof SignedOut ? words.state_signed_out : words.submit_offline);
  }
}
