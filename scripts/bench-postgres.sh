#!/bin/sh
# Seconds that PostgreSQL needs for a recipient file: COPY into a logged table, unique index, CHECKPOINT.
# Usage: bench-postgres.sh FILE (.txt: one number a line; .csv: phone and five text columns behind a header).
#
# Default configuration, fsync on, in a private cluster that is removed afterwards. Debian's package is installed if
# there is none. PostgreSQL refuses to run as root: as root its own user is taken.
set -eu

file=$(realpath -- "$1")

bin=
for candidate in "$(command -v initdb 2>/dev/null || true)" /usr/lib/postgresql/*/bin/initdb; do
    if [ -x "$candidate" ]; then
        bin=$(dirname -- "$(realpath -- "$candidate")")
    fi
done
if [ -z "$bin" ]; then
    [ "$(id -u)" = 0 ] || { echo "bench-postgres: install postgresql first" >&2; exit 1; }
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends postgresql >&2
    bin=$(dirname -- "$(ls -d /usr/lib/postgresql/*/bin/initdb | tail -n 1)")
fi

dir=$(mktemp -d "$(dirname -- "$file")/postgres.XXXXXX")
as_user() {
    "$@"
}
if [ "$(id -u)" = 0 ]; then
    user=postgres
    id "$user" >/dev/null 2>&1 || user=nobody
    chown "$user" "$dir"
    chmod 755 "$(dirname -- "$file")"
    as_user() {
        runuser -u "$user" -- "$@"
    }
fi

stop() {
    as_user "$bin/pg_ctl" -D "$dir/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf -- "$dir"
}
trap stop EXIT INT TERM

cd "$dir"
as_user "$bin/initdb" -D "$dir/data" --username=bench --auth=trust --encoding=UTF8 --locale=C >/dev/null
# The socket lies in the folder: no port is taken.
as_user "$bin/pg_ctl" -D "$dir/data" -w -l "$dir/data/log" -o "-c listen_addresses='' -k $dir" start >/dev/null

sql() {
    as_user "$bin/psql" -h "$dir" -U bench -d postgres -v ON_ERROR_STOP=1 -q -c "$1" >&2
}

case $file in
*.csv)
    table='phone bigint, first_name text, last_name text, city text, customer text, note text'
    options='(FORMAT csv, HEADER true)'
    ;;
*)
    table='phone bigint'
    options=''
    ;;
esac
sql "CREATE TABLE recipients ($table)"
start=$(date +%s.%N)
sql "COPY recipients FROM '$file' $options"
sql 'CREATE UNIQUE INDEX ON recipients (phone)'
sql 'CHECKPOINT'
end=$(date +%s.%N)
awk -v start="$start" -v end="$end" 'BEGIN { printf "%.3f\n", end - start }'
