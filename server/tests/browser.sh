#!/usr/bin/env bash
# The program `server` in a real browser: Chromium without a window, driven by Node.
#
#     bash server/tests/browser.sh                    builds the program and tests its pages
#     bash server/tests/browser.sh BINARY             the same with a program that is built already
#     bash server/tests/browser.sh BINARY NAME...     only the tests whose names contain one of these
#     bash server/tests/browser.sh --pictures DIR     makes the pictures of README.md, in server/docs
#
# One line a test: passed, or FAILED with the reason. Where there is no Chromium or no Node, one line
# says SKIPPED and why. On Debian: apt-get install chromium nodejs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

chromium=$(command -v chromium chromium-browser google-chrome | head -n 1 || true)
if [ -z "$chromium" ]; then
    echo "SKIPPED the pages in a browser: there is no Chromium"
    exit 0
fi
if ! node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' 2> /dev/null; then
    echo "SKIPPED the pages in a browser: there is no Node of version 18 or later"
    exit 0
fi

pictures=""
if [ "${1:-}" = --pictures ]; then
    pictures=$2
    shift 2
fi
if [ $# -gt 0 ]; then
    server=$1
    shift
else
    cargo build --quiet -p server --bin server
    server=$(cargo metadata --format-version 1 --no-deps | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')/debug/server
fi

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
CHROMIUM=$chromium SERVER=$server SCRATCH=$scratch PICTURES=$pictures \
    timeout --kill-after=5 300 node server/tests/browser/main.js "$@"
