// Which sheet: those that wait at the server; without a network those that are on this phone.

import { Refused, SignedOut, Unreachable } from "../api";
import type { App, Screen } from "../app";
import { clock, fill, thousands, words } from "../i18n";
import type { Kept, Waiting } from "../types";
import { button, h, icon, toast } from "../ui";
import { scanScreen } from "./scan";
import { unsentPill } from "./unsent";

/** More than this are not listed: who has so many looks for one. */
const MOST = 60;

export function chooseScreen(app: App): Screen {
  const list = h("ul", { class: "sheets", "data-test": "sheets" });
  const told = h("div", { class: "told", role: "status" });
  const find = h("input", { type: "search", class: "field", placeholder: words.find_unit, "aria-label": words.find_unit, "data-test": "find-unit", hidden: true });
  let sheets: Waiting[] = [];
  let kept: Kept[] = [];
  let online = false;

  const tell = (title: string, text: string, more?: Node): void => {
    told.replaceChildren(h("h2", {}, title), h("p", { class: "quiet" }, text));
    if (more) told.append(more);
  };

  async function enter(waiting: Waiting): Promise<void> {
    const key = app.key(waiting);
    const before = kept.find((sheet) => sheet.key === key);
    for (const element of list.querySelectorAll("button")) element.disabled = true;
    try {
      // A storeroom's network can take its time: what is here already may be used at once.
      let begun = false;
      const useKept = before && button("wide", "use-kept", "device-mobile", words.use_kept, () => {
        begun = true;
        void begin(before);
      });
      tell(words.loading, "", useKept);
      const fresh = await app.download(waiting, (count) => begun || tell(fill(words.downloading, { count: thousands(count) }), "", useKept));
      if (!begun) await begin(fresh);
    } catch (error) {
      if (error instanceof SignedOut) app.signedOut = true;
      if (before && !(error instanceof Refused)) return begin(before);
      told.replaceChildren();
      toast(error instanceof Refused ? error.detail : words.not_ready_offline);
      draw();
    }
  }

  async function begin(sheet: Kept): Promise<void> {
    await app.store.setMeta("sheet", sheet.key);
    const count = await app.open(sheet);
    app.show(() => scanScreen(app, count));
  }

  function line(waiting: Waiting): HTMLElement {
    const here = kept.some((sheet) => sheet.key === app.key(waiting));
    const part = waiting.expected ? Math.round((100 * (waiting.seen ?? 0)) / waiting.expected) : 0;
    const bar = h("progress", { max: 100, value: part, "aria-hidden": "true" });
    const about = h("span", { class: "about" },
      waiting.blind ? h("span", { class: "tag" }, icon("eye-off"), words.blind) : h("span", { class: "num" }, `${thousands(waiting.seen ?? 0)} / ${thousands(waiting.expected ?? 0)}`),
      waiting.own && h("span", { class: "tag" }, words.own_unit),
      here && h("span", { class: "tag" }, icon("device-mobile")),
      h("span", { class: "quiet" }, fill(words.until, { day: waiting.to })));
    const go = h("button", { type: "button", class: "sheet-line", "data-test": "sheet", "data-campaign": waiting.campaign, "data-unit": waiting.unit.id, click: () => void enter(waiting) },
      h("span", { class: "two-lines strong" }, waiting.unit.name), h("span", { class: "quiet two-lines" }, waiting.campaign_name), about, !waiting.blind && bar, icon("chevron-right"));
    return h("li", {}, go);
  }

  function draw(): void {
    const wanted = find.value.trim();
    const shown = (online ? sheets : kept.map((sheet) => sheet.waiting)).filter((one) => one.unit.name.includes(wanted) || one.campaign_name.includes(wanted));
    find.hidden = sheets.length <= 8;
    list.replaceChildren(...shown.slice(0, MOST).map(line));
    if (shown.length > MOST) list.append(h("li", { class: "quiet" }, fill(words.more_rows, { count: shown.length - MOST })));
  }

  async function load(): Promise<void> {
    kept = app.me ? await app.store.sheets(app.me.owner) : [];
    draw();
    if (kept.length === 0) tell(words.loading, "");
    try {
      await app.recognise();
      if (app.signedOut) throw new SignedOut();
      kept = app.me ? await app.store.sheets(app.me.owner) : [];
      sheets = await app.api.sheets();
      online = true;
      if (sheets.length === 0) tell(words.no_sheets, words.no_sheets_help);
      else tell(words.choose, words.choose_help);
    } catch (error) {
      online = false;
      if (error instanceof SignedOut) {
        app.signedOut = true;
        tell(words.sign_in_first, app.unsent.waiting > 0 ? words.signed_out_help : words.sign_in_first_help, button("wide primary", "sign-in", "login", words.sign_in, () => app.signIn()));
      } else if (error instanceof Refused) tell(words.not_allowed, error.detail);
      else if (error instanceof Unreachable) tell(words.offline_sheets, "");
      else throw error;
    }
    draw();
  }

  const who = h("span", { class: "quiet two-lines", "data-test": "who" });
  const element = h("main", { class: "page", "data-test": "choose" },
    h("header", { class: "bar" }, h("a", { class: "round", href: "/", "aria-label": words.home }, icon("chevron-left")),
      h("div", { class: "bar-title" }, h("strong", {}, words.title), who), unsentPill(app)),
    h("div", { class: "scroll" }, told, find, list),
    h("footer", { class: "foot" },
      button("", "refresh", "refresh", words.refresh, () => void load()),
      h("a", { class: "key", href: `/scan?lang=${words.language === "English" ? "en" : "zh"}`, "data-test": "language" }, icon("language"), h("span", {}, words.language))));
  find.addEventListener("input", draw);
  void load().catch((error: unknown) => tell(String(error), ""));
  app.onChange(() => {
    who.textContent = app.me ? [app.me.name, app.me.unit?.name].filter(Boolean).join(" · ") : "";
  });
  const again = (): void => void load();
  window.addEventListener("online", again);
  return { element, leave: () => window.removeEventListener("online", again) };
}

/** The hour that a sheet's book is of. */
export function bookTime(kept: Kept, count: number): string {
  return kept.book_at ? fill(words.book_ready, { count: thousands(count), time: clock(kept.book_at) }) : words.no_book_blind;
}
