// The whole screen takes the verdict's colour for 700 ms, with a shape and a word.

import type { Sounds } from "../sounds";
import { h } from "../ui";
import { LOOKS, type Shape, type Verdict } from "../verdict";

const SHOWN_MS = 700;
/** When several come at once, each is still seen. */
const CROWDED_MS = 320;
/** More than this do not wait: what is shown must be what was just read. */
const MOST_WAITING = 2;

const SVG = "http://www.w3.org/2000/svg";
/** Drawn in a square of 24. */
const PATHS: Record<Shape, string> = {
  tick: "M12 21a9 9 0 1 0 0-18a9 9 0 0 0 0 18zM7.8 12.4l2.9 2.9l5.6-6",
  arrow: "M12 4L22 20H2zM12 10v4.5M12 17.2v.1",
  plusminus: "M12 4v9M7.5 8.5h9M7.5 19h9",
  cross: "M6 6l12 12M18 6L6 18",
  question: "M8.5 8.5a3.5 3.5 0 1 1 5.3 3c-1.2.8-1.8 1.5-1.8 3M12 18.4v.1",
  equals: "M6 9.5h12M6 14.5h12",
  stop: "M8 3.5h8L20.5 8v8L16 20.5H8L3.5 16V8zM8 12h8",
  pin: "M12 21s-6.5-6-6.5-11a6.5 6.5 0 0 1 13 0c0 5-6.5 11-6.5 11zM12 12a2.2 2.2 0 1 0 0-4.4a2.2 2.2 0 0 0 0 4.4",
  dot: "M4 4h16v16H4zM7.8 12.4l2.9 2.9l5.6-6",
};

export function shape(name: Shape): SVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `shape shape-${name}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

interface Shown {
  verdict: Verdict;
  word: string;
  detail: string;
}

export class Flash {
  readonly element = h("div", { class: "flash", role: "alert", "data-test": "flash", hidden: true });
  #waiting: Shown[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Verdicts shown so far: a test can wait for the next. */
  #count = 0;

  constructor(readonly sounds: Sounds) {}

  show(verdict: Verdict, word: string, detail: string): void {
    this.#waiting.push({ verdict, word, detail });
    if (this.#waiting.length > MOST_WAITING) {
      // What is as it should be gives way first; the last one stays.
      const good = this.#waiting.slice(0, -1).findIndex((shown) => ["green", "grey", "plain"].includes(LOOKS[shown.verdict].colour));
      this.#waiting.splice(Math.max(good, 0), 1);
    }
    if (this.#timer === undefined) this.#next();
  }

  #next(): void {
    const shown = this.#waiting.shift();
    if (!shown) {
      this.#timer = undefined;
      this.element.hidden = true;
      return;
    }
    const look = LOOKS[shown.verdict];
    this.#count += 1;
    this.element.className = `flash c-${look.colour}`;
    this.element.dataset["verdict"] = shown.verdict;
    this.element.dataset["count"] = String(this.#count);
    this.element.replaceChildren(
      shape(look.shape),
      h("strong", {}, shown.word),
      h("span", {}, shown.detail),
    );
    this.element.hidden = false;
    this.sounds.play(look.sound);
    this.#timer = setTimeout(() => this.#next(), this.#waiting.length > 0 ? CROWDED_MS : SHOWN_MS);
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting = [];
    this.element.hidden = true;
  }
}
