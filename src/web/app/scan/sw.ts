// The service worker of the scan app. It keeps the app itself, one version whole, and nothing else: what the API answers is
// never kept here, and no request that changes something is touched.
//
// The server writes a first line above this: `self.HUFU={"version":"…","files":["/scan","/static/…?v=…"]}`.

export {};

interface Build {
  version: string;
  files: string[];
}

interface WorkerScope extends EventTarget {
  HUFU: Build;
  clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
}

interface Extended extends Event {
  waitUntil(work: Promise<unknown>): void;
}

interface Fetching extends Extended {
  request: Request;
  respondWith(answer: Promise<Response>): void;
}

const scope = self as unknown as WorkerScope;
const PREFIX = "hufu-scan-";
const CACHE = `${PREFIX}${scope.HUFU.version}`;
const SHELL = "/scan";

/** All of a version or nothing of it. */
async function install(): Promise<void> {
  const cache = await caches.open(CACHE);
  await Promise.all(scope.HUFU.files.map(async (file) => {
    const answer = await fetch(file, { cache: "no-cache", credentials: "same-origin" });
    if (!answer.ok || answer.redirected) throw new Error(`${file}: ${answer.status}`);
    await cache.put(file, answer);
  }));
}

async function activate(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== CACHE).map((name) => caches.delete(name)));
  await scope.clients.claim();
}

async function answer(request: Request, kept: string): Promise<Response> {
  const cache = await caches.open(CACHE);
  const found = await cache.match(kept);
  return found ?? fetch(request);
}

/** Asked for in a language: the server remembers it; without network the app still opens. */
async function spoken(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch {
    return answer(request, SHELL);
  }
}

scope.addEventListener("install", (event) => (event as Extended).waitUntil(install()));
scope.addEventListener("activate", (event) => (event as Extended).waitUntil(activate()));
scope.addEventListener("message", (event) => {
  if ((event as MessageEvent).data === "take over") void scope.skipWaiting();
});
scope.addEventListener("fetch", (event) => {
  const { request } = event as Fetching;
  if (request.method !== "GET") return;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.mode === "navigate" && url.pathname === SHELL) {
    (event as Fetching).respondWith(url.search === "" ? answer(request, SHELL) : spoken(request));
    return;
  }
  const address = url.pathname + url.search;
  if (scope.HUFU.files.includes(address)) (event as Fetching).respondWith(answer(request, address));
});
