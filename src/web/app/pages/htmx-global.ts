// Extensions look for htmx in the window: it must stand there before they are read.

import htmx from "htmx.org";

declare global {
  interface Window {
    htmx: typeof htmx;
  }
}

window.htmx = htmx;
export { htmx };
