#!/usr/bin/env bash
# What does the trace cost while no observer is there?
#
# The machine tells what it does (`runtime::trace`). Until a program observes it, a wake and a poll ask
# nothing, and each other place that could tell tests a flag and goes on. This script measures those
# tests, and what they do to the code around them: it builds the benches with and without the feature
# `trace`, lets both do the same work, and compares
#
#   1. instructions an operation, counted by callgrind. They repeat exactly, so a difference of one
#      instruction shows. The count of a run of N operations is taken off that of 6 N, so that what
#      happens once (building the runtime, the loader) is not in the figure.
#   2. nanoseconds an operation: medians of rounds that take turns, the build with the feature
#      running twice in each round. How far its two medians lie apart is the noise, and a
#      difference between the builds that is no larger means nothing.
#
# How one fools oneself: instructions do not see a cache miss or a mispredicted branch, and medians
# do not see 1 %. Neither alone is enough. Both builds come from the same compiler with LTO, which
# may lay out the same code differently; one or two instructions either way are its mood.
#
# Needs valgrind. Run it from anywhere:  benches/trace_cost.sh [ROUNDS]
set -euo pipefail
cd "$(dirname "$0")/.."

rounds=${1:-21}
work="spawn spawn_10000 self_wake yield_1 yield_1000 sleep
    ping_pong oneshot stream select mutex semaphore"
kept=$(mktemp -d)
trap 'rm -rf "$kept"' EXIT

# build NAME FLAGS...: builds the table's program and keeps it as NAME.
build() {
    local name=$1
    shift
    local program
    program=$(cargo bench --no-run -p treadle --bench zz_table --message-format=json "$@" 2>/dev/null |
        grep -o '"executable":"[^"]*zz_table-[^"]*"' | cut -d '"' -f 4)
    cp "$program" "$kept/$name"
}

# instructions NAME WORK: instructions an operation.
instructions() {
    local few=10000 many=60000 n
    for n in $few $many; do
        valgrind --tool=callgrind --callgrind-out-file=/dev/null \
            "$kept/$1" --child work "$2" treadle $n 2>&1 >/dev/null |
            sed -n 's/.*Collected : \([0-9]*\).*/\1/p'
    done | paste -s -d ' ' | awk -v n=$((many - few)) '{ printf "%.1f", ($2 - $1) / n }'
}

# median < numbers, one a line.
median() {
    sort -g | awk '{ v[NR] = $1 } END { printf "%.2f", v[int((NR + 1) / 2)] }'
}

echo "building with the trace and without"
build with
build without --no-default-features

echo
echo "instructions an operation (callgrind)"
printf '%-12s %10s %10s %9s\n' work with without more
for w in $work; do
    a=$(instructions with "$w")
    b=$(instructions without "$w")
    awk -v w="$w" -v a="$a" -v b="$b" \
        'BEGIN { printf "%-12s %10.1f %10.1f %+8.2f%%\n", w, a, b, (a / b - 1) * 100 }'
done

echo
echo "nanoseconds an operation (medians of $rounds rounds, taking turns)"
printf '%-12s %10s %10s %10s %9s %9s\n' work with again without more noise
for w in $work; do
    for name in with again without; do : >"$kept/$name.$w"; done
    n=200000
    for _ in $(seq "$rounds"); do
        "$kept/with" --child work "$w" treadle $n >>"$kept/with.$w"
        "$kept/without" --child work "$w" treadle $n >>"$kept/without.$w"
        "$kept/with" --child work "$w" treadle $n >>"$kept/again.$w"
    done
    a=$(median <"$kept/with.$w")
    c=$(median <"$kept/again.$w")
    b=$(median <"$kept/without.$w")
    awk -v w="$w" -v a="$a" -v b="$b" -v c="$c" 'BEGIN {
        printf "%-12s %10.2f %10.2f %10.2f %+8.2f%% %+8.2f%%\n",
            w, a, c, b, ((a + c) / 2 / b - 1) * 100, (a / c - 1) * 100
    }'
done
