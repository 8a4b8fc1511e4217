// Chinese first, English by the switch that the pages have.

import type { Language } from "./types";
import { EN, type Words, ZH } from "./words";

const KEY = "hufu-lang";

export let words: Words = ZH;
export let language: Language = "zh";

export function speak(chosen: Language): void {
  language = chosen;
  words = chosen === "en" ? EN : ZH;
  document.documentElement.lang = chosen === "en" ? "en" : "zh-CN";
  document.title = words.title;
  try {
    localStorage.setItem(KEY, chosen);
  } catch {
    // Then the server says it again.
  }
}

/** What the address asks for, else what was spoken last, else what the page was made in. */
export function chosen(): Language {
  const asked = new URLSearchParams(location.search).get("lang");
  if (asked === "zh" || asked === "en") return asked;
  try {
    const kept = localStorage.getItem(KEY);
    if (kept === "zh" || kept === "en") return kept;
  } catch {
    // As if nothing had been kept.
  }
  return document.documentElement.lang.startsWith("en") ? "en" : "zh";
}

/** Puts values into a sentence's blanks. */
export function fill(sentence: string, values: Record<string, string | number>): string {
  return sentence.replace(/\{(\w+)\}/g, (blank, name: string) => String(values[name] ?? blank));
}

export const thousands = (count: number): string => count.toLocaleString("en-US");

const zone = { timeZone: "Asia/Shanghai", hourCycle: "h23" } as const;

export function clock(at: string): string {
  const read = new Date(at);
  if (Number.isNaN(read.getTime())) return "";
  return new Intl.DateTimeFormat("zh-CN", { ...zone, hour: "2-digit", minute: "2-digit" }).format(read);
}
