#!/usr/bin/env bash
# Runs each fuzz target for so many seconds (60 unless said otherwise), one after the other, and
# stops at the first finding.
#
#     cargo install cargo-fuzz
#     bash fuzz/run.sh 300
#     bash fuzz/run.sh 300 keep     # and what it has learnt goes into fuzz/bodies/corpora
#
# Any toolchain will do: `--sanitizer none` needs no nightly one, and without unsafe code of ours
# a sanitizer has little to find. It begins with what is known (fuzz/bodies/corpora and findings). What it learns stays
# in fuzz/corpus, a finding in fuzz/artifacts. When the finding is mended, put it into fuzz/bodies/findings: it runs in
# the normal tests then.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

seconds=${1:-60}
if ! cargo fuzz --version > /dev/null 2>&1; then
    echo "SKIPPED: fuzzing needs cargo-fuzz (cargo install cargo-fuzz)"
    exit 0
fi
cargo run --quiet -p fuzz-bodies --example corpora -- unpack fuzz/corpus
for target in $(cargo fuzz list); do
    printf '\n==> %s, %d s\n' "$target" "$seconds"
    cargo fuzz run --sanitizer none "$target" -- -max_total_time="$seconds" -max_len=512 -dict=fuzz/http.dict \
        -print_final_stats=1 -rss_limit_mb=2048
done
[ "${2:-}" = keep ] || exit 0
# The fewest inputs that reach each line that all of them reach.
mkdir -p fuzz/corpus/kept
for target in $(cargo fuzz list); do
    mkdir -p "fuzz/corpus/kept/$target"
    cargo fuzz run --sanitizer none "$target" -- -set_cover_merge=1 -use_counters=0 -max_len=512 \
        "fuzz/corpus/kept/$target" "fuzz/corpus/$target"
done
cargo run --quiet -p fuzz-bodies --example corpora -- pack fuzz/corpus/kept
rm -rf fuzz/corpus/kept
