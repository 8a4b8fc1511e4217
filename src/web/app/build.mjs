// Makes what the browser is given: `node build.mjs OUTDIR` writes every file there, minified, with `.br` and `.gz`
// beside it. Names stay plain: whoever serves them adds their hash to the address.

import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

import { build, transform } from "esbuild";
import { PurgeCSS } from "purgecss";

const HERE = dirname(fileURLToPath(import.meta.url));
const here = (...parts) => join(HERE, ...parts);
const npm = (...parts) => here("node_modules", ...parts);
const text = (path) => readFileSync(path, "utf8");

/** Browsers that an office of today has: Android WebViews of five years ago, iPhones since iOS 15. */
const TARGET = ["chrome91", "firefox91", "safari15"];

/** Classes that are put together when a page is shown, so that no source names them whole. */
const SAFE = [
  /^verdict/,
  /^v-/,
  /^htmx-/,
  /^is-/,
  /^was-/,
  /^(show|fade|collapse|collapsing|active|disabled|modal-open)$/,
  /^(bg|text|badge|status|alert|btn|progress|border)-(primary|secondary|success|warning|danger|info|muted)(-lt|-fg)?$/,
  /^(bg|text|status)-(green|yellow|orange|red|blue|azure|cyan|purple|gray)(-lt|-fg)?$/,
];

async function script(entry, extra = {}) {
  const made = await build({
    absWorkingDir: HERE,
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    charset: "utf8",
    format: "iife",
    legalComments: "inline",
    target: TARGET,
    treeShaking: true,
    logLevel: "warning",
    // Who bundles decides which libraries are taken whole; no environment leaks into what people are given.
    define: { "process.env.NODE_ENV": '"production"' },
    ...extra,
  });
  return made.outputFiles[0].contents;
}

async function minifiedCss(css) {
  const made = await transform(css, { loader: "css", minify: true, charset: "utf8", target: TARGET, legalComments: "inline" });
  return Buffer.from(made.code);
}

/** Tabler, cut down to what our pages use, and what it lacks. */
async function look() {
  const sources = ["../templates/**/*.html", "../pages/**/*.rs", "pages/**/*.ts", "scan/**/*.ts"];
  const [kept] = await new PurgeCSS().purge({
    content: sources.map((pattern) => here(pattern)),
    css: [{ raw: text(npm("@tabler/core/dist/css/tabler.css")), name: "tabler.css" }],
    defaultExtractor: (content) => content.match(/[\w:/.-]*[\w-]/g) ?? [],
    safelist: { standard: SAFE, variables: [/^--tblr-/] },
    keyframes: true,
    fontFace: false,
    variables: false,
  });
  const cut = kept.css.replace(/\/\*# sourceMappingURL=.*?\*\//g, "");
  return minifiedCss(`${cut}\n${text(here("../look/hufu.css"))}`);
}

/** One file of all icons named in pages/icons.txt: `<svg class="icon"><use href="…/icons.svg#NAME"/></svg>`. */
function icons() {
  const names = text(here("pages/icons.txt")).split("\n").map((line) => line.trim()).filter(Boolean);
  const symbols = names.map((name) => {
    const svg = text(npm("@tabler/icons/icons/outline", `${name}.svg`));
    const inside = svg.slice(svg.indexOf(">") + 1, svg.lastIndexOf("</svg>"));
    const paths = inside.replace(/<path stroke="none"[^>]*>/, "").replace(/\s*\n\s*/g, "");
    return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">${paths}</symbol>`;
  });
  return Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("\n")}</svg>`);
}

const manifest = () => Buffer.from(JSON.stringify(JSON.parse(text(here("scan/manifest.webmanifest")))));

const FILES = {
  "look.css": look,
  "page.js": () => script("pages/main.ts"),
  "chart.js": () => script("pages/chart.ts"),
  "chart.css": () => minifiedCss(text(npm("uplot/dist/uPlot.min.css"))),
  "scan.js": () => script("scan/main.ts"),
  "scan.css": () => minifiedCss(text(here("scan/scan.css"))),
  // Asked for only where the browser cannot read codes by itself.
  "reader.js": () => script("scan/reader.ts", { format: "esm" }),
  "reader.wasm": () => readFileSync(npm("zxing-wasm/dist/reader/zxing_reader.wasm")),
  "sw.js": () => script("scan/sw.ts"),
  "icons.svg": icons,
  "manifest.webmanifest": manifest,
};

/** Anew, never over what is there: a copy of the folder may share its files with another build. */
function write(path, bytes) {
  rmSync(path, { force: true });
  writeFileSync(path, bytes);
}

function save(folder, name, content) {
  const bytes = Buffer.from(content);
  const br = brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
      [constants.BROTLI_PARAM_LGWIN]: 22,
    },
  });
  const gz = gzipSync(bytes, { level: 9 });
  write(join(folder, name), bytes);
  write(join(folder, `${name}.br`), br);
  write(join(folder, `${name}.gz`), gz);
  return { file: name, bytes: bytes.length, gz: gz.length, br: br.length };
}

const folder = process.argv[2];
if (!folder) {
  console.error("node build.mjs OUTDIR [NAME…]");
  process.exit(2);
}
mkdirSync(folder, { recursive: true });
const wanted = process.argv.slice(3);
const names = Object.keys(FILES).filter((name) => wanted.length === 0 || wanted.includes(name));
const made = await Promise.all(names.map(async (name) => [name, await FILES[name]()]));
console.table(made.map(([name, content]) => save(folder, name, content)));
if (wanted.length === 0) {
  const strays = readdirSync(folder).filter((file) => !(file.replace(/\.(br|gz)$/, "") in FILES));
  if (strays.length > 0) console.warn(`not ours in ${folder}: ${strays.join(", ")}`);
}
