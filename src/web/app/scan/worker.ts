// Registers the service worker, and lets a new version in when nothing is under way: what is kept stays kept in any case,
// but a reload in the middle of counting is a nuisance.

import type { App } from "./app";
import { words } from "./i18n";
import { button, h } from "./ui";

export function register(app: App): void {
  if (!("serviceWorker" in navigator)) return;
  const controlled = navigator.serviceWorker.controller !== null;
  let reloading = false;
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    // The first one ever takes over a page that is already right.
    if (!controlled || reloading) return;
    reloading = true;
    location.reload();
  });
  navigator.serviceWorker.register("/scan/sw.js", { scope: "/scan", updateViaCache: "none" }).then(
    (registration) => {
      const offer = (): void => {
        if (registration.waiting && navigator.serviceWorker.controller) offerUpdate(app, registration.waiting);
      };
      offer();
      registration.addEventListener("updatefound", () => registration.installing?.addEventListener("statechange", offer));
      document.addEventListener("visibilitychange", () => {
        if (!document.hidden) void registration.update().catch(() => undefined);
      });
    },
    (error: unknown) => console.warn("no service worker", error),
  );
}

function offerUpdate(app: App, worker: ServiceWorker): void {
  if (document.querySelector('[data-test="new-version"]')) return;
  const go = button("small", "new-version-go", null, words.new_version_go, () => {
    go.disabled = true;
    // What is being sent is answered first; what cannot be sent now is kept.
    const sent = app.outbox.state === "sending" ? app.outbox.flush() : Promise.resolve();
    void sent.finally(() => worker.postMessage("take over"));
  });
  document.body.append(h("div", { class: "toast stay", role: "status", "data-test": "new-version" }, h("span", {}, words.new_version), go));
}
