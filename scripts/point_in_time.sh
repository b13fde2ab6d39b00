#!/usr/bin/env bash
# Rehearse a recovery to a point in time on a throw-away cluster, with PostgreSQL's own tools alone: what
# docs/how-to/back-up-and-restore.md tells to do in production, in ten seconds. Ends with an error when the
# row of before the mistake is missing, or the mistake is there.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
dir=$(mktemp -d /tmp/pt.XXXXXX)
chmod 755 "$dir"
clear_away() {
    for cluster in a b; do "$here/postgres.sh" stop "$dir/$cluster" immediate 2>/dev/null || true; done
    rm -rf "$dir"
}
trap clear_away EXIT
# As root the server runs as user postgres.
owner=$([ "$(id -u)" = 0 ] && echo postgres || id -un)
install -d -m 700 -o "$owner" "$dir/wal" "$dir/b"

ask() { psql -X -q -v ON_ERROR_STOP=1 -h "$dir/$1" -U madoguchi_owner -d postgres -At -c "$2"; }

# 1. Every piece of the log is kept elsewhere, whole or not at all.
"$here/postgres.sh" start "$dir/a" -c fsync=off -c archive_mode=on \
    -c "archive_command='test ! -f $dir/wal/%f && cp %p $dir/wal/%f.part && mv $dir/wal/%f.part $dir/wal/%f'"
ask a "CREATE TABLE booking (note text); INSERT INTO booking VALUES ('before the base backup')"

# 2. A base backup, verified.
"$bin/pg_basebackup" -h "$dir/a" -U madoguchi_owner -D "$dir/b/data" --checkpoint=fast
"$bin/pg_verifybackup" -q "$dir/b/data"

# 3. Life goes on, and then the mistake.
ask a "INSERT INTO booking VALUES ('after the base backup')"
target=$(ask a "SELECT now()")
sleep 0.1
ask a "DELETE FROM booking; INSERT INTO booking VALUES ('the mistake')"
piece=$(ask a "SELECT pg_walfile_name(pg_switch_wal())")
for _ in $(seq 100); do [ -f "$dir/wal/$piece" ] && break; sleep 0.1; done
"$here/postgres.sh" stop "$dir/a" immediate

# 4. A second cluster from the base backup, played forward to just before it.
cat >>"$dir/b/data/postgresql.auto.conf" <<CONF
restore_command = 'cp $dir/wal/%f %p'
recovery_target_time = '$target'
recovery_target_action = 'promote'
CONF
touch "$dir/b/data/recovery.signal"
chown -R "$owner" "$dir/b/data"
"$here/postgres.sh" start "$dir/b" -c fsync=off -c "unix_socket_directories=$dir/b"
for _ in $(seq 100); do [ "$(ask b 'SELECT pg_is_in_recovery()')" = f ] && break; sleep 0.1; done

# 5. Compare.
found=$(ask b "SELECT string_agg(note, ', ' ORDER BY note) FROM booking")
echo "At $target there was: $found"
[ "$found" = "after the base backup, before the base backup" ]
