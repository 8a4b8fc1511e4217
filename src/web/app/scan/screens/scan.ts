// The screen that counts: place above, camera in the middle, what became of the last reading below it, keys at the thumb.

import { Refused, SignedOut } from "../api";
import type { App, Screen } from "../app";
import { Camera, type CameraFault } from "../camera";
import { isLabelCode, numberKey } from "../codes";
import { Cooldown } from "../cooldown";
import type { Count, Facts, Outcome, Source } from "../count";
import { fill, thousands, words } from "../i18n";
import { Live } from "../live";
import { add, button, h, icon, toast } from "../ui";
import type { Verdict } from "../verdict";
import { UNHURRIED_MS, Wedge, withoutPrefix } from "../wedge";
import { card, word } from "./card";
import { chooseScreen } from "./choose";
import { Flash } from "./flash";
import { editSheet, manySheet, photoSheet, typedSheet } from "./forms";
import { menuSheet } from "./menu";
import { mayEnter, NOWHERE, placeSheet } from "./places";
import { unseenSheet } from "./unseen";
import { unsentPill, unsentSheet } from "./unsent";

const FAULTS: Record<CameraFault, "camera_insecure" | "camera_denied" | "camera_none" | "camera_broken"> = {
  insecure: "camera_insecure",
  denied: "camera_denied",
  none: "camera_none",
  broken: "camera_broken",
};

/** While something is typed, the camera looks and says nothing; while the place is asked for, its label answers. */
function listens(): boolean {
  return [...document.querySelectorAll<HTMLElement>("dialog[open]")].every((dialog) => ["place-sheet", "place-busy"].includes(dialog.dataset["test"] ?? ""));
}

/** A scanner goes on while something lies over the screen: what is only looked at gives way. */
function makeRoom(): void {
  for (const dialog of document.querySelectorAll<HTMLDialogElement>("dialog[open]")) {
    if (!["place-sheet", "place-busy", "edit-sheet"].includes(dialog.dataset["test"] ?? "")) dialog.close();
  }
}

export function scanScreen(app: App, first: Count): Screen {
  return new Scanning(app, first).screen;
}

class Scanning {
  readonly screen: Screen;
  readonly #flash: Flash;
  readonly #camera: Camera;
  readonly #cooldown = new Cooldown();
  readonly #wedge = new Wedge(UNHURRIED_MS);
  readonly #hurried = new Wedge();
  #typedBefore = "";
  readonly #live: Live;
  #last: Outcome | null = null;
  #torch = false;
  readonly #place = h("strong", { class: "two-lines" });
  readonly #progress = h("span", { class: "num", "data-test": "progress" });
  readonly #strip = h("div", { class: "strip", role: "status", "data-test": "others", hidden: true });
  readonly #cover = h("div", { class: "cover" });
  readonly #slot = h("div", { class: "slot", "aria-live": "polite" });
  readonly #torchKey: HTMLButtonElement;

