#!/usr/bin/env bash
# Large counts with fixed seeds, which are too long for the gate: at most an hour, each part with its own limit.
# What fails or takes too long is told, and the rest goes on (docs/how-to/keep-the-suite-quick.md).
set -uo pipefail
cd "$(dirname "$0")/.."
failed=()
part() {
    local minutes=$1 name=$2
    shift 2
    echo "== $name (at most $minutes minutes)"
    timeout --kill-after=30 "${minutes}m" "$@" || failed+=("$name")
}
tests() { echo scripts/with_postgres.sh .venv/bin/pytest -n 2 --dist loadgroup "$@"; }

part 14 "30 days of the term" make -s simulate ARGS="--first 2026-11-16 --days 30 --seed 7 --out var/soak"
part 4 "properties" $(tests -m hypothesis --hypothesis-profile soak --hypothesis-seed 7 tests)
part 6 "every value at every door" $(tests -m soak --randomly-seed=7 tests)
for seed in 1 2 3; do
    part 4 "races, seed $seed" $(tests --randomly-seed="$seed" tests/concurrency)
done
# Before the term, in it and after it; at midnight in Japan, at midnight UTC; at both ends of the world.
part 8 "all in another order, before the term" \
    env TEST_DAY=2026-03-31T14:59:50+00:00 TZ=Pacific/Pago_Pago $(tests --randomly-seed=11 tests)
part 8 "all in another order, in the term" \
    env TEST_DAY=2026-12-31T23:59:50+00:00 TZ=UTC $(tests --randomly-seed=12 tests)
part 8 "all in another order, after the term" \
    env TEST_DAY=2029-02-28T14:59:50+00:00 TZ=America/New_York $(tests --randomly-seed=13 tests)
if [ "${#failed[@]}" -gt 0 ]; then
    printf 'Failed or too long: %s\n' "${failed[@]}"
    exit 1
fi
