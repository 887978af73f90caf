#!/usr/bin/env bash
# Puts each fault of faults.txt into a copy of the tree, one at a time, and asks the tests.
#
#     bash runtime/tests/mutants/run.sh [WORD…]     only the faults with one of these words in their name
#
# For each fault it prints the tests that killed it. A test file that takes 40 seconds hangs, and that kills, too: a lost wake
# is a task that never goes on. A fault that its own test file lets live is put before all tests of its package.
# One that lives through these has SURVIVED; then the exit code is 1.
set -u
cd "$(dirname "$0")/../../.."
faults=runtime/tests/mutants/faults.txt
work=$(pwd)/target/mutants
tree=$work/tree
export CARGO_TARGET_DIR=$work/build CARGO_INCREMENTAL=0 CARGO_PROFILE_DEV_DEBUG=0 CARGO_TERM_COLOR=never

rm -rf "$tree"
mkdir -p "$tree"
git ls-files -z | xargs -0 cp -p --parents -t "$tree"

# In FILE the one line that is OLD, but for its indentation, becomes NEW.
put() {
    OLD=$2 NEW=$3 awk '
        function trimmed(line) { gsub(/^[ \t]+|[ \t]+$/, "", line); return line }
        trimmed($0) == ENVIRON["OLD"] { print ENVIRON["NEW"]; found++; next }
        { print }
        END { exit found != 1 }
    ' "$1" > "$work/changed" && cp "$work/changed" "$1"
}

# Runs the tests of PACKAGE that the other words choose, for so many SECONDS. 0: the fault lives; 1: it is dead,
# and `why` says by what; 2: it does not compile.
ask() {
    local seconds=$1 package=$2
    shift 2
    (cd "$tree" && cargo test -q -p "$package" "$@" --no-run) > "$work/log" 2>&1 || return 2
    (cd "$tree" && timeout "$seconds" cargo test -p "$package" "$@" --no-fail-fast) > "$work/log" 2>&1
    case $? in
        0) return 0 ;;
        124) why="hangs: $(unfinished "$package" "$@")" ;;
        *) why=$(sed -n 's/^test \(.*\) \.\.\. FAILED$/\1/p' "$work/log" | some) ;;
    esac
    why=${why:-the test program ends}
    return 1
}

some() {
    sort -u | head -3 | paste -sd' '
}

# The tests that have not said how they ended.
unfinished() {
    sed -n 's/^test \(.*\) \.\.\. \(ok\|FAILED\|ignored\)$/\1/p' "$work/log" | sort -u > "$work/ended"
    (cd "$tree" && cargo test -q -p "$@" -- --list 2> /dev/null) | sed -n 's/: test$//p' | sort -u |
        comm -23 - "$work/ended" | some
}

dead=0 alive=0 wrong=0
try() {
    local name=$1 file=$2 old=$3 new=$4 package=$5 test=$6 chosen why
    cp "$tree/$file" "$work/whole"
    if ! put "$tree/$file" "$old" "$new"; then
        echo "WRONG     $name: the line does not stand once in $file"
        wrong=$((wrong + 1))
        return
    fi
    case $test in
        lib) chosen=(--lib) ;;
        # Without the feature, sockets and files are the system's, and it is never odd.
        sim* | *_odd) chosen=(--features sim,serde --test "$test") ;;
        *) chosen=(--test "$test") ;;
    esac
    ask 40 "$package" "${chosen[@]}"
    local answer=$?
    if [ $answer = 0 ]; then
        ask 900 "$package" --lib --tests
        answer=$?
        test="all tests of $package"
    fi
    case $answer in
        0) echo "SURVIVED  $name ($file)"; alive=$((alive + 1)) ;;
        1) echo "killed    $name: $test: $why"; dead=$((dead + 1)) ;;
        *) echo "WRONG     $name: it does not compile"; grep -m3 '^error' "$work/log"; wrong=$((wrong + 1)) ;;
    esac
    cp "$work/whole" "$tree/$file"
}

is_wanted() {
    local name=$1
    shift
    [ $# = 0 ] && return 0
    for word in "$@"; do
        case $name in *"$word"*) return 0 ;; esac
    done
    return 1
}

while IFS= read -r name; do
    case $name in '' | '#'*) continue ;; esac
    IFS= read -r file && IFS= read -r old && IFS= read -r new && IFS= read -r by || break
    read -r _ package test <<< "$by"
    old=${old#- } new=${new#+} new=${new# }
    is_wanted "$name" "$@" && try "$name" "$file" "$old" "$new" "$package" "$test" < /dev/null
done < "$faults"
echo "$dead killed, $alive survived, $wrong wrong"
[ $alive = 0 ] && [ $wrong = 0 ]
