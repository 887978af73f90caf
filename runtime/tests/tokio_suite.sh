#!/usr/bin/env bash
# Tokio's own tests, run on this runtime.
#
#     bash runtime/tests/tokio_suite.sh [--keep] [PATTERN]
#
# takes the tests of the crate `tokio`, in the version that Cargo.lock names and as the registry
# delivers them, renames the dependency (`tokio = { package = "runtime" }`), compiles them in a
# scratch folder and runs them, each in a process of its own and with a time-out: a test that
# hangs has failed. What is left out stands in runtime/tests/tokio_suite.txt with its reason.
# With PATTERN only the tests run whose names contain it. --keep leaves the scratch folder.
#
# The last line tells how many passed, failed and were excluded. It ends in failure if a test
# failed, or if one was neither run nor excluded.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. runtime/tests/tokio_suite/run_each.sh

begin "$@"
tokio=$(source_of tokio 1 tests)
echo "the tests of $(basename "$tokio"), without those that runtime/tests/tokio_suite.txt excludes"

cargo run --quiet -p tokio-suite -- "$tokio/tests" runtime/tests/tokio_suite.txt "$scratch"
for file in "$scratch"/src/*/; do
    cp -r "$tokio/tests/support" "$file"
done

# The helper crate `tokio_test`, wrapped; and the program of all tests.
mkdir -p "$scratch/tokio_test/src"
cp runtime/tests/tokio_suite/tokio_test.rs "$scratch/tokio_test/src/lib.rs"
cp Cargo.lock "$scratch/Cargo.lock"
cat > "$scratch/tokio_test/Cargo.toml" << 'END'
[package]
name = "tokio_test_here"
edition = "2021"

[dependencies]
tokio = { version = "1", features = ["io-util"] }
tokio-test = "0.4"
tokio-util = { version = "0.7", features = ["compat"] }
END
cat > "$scratch/Cargo.toml" << END
[package]
name = "suite"
edition = "2021"

[workspace]
members = ["tokio_test"]

# What the tests ask for, so that their #![cfg(feature = "full")] holds.
[features]
default = ["full", "fs", "io-std", "io-util", "macros", "net", "rt", "rt-multi-thread", "sync", "test-util",
    "time"]
full = []
fs = []
io-std = []
io-util = []
macros = []
net = []
rt = []
rt-multi-thread = []
sync = []
test-util = []
time = []

[dependencies]
tokio = { package = "runtime", path = "$PWD/runtime" }

[dev-dependencies]
tokio-test = { package = "tokio_test_here", path = "tokio_test" }
async-stream = "0.3"
bytes = "1"
futures = { version = "0.3", features = ["async-await"] }
futures-concurrency = "7.6"
futures-test = "0.3"
libc = "0.2"
mockall = "0.13"
nix = { version = "0.31", default-features = false, features = ["fs", "socket"] }
pin-project-lite = "0.2"
proptest = "1"
rand = "0.9"
socket2 = "0.6"
tempfile = "3"
tokio-stream = "0.1"

[profile.dev]
debug = "line-tables-only"
END
export CARGO_TARGET_DIR=$target/tokio_suite CARGO_TERM_COLOR=never RUST_BACKTRACE=0
compile "$scratch/Cargo.toml"
# A macro puts tests into modules that only the program has.
sed -i 's/::.*::/::/' "$scratch/left.txt"
sed 's/::.*::/::/' "$scratch/tests" | sort -u > "$scratch/found"
run_each "$(basename "$tokio")" "$pattern"
