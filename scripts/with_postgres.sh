#!/usr/bin/env bash
# Run a command with DATABASE_URL pointing at a throw-away PostgreSQL that is gone afterwards:
#   scripts/with_postgres.sh .venv/bin/pytest tests/offices
# A DATABASE_URL that is already set is used as it is.
set -uo pipefail
if [ -n "${DATABASE_URL:-}" ]; then exec "$@"; fi
here=$(cd "$(dirname "$0")" && pwd)
# In memory where there is plenty: databases are cloned five times as fast there as on a disk.
place=/tmp
room=$(df --output=avail -k /dev/shm 2>/dev/null | tail -n 1)
memory=$(awk '/^MemAvailable/ {print $2}' /proc/meminfo)
if [ -w /dev/shm ] && [ "${room:-0}" -gt 2000000 ] && [ "${memory:-0}" -gt 6000000 ]; then place=/dev/shm; fi
dir=$(mktemp -d "$place/mt.XXXXXX")
chmod 755 "$dir"
# Stop before the folder goes: a server left alive unlinks the next one's socket a minute later.
trap '"$here/postgres.sh" stop "$dir/pg" immediate; rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
"$here/postgres.sh" start "$dir/pg" -c fsync=off -c full_page_writes=off -c synchronous_commit=off \
    -c max_connections=200 || exit 1
DATABASE_URL="postgresql://madoguchi_owner@/postgres?host=$dir/pg" "$@"
