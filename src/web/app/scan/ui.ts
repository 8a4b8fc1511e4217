// Elements without a framework: made by hand, texts as texts, never as HTML.

type Child = Node | string | null | undefined | false;
type Given = Record<string, string | number | boolean | ((event: Event) => void) | null | undefined>;

/** An element: attributes as they are written, functions as listeners of the event they are named for. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, given: Given = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name, value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  add(element, children);
  return element;
}

export function add(element: Element, children: Child[]): void {
  for (const child of children) {
    if (child !== null && child !== undefined && child !== false) element.append(child);
  }
}

const SVG = "http://www.w3.org/2000/svg";

/** Where the icons are; told by the page. */
export const icons = { address: "" };

export function icon(name: string): SVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${icons.address}#${name}`);
  svg.append(use);
  return svg;
}

export function button(look: string, test: string, picture: string | null, text: string, work: () => void): HTMLButtonElement {
  return h("button", { type: "button", class: look, "data-test": test, click: work }, picture && icon(picture), h("span", {}, text));
}

/** A sheet that slides up over the screen; Escape and the veil close it. */
export class Sheet {
  readonly body: HTMLElement;
  readonly element: HTMLDialogElement;

  constructor(test: string, title: string, closing: string, onClose: () => void = () => undefined) {
    this.body = h("div", { class: "sheet-body" });
    const close = h("button", { type: "button", class: "round", "aria-label": closing, "data-test": "close", click: () => this.close() }, icon("x"));
    const head = h("header", { class: "sheet-head" }, h("h2", {}, title), close);
    this.element = h("dialog", { class: "sheet", "data-test": test, "aria-label": title }, head, this.body);
    this.element.addEventListener("close", () => {
      this.element.remove();
      onClose();
    });
    this.element.addEventListener("click", (event) => {
      if (event.target === this.element) this.close();
    });
  }

  open(): this {
    document.body.append(this.element);
    this.element.showModal();
    return this;
  }

  close(): void {
    if (this.element.open) this.element.close();
    else this.element.remove();
  }
}

/** Asks; true when the first button was pressed. */
export function confirm(test: string, title: string, text: Child[], yes: string, no: string, danger = false): Promise<boolean> {
  return new Promise((resolve) => {
    let answer = false;
    const sheet = new Sheet(test, title, no, () => resolve(answer));
    const go = button(danger ? "wide danger" : "wide primary", "yes", null, yes, () => {
      answer = true;
      sheet.close();
    });
    const stay = button("wide", "no", null, no, () => sheet.close());
    add(sheet.body, [h("div", { class: "prose" }, ...text), go, stay]);
    sheet.open();
  });
}

/** A line at the bottom that goes by itself. */
export function toast(text: string, test = "toast"): void {
  document.querySelector(".toast")?.remove();
  const line = h("div", { class: "toast", role: "status", "data-test": test }, text);
  document.body.append(line);
  setTimeout(() => line.remove(), 3_500);
}
