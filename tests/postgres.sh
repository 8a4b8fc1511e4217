#!/usr/bin/env bash
# Runs a command beside a PostgreSQL of its own: tests/postgres.sh cargo test --test spine
#
# A cluster in a new folder, on a free port of 127.0.0.1 and a socket in that folder, named to the command by
# HUFU_TEST_POSTGRES, stopped and removed when the command ends. It never touches a PostgreSQL that is there already.
# fsync is off: what a throw-away cluster holds need not outlive the machine. PostgreSQL itself is installed where it is
# missing and may be (Debian, as root or with sudo). Its server refuses to run as root: then it runs as another user.
set -euo pipefail

stop() {
  printf '\n*** %s\n' "$*" >&2
  exit 3
}
[ $# -gt 0 ] || stop "what shall be run? usage: $0 COMMAND [ARGUMENT]..."

# The newest of those that are there; 15 is the oldest we speak to.
find_binaries() {
  local found
  for found in $(printf '%s\n' /usr/lib/postgresql/*/bin /usr/pgsql-*/bin | sort -rV) "$(dirname "$(command -v pg_ctl || echo /)")"; do
    if [ -x "$found/initdb" ] && [ -x "$found/pg_ctl" ] && [ -x "$found/postgres" ]; then
      printf '%s\n' "$found"
      return
    fi
  done
}

install_postgresql() {
  command -v apt-get >/dev/null 2>&1 || stop "PostgreSQL is missing and not installable here (no apt-get): install PostgreSQL 15 or newer"
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null 2>&1 || stop "PostgreSQL is missing: install it, or run as root"
    as_root=(sudo)
  fi
  echo "installing PostgreSQL"
  export DEBIAN_FRONTEND=noninteractive
  # Debian would start a cluster of its own beside the binaries; nobody asked for one.
  if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
    "${as_root[@]}" mkdir -p /etc/postgresql-common
    echo "create_main_cluster = false" | "${as_root[@]}" tee /etc/postgresql-common/createcluster.conf >/dev/null
  fi
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" apt-get install -y -qq --no-install-recommends -o Dpkg::Options::=--force-confold postgresql ||
    stop "could not install PostgreSQL"
}

binaries=$(find_binaries)
if [ -z "$binaries" ]; then
  install_postgresql
  binaries=$(find_binaries)
  [ -n "$binaries" ] || stop "PostgreSQL was installed, but its binaries are not where Debian keeps them"
fi
version=$("$binaries/postgres" --version | grep -oE '[0-9]+' | head -1)
[ "$version" -ge 15 ] || stop "PostgreSQL $version is too old: 15 or newer is needed"

as_owner=()
if [ "$(id -u)" -eq 0 ]; then
  owner=postgres
  if ! id "$owner" >/dev/null 2>&1; then
    owner=hufu-test
    id "$owner" >/dev/null 2>&1 || useradd --system --no-create-home --shell /usr/sbin/nologin "$owner" || stop "could not make a user to run PostgreSQL as"
  fi
  if command -v setpriv >/dev/null 2>&1; then
    as_owner=(setpriv "--reuid=$owner" "--regid=$(id -g "$owner")" --clear-groups)
  else
    as_owner=(runuser -u "$owner" --)
  fi
fi

# A short path: a socket's name may have 107 bytes.
folder=$(mktemp -d /tmp/hufu-pg.XXXXXX)
command_pid=
finish() {
  local code=$?
  trap - EXIT
  trap '' INT TERM HUP
  if [ -n "$command_pid" ]; then kill -TERM "$command_pid" 2>/dev/null && wait "$command_pid" 2>/dev/null || true; fi
  "${as_owner[@]}" "$binaries/pg_ctl" -D "$folder/data" -m immediate -w stop >/dev/null 2>&1 || true
  rm -rf "$folder"
  exit "$code"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
[ "$(id -u)" -ne 0 ] || chown "$owner" "$folder"

# Its order of words is the Chinese one on purpose: whatever leans on the order of the database shows itself here.
make() { # initdb's options for the order
  (cd / && "${as_owner[@]}" "$binaries/initdb" -D "$folder/data" -U hufu --auth=trust --encoding=UTF8 --no-sync "$@") >"$folder/initdb.log" 2>&1
}
if ! make --locale=C.UTF-8 --locale-provider=icu --icu-locale=zh-Hans-CN && ! { rm -rf "$folder/data" && make --locale=C.UTF-8; }; then
  cat "$folder/initdb.log" >&2
  stop "initdb failed"
fi

start() { # port
  (cd / && "${as_owner[@]}" "$binaries/pg_ctl" -D "$folder/data" -l "$folder/data/server.log" -w -t 60 \
    -o "-c listen_addresses=127.0.0.1 -c port=$1 -c unix_socket_directories=$folder -c fsync=off -c synchronous_commit=off \
        -c full_page_writes=off -c max_connections=300 -c shared_buffers=128MB -c autovacuum_naptime=10min" start >/dev/null 2>&1)
}
port=
for _ in 1 2 3 4 5 6 7 8; do
  try=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
  if start "$try"; then
    port=$try
    break
  fi
  grep -q "Address already in use" "$folder/data/server.log" || break
done
if [ -z "$port" ]; then
  cat "$folder/data/server.log" >&2 || true
  stop "PostgreSQL did not start"
fi

export HUFU_TEST_POSTGRES="postgres://hufu@127.0.0.1:$port/postgres"
echo "PostgreSQL $version runs for the tests at $HUFU_TEST_POSTGRES"
"$@" &
command_pid=$!
wait "$command_pid" && code=0 || code=$?
command_pid=
exit "$code"
