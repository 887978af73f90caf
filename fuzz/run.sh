#!/usr/bin/env bash
# Runs each fuzz target for so many seconds (60 unless said otherwise), one after the other, and
# stops at the first finding.
#
#     cargo install cargo-fuzz
#     bash fuzz/run.sh 300
#
# Any toolchain will do: `--sanitizer none` needs no nightly one, and without unsafe code of ours
# a sanitizer has little to find. What the fuzzer has learnt stays in fuzz/corpus, a finding in
# fuzz/artifacts; put the finding into fuzz/bodies/tests/random.rs when it is mended.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

seconds=${1:-60}
if ! cargo fuzz --version > /dev/null 2>&1; then
    echo "SKIPPED: fuzzing needs cargo-fuzz (cargo install cargo-fuzz)"
    exit 0
fi
for target in $(cargo fuzz list); do
    printf '\n==> %s, %d s\n' "$target" "$seconds"
    cargo fuzz run --sanitizer none "$target" -- -max_total_time="$seconds" -max_len=4096 \
        -print_final_stats=1 -rss_limit_mb=2048
done
