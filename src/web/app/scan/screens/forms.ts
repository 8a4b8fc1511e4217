// What is typed: a number, or more about a scan.

import type { Count, Facts, Outcome } from "../count";
import { fill, words } from "../i18n";
import { add, button, h, icon, Sheet } from "../ui";

const MOST_QUANTITY = 1_000_000_000;

export function typedSheet(read: (text: string) => void): void {
  const sheet = new Sheet("typed-sheet", words.typed_title, words.close);
  const input = h("input", { class: "field code", name: "code", type: "text", inputmode: "text", autocomplete: "off", autocapitalize: "characters", spellcheck: "false", enterkeyhint: "done", maxlength: 200, "data-test": "typed-code" });
  const form = h("form", { submit: (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (text === "") return input.focus();
    sheet.close();
    read(text);
  } }, h("label", {}, words.typed_label, input), h("p", { class: "quiet" }, words.typed_help),
    h("button", { class: "wide primary", "data-test": "typed-record" }, words.record));
  sheet.body.append(form);
  sheet.open();
  input.focus();
}

function stepper(value: number): { element: HTMLElement; read: () => number | null } {
  const input = h("input", { class: "field num", type: "number", inputmode: "numeric", min: 0, max: MOST_QUANTITY, step: 1, value, "aria-label": words.quantity, "data-test": "quantity" });
  const step = (by: number) => () => {
    input.value = String(Math.max(0, (Number.parseInt(input.value, 10) || 0) + by));
  };
  const element = h("div", { class: "stepper" },
    h("button", { type: "button", class: "round", "aria-label": "−1", "data-test": "less", click: step(-1) }, icon("minus")), input,
    h("button", { type: "button", class: "round", "aria-label": "+1", "data-test": "more", click: step(1) }, icon("plus")));
  const read = (): number | null => {
    const quantity = Number(input.value);
    const fits = input.value.trim() !== "" && Number.isInteger(quantity) && quantity >= 0 && quantity <= MOST_QUANTITY;
    input.setAttribute("aria-invalid", String(!fits));
    if (!fits) input.focus();
    return fits ? quantity : null;
  };
  return { element, read };
}

type Scanned = Extract<Outcome, { kind: "scan" }>;

/** Quantity, condition, keeper and note of a scan. Saving undoes it and makes it anew. */
export function editSheet(count: Count, told: Scanned, save: (facts: Facts) => void): void {
  const known = count.facts(told.scan);
  const sheet = new Sheet("edit-sheet", told.thing?.name ?? told.code, words.close);
  const quantity = stepper(known.quantity);
  const choice = (value: "good" | "damaged", text: string): HTMLElement =>
    h("label", { class: "choice" }, h("input", { type: "radio", name: "condition", value, checked: known.condition === value, "data-test": value }), h("span", {}, text));
  const people = count.kept.ground.people;
  const keeper = h("select", { class: "field", "data-test": "keeper" }, h("option", { value: "" }, words.keeper_same),
    ...people.map((person) => h("option", { value: person.id, selected: person.id === known.keeper }, person.name)));
  const note = h("textarea", { class: "field", rows: 2, maxlength: 2000, placeholder: words.note_help, "data-test": "note" });
  note.value = known.note;
  const noLabel = h("input", { type: "checkbox", checked: known.no_label === true, "data-test": "no-label" });
  const unknown = told.thing === undefined;
  const name = h("input", { class: "field", type: "text", maxlength: 200, value: known.name ?? "", "data-test": "name" });
  const serial = h("input", { class: "field", type: "text", maxlength: 200, value: known.serial_number ?? "", "data-test": "serial" });
  const done = (): void => {
    const counted = quantity.read();
    if (counted === null) return;
    const damaged = form.querySelector<HTMLInputElement>('input[value="damaged"]')?.checked === true;
    const facts: Facts = { quantity: counted, condition: damaged ? "damaged" : "good", note: note.value.trim() };
    if (keeper.value) facts.keeper = keeper.value;
    if (noLabel.checked) facts.no_label = true;
    if (name.value.trim()) facts.name = name.value.trim();
    if (serial.value.trim()) facts.serial_number = serial.value.trim();
    sheet.close();
    save(facts);
  };
  const form = h("form", { submit: (event) => {
    event.preventDefault();
    done();
  } });
  const book = told.thing && !count.blind ? fill(words.quantity_book, { count: told.thing.quantity }) : "";
  add(form, [
    h("p", { class: "label" }, words.quantity, h("span", { class: "quiet" }, ` ${book}`)), quantity.element, h("p", { class: "quiet" }, words.quantity_zero),
    h("p", { class: "label" }, words.condition), h("div", { class: "choices" }, choice("good", words.good), choice("damaged", words.damaged)),
    unknown && h("label", {}, words.name, name), unknown && h("label", {}, words.serial, serial),
    people.length > 0 && h("label", {}, words.keeper, keeper),
    h("label", {}, words.note, note),
    h("label", { class: "tick" }, noLabel, h("span", {}, words.no_label)),
    h("button", { class: "wide primary", "data-test": "save" }, words.save),
  ]);
  sheet.body.append(form);
  sheet.open();
}

