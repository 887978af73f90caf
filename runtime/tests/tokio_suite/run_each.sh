# For the scripts that run another crate's tests here. To be sourced.
#
# begin [--keep] [PATTERN] reads the script's arguments: it sets $pattern, $target (cargo's target directory)
# and $scratch, a folder that is gone at the end, unless it is to be kept.
#
# source_of CRATE MAJOR FOLDER prints where cargo keeps the source of the crate, which has that folder.
#
# run_each LABEL PATTERN runs the tests of $program whose names contain PATTERN, each
# in a process of its own and with a time-out: a test that hangs has failed. $scratch holds what
# was prepared (left.txt, excluded.txt, excluded_count.txt) and `found`, the tests of the program
# under the names that left.txt uses. It prints what was excluded, what failed and what was lost,
# and one line with the sum. It ends in failure if a test failed, or was neither run nor excluded.

begin() {
    keep=""
    [ "${1-}" != --keep ] || { keep=yes; shift; }
    pattern=${1-}
    target=$(cargo metadata --format-version 1 --no-deps | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
    scratch=$(mktemp -d)
    trap '[ -n "$keep" ] || rm -rf "$scratch"' EXIT
    [ -z "$keep" ] || printf 'scratch folder: %s\n' "$scratch"
}

# (`cargo metadata` fetches what is missing.)
source_of() {
    local folder
    folder=$(cargo metadata --format-version 1 --locked | tr ',' '\n' |
        sed -n "s|^\"manifest_path\":\"\(.*/$1-$2\.[0-9.]*\)/Cargo.toml\"\$|\1|p" | head -n 1)
    [ -d "$folder/$3" ] || { echo "no sources of $1 in '$folder'" >&2; exit 1; }
    echo "$folder"
}

run_one() {
    local log status=0
    log=$scratch/logs/${1//:/_}
    (cd "$scratch" && timeout "$seconds" "$program" --include-ignored --exact "$1") > "$log" 2>&1 || status=$?
    if [ "$status" -eq 0 ] && grep -q '^test result: ok. 1 passed' "$log"; then
        echo "passed $1"
    elif [ "$status" -eq 124 ]; then
        echo "failed $1 (not done after $seconds s)"
    else
        echo "failed $1"
    fi
}

# Compiles the tests of the manifest and sets $program.
compile() {
    if ! cargo test --manifest-path "$1" --lib --no-run > "$scratch/compiled" 2>&1; then
        cat "$scratch/compiled"
        echo "the tests do not compile" >&2
        exit 1
    fi
    program=$(sed -n 's/^ *Executable .*(\(.*\))$/\1/p' "$scratch/compiled")
    program=$(cd "$(dirname "$program")" && pwd)/$(basename "$program")
    "$program" --list --format terse | sed -n 's/: test$//p' > "$scratch/tests"
}

run_each() {
    local label=$1 pattern=$2 passed failed
    seconds=60 # that a test may take; the longest takes a tenth of it
    unset RUST_TEST_NOCAPTURE
    export -f run_one
    export scratch program seconds
    # Nothing may be lost between the sources and the program.
    sort -u "$scratch/left.txt" | comm -23 - "$scratch/found" > "$scratch/lost"
    mkdir -p "$scratch/logs"
    { grep -F -- "$pattern" "$scratch/tests" || true; } |
        xargs -r -P "$(($(nproc) * 2))" -I '{}' bash -c 'run_one "$1"' _ '{}' > "$scratch/results"

    sed 's/^/excluded: /' "$scratch/excluded.txt"
    for name in $(sed -n 's/^failed \([^ ]*\).*/\1/p' "$scratch/results" | sort); do
        printf '\n---- %s\n' "$name"
        sed -n "/^---- /,/^failures:/p" "$scratch/logs/${name//:/_}" | head -n 40
    done
    sed -n 's/^failed/FAILED:/p' "$scratch/results" | sort
    sed 's/^/NEITHER RUN NOR EXCLUDED: /' "$scratch/lost"
    passed=$(grep -c '^passed' "$scratch/results" || true)
    failed=$(grep -c '^failed' "$scratch/results" || true)
    echo "$label: $passed passed, $failed failed, $(cat "$scratch/excluded_count.txt") excluded"
    [ "$passed" -gt 0 ] && [ "$failed" -eq 0 ] && [ ! -s "$scratch/lost" ]
}
