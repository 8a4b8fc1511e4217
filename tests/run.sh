#!/usr/bin/env bash
# Runs every test. Installs what the tests need where it may (Debian, as root or with sudo); says loudly what is
# missing where it may not. Everything on SQLite, then what uses a database on PostgreSQL, then the API against its
# document; ends with what failed.
set -euo pipefail
cd "$(dirname "$0")/.."

missing=()
need() { # program, package
  command -v "$1" >/dev/null 2>&1 || missing+=("$2")
}
stop() {
  printf '\n*** %s\n' "$*" >&2
  exit 1
}

command -v cargo >/dev/null 2>&1 || stop "cargo is missing: install Rust from https://rustup.rs"
command -v cc >/dev/null 2>&1 || command -v gcc >/dev/null 2>&1 || stop "a C compiler is missing: SQLite is built from source (Debian: apt-get install gcc)"
command -v npm >/dev/null 2>&1 ||
  stop "npm is missing: the label font and the pages come from it (install Node.js 20 or later)"

# A second decoder and a PDF renderer: labels must be readable by others than us.
need zbarimg zbar-tools
need pdftoppm poppler-utils
need pdftotext poppler-utils
# A real browser, the one that Debian keeps, and letters for what it shows.
need chromium chromium
need chromedriver chromium-driver
need fc-list fontconfig
if ! command -v fc-list >/dev/null 2>&1 || [ -z "$(fc-list :lang=zh-cn family)" ]; then
  missing+=(fonts-noto-cjk)
fi
install() { # packages
  command -v apt-get >/dev/null 2>&1 || stop "missing and not installable here (no apt-get): $*"
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null 2>&1 || stop "missing: $* — install them, or run as root"
    as_root=(sudo)
  fi
  echo "installing $*"
  export DEBIAN_FRONTEND=noninteractive
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" apt-get install -y -qq --no-install-recommends "$@" || stop "could not install $*"
}
if [ "${#missing[@]}" -gt 0 ]; then
  install $(printf '%s\n' "${missing[@]}" | sort -u)
fi
for program in zbarimg pdftoppm pdftotext chromium chromedriver; do
  command -v "$program" >/dev/null 2>&1 || stop "$program is still missing after its package was installed"
done

# Snapshots are compared, never written, here.
export INSTA_UPDATE=no
heading() {
  printf '\n=== %s\n' "$*"
}

failed=()
heading "the browser's code: its types, and its own tests"
(cd src/web/app && npm ci --no-audit --no-fund --loglevel=error && npm run --silent check && npm test --silent) ||
  failed+=("the browser's code")

heading "every test, on SQLite"
env -u HUFU_TEST_POSTGRES cargo test --workspace --no-fail-fast "$@" || failed+=("the tests on SQLite")

# Again on PostgreSQL: every test binary whose files lead to a database (the office of the tests, the program itself, or
# the library's own door), by looking, so that nobody has to enter a new one in a list. Only the real browser is left out:
# it takes minutes, what it looks at is pages, cameras and phones, and the pages' own tests, which are in, ask the same of
# both databases (`bash tests/postgres.sh cargo test --test browser` runs it there all the same).
with_database=() without=()
for file in tests/*.rs; do
  name=$(basename "$file" .rs)
  if [ "$name" = browser ]; then
    without+=("browser (left out)")
    continue
  fi
  files=("$file")
  # The modules beside it: `mod x;` or `#[path = "x/y.rs"]`.
  [ ! -d "tests/$name" ] || files+=("tests/$name")
  if grep -rqE '^(pub\(crate\) )?mod (support|cli|database);|CARGO_BIN_EXE_hufu|\bDb::open\b|cargo_bin' "${files[@]}"; then
    with_database+=("--test=$name")
  else
    without+=("$name")
  fi
done
[ "${#with_database[@]}" -gt 0 ] || stop "no test that uses a database was found: the rule that finds them is out of date"
heading "every test that uses a database, on PostgreSQL: ${with_database[*]#--test=}"
echo "not in these: ${without[*]:-none}"
if [ -n "${HUFU_TEST_POSTGRES:-}" ]; then
  echo "on the server that HUFU_TEST_POSTGRES names"
  cargo test --workspace --no-fail-fast "${with_database[@]}" "$@" || failed+=("the tests on PostgreSQL")
else
  bash tests/postgres.sh cargo test --workspace --no-fail-fast "${with_database[@]}" "$@" || failed+=("the tests on PostgreSQL")
fi

# Everything runs to its end; then it is said what did not hold.
finish() {
  if [ "${#failed[@]}" -gt 0 ]; then
    printf '\n*** failed: %s\n' "${failed[@]}" >&2
    exit 1
  fi
  heading "everything holds"
  exit 0
}

# What takes minutes: a thousand who race for one gun, a hundred thousand events of a cabinet. On both.
heading "the long tests of firearms, on SQLite and PostgreSQL"
long=(cargo test --workspace --test firearms -- --ignored --nocapture)
env -u HUFU_TEST_POSTGRES "${long[@]}" || failed+=("the long tests on SQLite")
if [ -n "${HUFU_TEST_POSTGRES:-}" ]; then
  "${long[@]}" || failed+=("the long tests on PostgreSQL")
else
  bash tests/postgres.sh "${long[@]}" || failed+=("the long tests on PostgreSQL")
fi

# The API against its own document. schemathesis comes from pip, pinned, into a folder of its own; HUFU_FUZZ=no leaves
# this step out, and says so.
if [ "${HUFU_FUZZ:-yes}" = no ]; then
  heading "the API is NOT fuzzed: HUFU_FUZZ=no"
  finish
fi
heading "the API, fuzzed by its OpenAPI document (4 minutes)"
tools="${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/hufu/schemathesis-$(cksum <tests/schemathesis.txt | cut -d' ' -f1)"
if [ ! -e "$tools/complete" ]; then
  rm -rf "$tools"
  if ! python3 -m venv "$tools" >/dev/null 2>&1; then
    install python3 python3-venv
    rm -rf "$tools"
    python3 -m venv "$tools" || stop "python3 cannot make a folder for schemathesis (Debian: apt-get install python3-venv)"
  fi
  "$tools/bin/pip" install --quiet --disable-pip-version-check --requirement tests/schemathesis.txt ||
    stop "schemathesis could not be installed by pip (HUFU_FUZZ=no leaves this step out)"
  touch "$tools/complete"
fi
# On PostgreSQL, the stricter of the two: it refuses what SQLite takes without a word.
export HUFU_SCHEMATHESIS="$tools/bin/schemathesis"
fuzz=(cargo test --workspace --test fuzzed_api -- --ignored --nocapture)
if [ -n "${HUFU_TEST_POSTGRES:-}" ]; then
  "${fuzz[@]}" || failed+=("the API's document")
else
  bash tests/postgres.sh "${fuzz[@]}" || failed+=("the API's document")
fi
finish