  constructor(
    readonly app: App,
    readonly count: Count,
  ) {
    this.#flash = new Flash(app.sounds);
    const video = h("video", { playsinline: true, muted: true, autoplay: true, "data-test": "video" });
    video.muted = true;
    this.#camera = new Camera(video, app.files, (codes) => this.#seen(codes));
    this.#live = new Live(app.api, app.store, count, app.device, () => this.#draw(), () => this.#signedOut());
    this.#torchKey = button("", "torch", "bolt", words.torch, () => void this.#switchTorch());
    this.screen = { element: this.#build(video), leave: () => this.#leave() };
    document.addEventListener("keydown", this.#onKey, true);
    document.addEventListener("visibilitychange", this.#onVisible);
    document.addEventListener("pointerdown", this.#onTouch, { passive: true });
    app.onChange(() => this.#draw());
    void this.#start();
  }

  #build(video: HTMLVideoElement): HTMLElement {
    const place = h("button", { type: "button", class: "bar-title place", "data-test": "place-title", click: () => this.#choosePlace() }, this.#place, icon("chevron-down"), this.#progress);
    return h("main", { class: "page scan", "data-test": "scan" },
      h("header", { class: "bar" },
        h("button", { type: "button", class: "round", "aria-label": words.back, "data-test": "back", click: () => this.app.show(() => chooseScreen(this.app)) }, icon("chevron-left")),
        place, unsentPill(this.app)),
      this.#strip,
      h("div", { class: "view" }, video, h("div", { class: "frame", "aria-hidden": "true" }), this.#cover),
      this.#slot,
      h("footer", { class: "foot" },
        button("", "type", "keyboard", words.typed, () => typedSheet((text) => void this.#read(text, "typed"))),
        this.#torchKey,
        button("", "many", "photo", words.many, () => this.#many()),
        button("", "unseen", "list-check", words.unseen, () => unseenSheet(this.count)),
        button("", "menu", "dots", words.menu, () => menuSheet(this.app, this.count, { refreshBook: () => void this.#refreshBook(), unsent: () => unsentSheet(this.app) }))),
      this.#flash.element);
  }

  async #start(): Promise<void> {
    this.#draw();
    this.#live.start();
    await this.#openCamera();
  }

  async #openCamera(): Promise<void> {
    this.#cover.hidden = false;
    this.#cover.replaceChildren(h("p", {}, words.camera_starting));
    const fault = await this.#camera.start();
    const view = this.screen.element.querySelector<HTMLElement>(".view");
    if (view) {
      view.dataset["camera"] = this.#camera.on ? "on" : (fault ?? "off");
      view.dataset["reader"] = this.#camera.reader;
    }
    this.#torchKey.disabled = !this.#camera.hasTorch;
    this.#cover.hidden = fault === null;
    if (fault === null) return;
    this.#cover.replaceChildren(icon("scan"), h("p", { "data-test": "camera-fault" }, words[FAULTS[fault]]),
      button("", "open-camera", "camera", words.open_camera, () => void this.#openCamera()));
  }

  #leave(): void {
    document.removeEventListener("keydown", this.#onKey, true);
    document.removeEventListener("visibilitychange", this.#onVisible);
    document.removeEventListener("pointerdown", this.#onTouch);
    this.#live.stop();
    this.#camera.stop();
    this.#flash.clear();
  }

  #onTouch = (): void => this.app.sounds.unlock();

  #onVisible = (): void => {
    // A camera left running in a pocket drains it; some phones end it by themselves.
    if (document.hidden) this.#camera.stop();
    else void this.#openCamera().then(() => this.#live.now());
  };

  #onKey = (event: KeyboardEvent): void => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const field = (event.target as HTMLElement | null)?.closest<HTMLInputElement>("input, textarea, select");
    const read = field ? this.#inField(field, event) : this.#wedge.key(event.key, event.timeStamp);
    if (read === null) return;
    // Enter would press the key that has the focus.
    event.preventDefault();
    event.stopPropagation();
    makeRoom();
    void this.#read(withoutPrefix(read), "wedge");
  };

  /** A scanner types wherever the focus is: a label read into the quantity is no quantity. */
  #inField(field: HTMLInputElement, event: KeyboardEvent): string | null {
    if (field.dataset["test"] === "typed-code") return null;
    if (this.#hurried.idle(event.timeStamp)) this.#typedBefore = field.value;
    const read = this.#hurried.key(event.key, event.timeStamp);
    if (read === null || !isLabelCode(read)) return null;
    field.value = this.#typedBefore;
    return read;
  }

  #seen(codes: string[]): void {
    if (!listens()) return;
    const now = performance.now();
    for (const code of codes) if (this.#cooldown.take(code, now)) void this.#read(code, "camera");
  }

  async #read(text: string, source: Source): Promise<Outcome | null> {
    const before = this.count.place;
    try {
      const outcome = await this.count.read(text, source);
      if (outcome.kind === "place" && before !== outcome.place.id) void this.#entered(outcome.place.id);
      this.#show(outcome);
      return outcome;
    } catch (error) {
      // Not kept is worse than not read: it is said in red, and nothing else.
      console.error(error);
      this.#flash.show("refused", words.not_kept_title, text);
      toast(words.not_kept, "not-kept");
      return null;
    }
  }

  async #entered(place: string): Promise<void> {
    this.#live.moved();
    const entered = this.count.knowledge.place(place);
    if (entered && !(await mayEnter(this.#live, entered))) this.#choosePlace();
  }

  #show(outcome: Outcome): void {
    this.#last = outcome;
    switch (outcome.kind) {
      case "scan":
        this.#flash.show(outcome.verdict, word(outcome.verdict), outcome.thing?.name ?? outcome.code);
        break;
      case "place":
        document.querySelector<HTMLDialogElement>('dialog[data-test="place-sheet"]')?.close();
        this.#flash.show("place", words.v_place, outcome.place.name);
        for (const released of outcome.released) this.#show(released);
        if (outcome.released.length > 0) return;
        break;
      case "refused":
        this.#flash.show("refused", words.v_refused, words[outcome.why]);
        break;
      case "held":
      case "asked":
        this.#flash.show("unregistered", outcome.kind === "held" ? words.held_title : words.foreign_text, outcome.code);
    }
    this.#draw();
    if (outcome.kind === "held") this.#choosePlace();
    // What stands in the book as several is seldom one: the number is asked for at once.
    if (document.querySelector("dialog[open]")) return;
    const several = outcome.kind === "scan" && ["short", "misplaced", "wrong_keeper"].includes(outcome.verdict) && (outcome.thing?.quantity ?? 1) > 1 && outcome.scan.quantity === 1;
    if (several) setTimeout(() => this.#last === outcome && this.#edit(outcome), 700);
  }

  #draw(): void {
    const place = this.count.place === NOWHERE ? words.place_unknown : (this.count.knowledge.place(this.count.place)?.name ?? words.no_place);
    this.#place.textContent = place;
    this.#place.title = place;
    const { seen, expected } = this.count.progress();
    this.#progress.textContent = expected === null ? `${words.blind} · ${thousands(seen)}` : `${thousands(seen)}/${thousands(expected)}`;
    this.#progress.dataset["seen"] = String(seen);
    const others = this.#live.pulse?.others ?? [];
    const here = others.filter((other) => other.place && other.place.id === this.count.place);
    const names = (some: typeof others): string => some.map((other) => [other.person?.name ?? other.device, other.place?.name].filter(Boolean).join(" · ")).join("、");
    this.#strip.hidden = others.length === 0 && !this.app.signedOut && !this.count.closed;
    this.#strip.classList.toggle("warn", here.length > 0 || this.app.signedOut || this.count.closed);
    const said = this.count.closed ? words.sheet_closed : this.app.signedOut ? words.signed_out_help : fill(here.length > 0 ? words.others_here : words.others, { who: names(here.length > 0 ? here : others) });
    this.#strip.replaceChildren(icon(this.count.closed ? "lock" : this.app.signedOut ? "login" : "users"), h("span", {}, said));
    if (this.app.signedOut) add(this.#strip, [button("small", "sign-in", null, words.sign_in, () => this.app.signIn())]);
    // What is not in this sheet's book may be in another's: the server knew.
    if (this.#last?.kind === "scan" && this.#last.verdict === "unregistered" && this.count.scan(this.#last.scan.id)?.item) {
      this.#last = { ...this.#last, verdict: "foreign" };
    }
    this.#slot.replaceChildren(card(this.count, this.#last, {
      undo: () => void this.#undo(),
      edit: () => this.#edit(),
      photo: () => this.#photograph(),
      record: (code) => void this.count.recordUnknown(code).then((outcome) => this.#show(outcome)),
      ignore: () => this.#forget(),
      choosePlace: () => this.#choosePlace(),
    }));
  }

  #forget(): void {
    this.#last = null;
    this.#draw();
  }

  async #undo(): Promise<void> {
    if (this.#last?.kind !== "scan") return;
    const { scan, code } = this.#last;
    await this.count.undo(scan);
    this.#cooldown.forget(code);
    this.#last = null;
    toast(`${words.undone} ${code}`, "undone");
    this.#draw();
  }

  #edit(told: Outcome | null = this.#last): void {
    if (told?.kind !== "scan") return;
    editSheet(this.count, told, (facts: Facts) => void this.count.correct(told.scan, facts).then((outcome) => this.#show(outcome)));
  }

  #photograph(): void {
    const told = this.#last;
    if (told?.kind !== "scan") return;
    const shot = this.#camera.on ? (): Promise<Blob | null> => this.#camera.shot() : null;
    photoSheet(told.thing?.name ?? told.code, shot, async (photo) => {
      await this.count.photograph(told.scan, photo);
      toast(words.photo_kept, "photo-kept");
      this.#draw();
    });
  }

  #choosePlace(): void {
    const note = document.querySelector('dialog[data-test="place-sheet"] [data-test="held-note"]');
    if (note) note.textContent = fill(words.held_help, { count: this.count.held.length });
    if (document.querySelector('dialog[data-test="place-sheet"]')) return;
    placeSheet(this.count, this.#live, (place) => void this.#setPlace(place?.id ?? NOWHERE, place?.name ?? words.place_unknown));
  }

  async #setPlace(place: string, name: string): Promise<void> {
    const outcomes = await this.count.setPlace(place);
    this.#live.moved();
    this.#last = null;
    if (outcomes.length === 0) this.#flash.show("place", words.v_place, name);
    for (const outcome of outcomes) this.#show(outcome);
    this.#draw();
  }

  async #switchTorch(): Promise<void> {
    this.#torch = await this.#camera.torch(!this.#torch);
    this.#torchKey.setAttribute("aria-pressed", String(this.#torch));
  }

  #many(): void {
    manySheet(this.#camera.on ? () => this.#camera.shot() : null, async (photo) => {
      try {
        const codes = await this.app.api.decode(photo);
        const texts = [...new Map(codes.map((found) => [numberKey(found.code ?? found.text), found.code ?? found.text])).values()];
        const recorded: Verdict[] = [];
        for (const text of texts) {
          const outcome = await this.#read(text, "photo");
          if (outcome?.kind === "scan" && outcome.verdict !== "already") recorded.push(outcome.verdict);
        }
        return texts.length === 0 ? words.many_none : fill(words.many_found, { count: texts.length, recorded: recorded.length });
      } catch (error) {
        if (error instanceof SignedOut) this.#signedOut();
        return error instanceof Refused ? error.detail : words.many_offline;
      }
    });
  }

  async #refreshBook(): Promise<void> {
    try {
      const kept = await this.app.download(this.count.kept.waiting, () => undefined);
      const count = await this.app.open(kept);
      this.app.show(() => scanScreen(this.app, count));
    } catch (error) {
      if (error instanceof SignedOut) this.#signedOut();
      toast(error instanceof Refused ? error.detail : words.state_waiting);
    }
  }

  #signedOut(): void {
    this.app.signedOut = true;
    this.#draw();
  }
}
