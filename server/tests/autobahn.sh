#!/usr/bin/env bash
# Autobahn's fuzzing client against our WebSockets: all of its 517 cases, those with compressed
# messages among them. Every one must be OK or INFORMATIONAL, and none NON-STRICT.
#
#   bash server/tests/autobahn.sh            all cases; twenty minutes
#   bash server/tests/autobahn.sh '1.*' '7.*'   these cases
#
# The suite is the package autobahntestsuite of PyPI. It wants Python 2.7 with pip: the command
# `python2.7`, or one of pyenv's versions. It is installed below target/, and nowhere else.
# With `--if-possible` as the first argument, a machine without Python 2.7 is no failure.
set -euo pipefail
cd "$(dirname "$0")/../.."

target=${CARGO_TARGET_DIR:-$PWD/target}
home=$target/autobahn
address=127.0.0.1:${AUTOBAHN_PORT:-9001}

find_python() {
    local candidate
    for candidate in python2.7 "$HOME"/.pyenv/versions/2.7*/bin/python2.7; do
        if "$candidate" -m pip --version >/dev/null 2>&1; then
            echo "$candidate"
            return
        fi
    done
}

python=$(find_python)
if [ -z "$python" ]; then
    echo "SKIPPED: Autobahn's suite wants Python 2.7 with pip, and there is none"
    [ "${1:-}" = --if-possible ]
    exit
fi
[ "${1:-}" = --if-possible ] && shift

export PYTHONUSERBASE=$home/python
mkdir -p "$home"
if [ ! -x "$PYTHONUSERBASE/bin/wstest" ]; then
    "$python" -m pip install --quiet --user --disable-pip-version-check \
        autobahntestsuite==25.10.1 2>"$home/pip.log" || { cat "$home/pip.log"; exit 1; }
fi

cargo build --quiet --release -p server --example autobahn_echo
"$target/release/examples/autobahn_echo" "$address" &
server=$!
trap 'kill "$server" 2>/dev/null || true' EXIT
until (exec 3<>"/dev/tcp/${address%:*}/${address#*:}") 2>/dev/null; do
    kill -0 "$server" || { echo "the server did not start"; exit 1; }
    sleep 0.1
done

cases=$(printf '"%s",' "${@:-*}")
rm -rf "$home/report"
cat >"$home/spec.json" <<SPEC
{
    "outdir": "$home/report",
    "servers": [{"agent": "treadle", "url": "ws://$address"}],
    "cases": [${cases%,}], "exclude-cases": [], "exclude-agent-cases": {}
}
SPEC
"$python" "$PYTHONUSERBASE/bin/wstest" -m fuzzingclient -s "$home/spec.json" >"$home/log" 2>&1 ||
    { tail -20 "$home/log"; exit 1; }

"$python" - "$home/report/index.json" <<'PYTHON'
import json, sys

cases = json.load(open(sys.argv[1]))["treadle"]
fine = ("OK", "INFORMATIONAL")
failed = 0
for name in sorted(cases, key=lambda name: [int(part) for part in name.split(".")]):
    case = cases[name]
    if case["behavior"] not in fine or case["behaviorClose"] not in fine:
        print("%s: %s, closing: %s" % (name, case["behavior"], case["behaviorClose"]))
        failed += 1
print("autobahn: %d passed, %d failed" % (len(cases) - failed, failed))
sys.exit(failed > 0 or not cases)
PYTHON
