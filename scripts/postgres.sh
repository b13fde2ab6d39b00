#!/usr/bin/env bash
# A private PostgreSQL cluster on a unix socket: no TCP port, no clash with other clusters.
#
#   scripts/postgres.sh start DIR [option...]   create the cluster in DIR when it is not there, start it
#   scripts/postgres.sh stop DIR [fast|immediate]
#   scripts/postgres.sh status DIR              succeed when it runs
#
# DIR must be short (socket paths end at 107 bytes). As root the server runs as user postgres, so DIR and
# every folder above it must be passable for that user. C.UTF-8, because with C Japanese has no letters.
set -euo pipefail
action=$1 dir=$2
shift 2
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
[ -n "$bin" ] || { echo "PostgreSQL is not installed: apt-get install postgresql" >&2; exit 1; }

as_server() { if [ "$(id -u)" = 0 ]; then (cd "$dir" && runuser -u postgres -- "$@"); else (cd "$dir" && "$@"); fi; }

case $action in
start)
    if [ "$(id -u)" = 0 ]; then install -d -m 711 -o postgres "$dir"; else install -d -m 700 "$dir"; fi
    if [ ! -s "$dir/data/PG_VERSION" ]; then
        as_server "$bin/initdb" -D "$dir/data" -A trust -U madoguchi_owner --locale=C.UTF-8 -E UTF8 -N >/dev/null
        # The socket is the only door; as root it is shared by user postgres and the application.
        printf "listen_addresses = ''\nunix_socket_directories = '%s'\ntimezone = 'UTC'\n" "$dir" \
            >>"$dir/data/postgresql.conf"
    fi
    if as_server "$bin/pg_ctl" -D "$dir/data" status >/dev/null 2>&1; then exit 0; fi
    as_server "$bin/pg_ctl" -D "$dir/data" -w -l "$dir/log" -o "$*" start >/dev/null ||
        { tail -n 5 "$dir/log" >&2; exit 1; }
    ;;
stop)
    as_server "$bin/pg_ctl" -D "$dir/data" -w -m "${1:-fast}" stop >/dev/null
    ;;
status)
    [ -d "$dir" ] && as_server "$bin/pg_ctl" -D "$dir/data" status >/dev/null 2>&1
    ;;
esac
