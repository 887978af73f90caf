#!/usr/bin/env bash
# Clients of other houses against the program `server`, and against the echo of WebSockets:
#
#     bash server/tests/clients.sh
#
# curl; h11, httpx, aiohttp, websockets and Prometheus' parser of Python; Node; Chromium. (hyper's client and reqwest
# are those of axum_suite.sh and of examples/hyper_client_and_server.rs.) Python's come from PyPI
# into a folder below target/. One line a client: passed, FAILED, or SKIPPED with the reason; it
# ends in failure if one failed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

target=$(cargo metadata --format-version 1 --no-deps | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
here=server/tests/clients
scratch=$(mktemp -d)
trap 'kill "${servers[@]}" 2> /dev/null || true; rm -rf "$scratch"' EXIT
servers=()
failures=0

cargo build --quiet -p server --bin server --example autobahn_echo
"$target/debug/server" --addr 127.0.0.1:0 --data "$scratch/data" > "$scratch/server" 2> "$scratch/said" &
servers+=($!)
http=""
until [ -n "$http" ]; do
    kill -0 "${servers[0]}" || { echo "the server did not start" >&2; exit 1; }
    http=$(sed -n 's|^listening on http://||p' "$scratch/server")
    sleep 0.05
done
ws=127.0.0.1:${CLIENTS_PORT:-9002}
"$target/debug/examples/autobahn_echo" "$ws" &
servers+=($!)
until (exec 3<> "/dev/tcp/${ws%:*}/${ws#*:}") 2> /dev/null; do
    kill -0 "${servers[1]}" || { echo "the echo of WebSockets did not start" >&2; exit 1; }
    sleep 0.05
done

report() {
    local name=$1
    shift
    if timeout 120 "$@" > "$scratch/log" 2>&1; then
        echo "passed $name"
    else
        echo "FAILED $name"
        sed 's/^/    /' "$scratch/log" | tail -n 20
        failures=$((failures + 1))
    fi
}

# ---- curl

expect() {
    local what=$1 expected=$2 got
    shift 2
    got=$(curl --silent --show-error --http1.1 --max-time 30 "$@")
    [ "$got" = "$expected" ] || { echo "$what: '$got' instead of '$expected'"; return 1; }
}
with_curl() {
    local base=http://$http file=$scratch/file
    set -e
    head -c 1000000 /dev/urandom > "$file"
    expect "GET" ok "$base/health"
    expect "HEAD" "200 3" --head --output /dev/null --write-out '%{http_code} %header{content-length}' "$base/health"
    expect "a body with its length" hello --data hello "$base/api/echo"
    expect "HTTP/1.0" ok --http1.0 "$base/health"
    expect "two on one connection" "ok
1ok
0" --write-out '%{num_connects}' "$base/health" "$base/health"
    expect "405" "405 GET, HEAD, OPTIONS" --request DELETE --output /dev/null --write-out '%{http_code} %header{allow}' "$base/health"
    expect "OPTIONS *" "204" --request OPTIONS --request-target '*' --output /dev/null --write-out '%{http_code}' "$base"
    expect "404" "404" --output /dev/null --write-out '%{http_code}' "$base/nowhere"
    expect "a body above the limit is refused before it is sent" "413 0" --header 'Expect: 100-continue' \
        --expect100-timeout 20 --data-binary "@$1" --output /dev/null --write-out '%{http_code} %{size_upload}' "$base/api/echo"
    curl --silent --http1.1 --header 'Expect: 100-continue' --data-binary "@$file" "$base/api/echo" | cmp - "$file"
    curl --silent --http1.1 --header 'Transfer-Encoding: chunked' --data-binary "@$file" "$base/api/echo" | cmp - "$file"
}
export -f expect with_curl
export http scratch
if command -v curl > /dev/null; then
    truncate --size 3M "$scratch/above"
    report "curl" bash -c 'set -euo pipefail; with_curl "$1"' _ "$scratch/above"
else
    echo "SKIPPED curl: there is none"
fi

# ---- Python

python=$target/clients/bin/python
packages="h11==0.16.0 httpx==0.28.1 aiohttp websockets prometheus-client"
if [ ! -x "$python" ]; then
    python3 -m venv "$target/clients" > "$scratch/venv" 2>&1 || rm -rf "$target/clients"
fi
# shellcheck disable=SC2086
if [ -x "$python" ] && "$python" -m pip install --quiet --disable-pip-version-check $packages > "$scratch/pip" 2>&1; then
    for client in h11 httpx aiohttp websockets prometheus; do
        report "$client" "$python" "$here/clients.py" "$client" "$http" "$ws"
    done
else
    echo "SKIPPED h11, httpx, aiohttp, websockets, prometheus: Python's packages cannot be installed"
fi

# ---- Node

if command -v node > /dev/null; then
    flag=""
    ! node --experimental-websocket -e 0 2> /dev/null || flag=--experimental-websocket
    report "node" node $flag "$here/client.js" "$http" "$ws"
else
    echo "SKIPPED node: there is none"
fi

# ---- Chromium

with_chromium() {
    local page
    page=$("$1" --headless --no-sandbox --disable-gpu --user-data-dir="$scratch/profile" --dump-dom "http://$http/" 2> /dev/null)
    grep -q '<h1>Treadle</h1>' <<< "$page" || { echo "the page is: $page"; return 1; }
}
export -f with_chromium
chromium=$(command -v chromium chromium-browser google-chrome | head -n 1 || true)
if [ -n "$chromium" ]; then
    report "chromium" bash -c 'with_chromium "$1"' _ "$chromium"
else
    echo "SKIPPED chromium: there is none"
fi

[ "$failures" -eq 0 ]
