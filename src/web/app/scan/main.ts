// The scan app: counting with a phone, with a network or without, and no scan lost.
//
// The rooms: `codes`, `uuid7`, `verdict`, `cooldown`, `wedge` are pure; `store` keeps (IndexedDB), `outbox` sends, `api` asks,
// `count` is a sheet being counted, `live` hears of others; `camera`, `sounds` are the phone; `screens/` is what is seen.
// `sw` is the service worker: the app opens without a network, and a new version waits until nothing is being sent.
//
// What is said to the outside, and what tests hold on to (`data-test`):
// - screens: `choose` (a `sheet` for each, with `data-campaign`, `data-unit`; `use-kept`), `scan`; `#app[data-ready]` once it can be used
// - the head: `unsent` (`data-count`, `data-failed`, `data-state` idle|sending|waiting|signed_out), `place-title`, `progress`
//   (`data-seen`), `back`; the strip `others`
// - `.view[data-camera]` on|off|insecure|denied|none|broken, `[data-reader]` native|wasm|none
// - `flash` (`data-verdict`, `data-count` grows with each), `card` (`data-verdict`, `data-code`, `data-scan`; verdicts
//   `none`, `held` and `asked` are no verdicts), `card-number`, `undo`, `photo`, `edit`, `record-unknown`, `ignore`, `choose-place`
// - the foot: `type`, `torch`, `many`, `unseen`, `menu`
// - sheets (dialogs, each with `close`): `typed-sheet` (`typed-code`, `typed-record`), `edit-sheet` (`quantity`, `less`, `more`,
//   `good`, `damaged`, `keeper`, `note`, `no-label`, `name`, `serial`, `save`), `photo-sheet` (`photo-file`, `photo-take`,
//   `photo-camera`, `photo-state`), `many-sheet` (`many-file`, `many-take`,
//   `many-camera`, `many-state`), `unseen-sheet` (`unseen-here`, `unseen-all`, `unseen-row`), `place-sheet` (`find-place`,
//   `place` with `data-place`, `place-unknown`, `held-note`), `unsent-sheet` (`send-now`, `send-state`, `waiting-row`,
//   `failed-row`, `failed-reason`, `retry`, `give-up`), `menu-sheet` (`submit`, `refresh-book`, `sound`, `language`);
//   questions with `yes` and `no`: `give-up-confirm`, `submit-confirm`, `submit-refused` (`submit-reason`), `place-busy`
// - lines that go by themselves: `toast`, `undone`, `submitted`, `not-kept`

import { App } from "./app";
import { chosen, speak, words } from "./i18n";
import { chooseScreen } from "./screens/choose";
import { scanScreen } from "./screens/scan";
import { Store } from "./store";
import { button, h, icons } from "./ui";
import { uuid7 } from "./uuid7";
import { register } from "./worker";

async function device(store: Store): Promise<string> {
  const known = await store.meta("device");
  if (known) return known;
  // The last characters are all chance.
  const made = `phone-${uuid7().slice(-8)}`;
  await store.setMeta("device", made);
  return made;
}

/** When there is reason to think that the network is back. */
function flushOnSigns(app: App): void {
  const flush = (): void => {
    if (document.hidden || !app.me) return;
    // Signed in again in another tab, perhaps.
    if (app.signedOut) void app.recognise().catch(() => undefined);
    else void app.outbox.flush();
  };
  window.addEventListener("online", flush);
  window.addEventListener("pageshow", flush);
  document.addEventListener("visibilitychange", flush);
  // "online" is often not said at all.
  setInterval(() => {
    if (app.unsent.waiting > 0 && app.outbox.state !== "sending") flush();
  }, 30_000);
}

async function resume(app: App): Promise<boolean> {
  const key = await app.store.meta("sheet");
  const kept = key ? await app.store.sheet(key) : undefined;
  if (!kept || kept.owner !== app.me?.owner) return false;
  const count = await app.open(kept);
  app.show(() => scanScreen(app, count));
  return true;
}

async function begin(root: HTMLElement): Promise<void> {
  const { reader = "", wasm = "", icons: address = "" } = root.dataset;
  icons.address = address;
  speak(chosen());
  const store = await Store.open();
  const app = new App(root, store, { script: reader, wasm }, await device(store));
  register(app);
  await app.remember();
  if (!(await resume(app))) app.show(() => chooseScreen(app));
  root.dataset["ready"] = "yes";
  flushOnSigns(app);
  // Somebody else may have signed in since: their scans are theirs.
  app.recognise().then((changed) => {
    if (changed) app.show(() => chooseScreen(app));
  }, () => void app.outbox.flush());
  // Refused by some browsers; then they may clear it when space is short, which the page says where scans wait.
  void navigator.storage?.persist?.();
}

const root = document.getElementById("app");
if (root) {
  begin(root).catch((error: unknown) => {
    console.error(error);
    const again = button("wide primary", "reload", "refresh", words.refresh, () => location.reload());
    root.replaceChildren(h("main", { class: "page" }, h("div", { class: "told", "data-test": "broken" }, h("h2", {}, words.title), h("p", {}, String(error)), again)));
  });
}