/** Longest side of a photo that is kept: a scratch can be seen, and a storeroom's network carries it. */
const LONGEST = 1_600;

/** A photo as it is kept: small, and the right way up. */
export async function small(photo: Blob): Promise<ArrayBuffer> {
  const picture = await createImageBitmap(photo);
  const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const made = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.8));
  if (!made) throw new Error("no picture");
  return made.arrayBuffer();
}

/** A photo of what was just scanned: with the camera that runs, or with the phone's own. */
export function photoSheet(title: string, shot: (() => Promise<Blob | null>) | null, keep: (photo: ArrayBuffer) => Promise<void>): void {
  const sheet = new Sheet("photo-sheet", title, words.close);
  const state = h("p", { class: "state", role: "status", "data-test": "photo-state" });
  const file = h("input", { type: "file", accept: "image/*", capture: "environment", class: "visually-hidden", tabindex: -1, "aria-hidden": "true", "data-test": "photo-file" });
  const work = async (photo: Blob | null | undefined): Promise<void> => {
    if (!photo) return;
    try {
      await keep(await small(photo));
      sheet.close();
    } catch (error) {
      console.error(error);
      state.textContent = words.photo_not_kept;
    }
  };
  file.addEventListener("change", () => void work(file.files?.[0]).then(() => (file.value = "")));
  add(sheet.body, [
    h("p", {}, words.photo_help), state, file,
    shot && button("wide primary", "photo-camera", "photo", words.photo_camera, () => void shot().then(work)),
    button(shot ? "wide" : "wide primary", "photo-take", "camera", words.photo_take, () => file.click()),
  ]);
  sheet.open();
}

/** Several codes in one photo: the server reads them. */
export function manySheet(shot: (() => Promise<Blob | null>) | null, read: (photo: Blob) => Promise<string>): void {
  const sheet = new Sheet("many-sheet", words.many_title, words.close);
  const state = h("p", { class: "state", role: "status", "data-test": "many-state" });
  const file = h("input", { type: "file", accept: "image/*", capture: "environment", class: "visually-hidden", tabindex: -1, "aria-hidden": "true", "data-test": "many-file" });
  const work = async (photo: Blob | null | undefined): Promise<void> => {
    if (!photo) return;
    state.textContent = words.many_reading;
    for (const key of sheet.body.querySelectorAll("button")) key.disabled = true;
    state.textContent = await read(photo);
    for (const key of sheet.body.querySelectorAll("button")) key.disabled = false;
  };
  file.addEventListener("change", () => void work(file.files?.[0]).then(() => (file.value = "")));
  add(sheet.body, [
    h("p", {}, words.many_help), state, file,
    button("wide primary", "many-take", "camera", words.many_take, () => file.click()),
    shot && button("wide", "many-camera", "photo", words.many_camera, () => void shot().then(work)),
  ]);
  sheet.open();
}
