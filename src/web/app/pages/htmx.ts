// htmx as our policy lets it run: without eval, without styles of its own, with the token that says "from our page".

import { htmx } from "./htmx-global";
import "htmx-ext-sse";

interface Asking extends Event {
  detail: { headers: Record<string, string>; verb: string };
}

export function begin(): void {
  Object.assign(htmx.config, {
    allowEval: false,
    allowScriptTags: false,
    includeIndicatorStyles: false,
    // What another page left in the store of this browser is none of this page's.
    historyCacheSize: 0,
    selfRequestsOnly: true,
    scrollIntoViewOnBoost: false,
    // A form that is refused comes back with what was wrong.
    responseHandling: [
      { code: "204", swap: false },
      { code: "[23]..", swap: true },
      { code: "422", swap: true },
      { code: "[45]..", swap: false, error: true },
    ],
  });
  document.addEventListener("htmx:configRequest", (event) => {
    const token = document.querySelector<HTMLMetaElement>('meta[name="csrf"]')?.content;
    const { headers, verb } = (event as Asking).detail;
    if (token && verb.toLowerCase() !== "get") headers["X-CSRF-Token"] = token;
  });
}
