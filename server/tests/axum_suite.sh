#!/usr/bin/env bash
# axum's own tests, and those of the crates around it, run on this server.
#
#     bash server/tests/axum_suite.sh [--keep] [PATTERN]
#
# takes the tests of `axum`, `axum-core` and `axum-extra`, those of tower-http's services for files,
# the programs in axum's documentation and those that axum-macros must accept, in the versions that
# Cargo.lock names and as the registry delivers them. It lifts them out of their modules
# (server/tests/axum_suite), has `axum` mean `server` and `tokio` mean `runtime`, compiles them in a
# scratch folder and runs them, each in a process of its own and with a time-out. axum's tests talk
# to the server over TCP, through reqwest. What is left out stands in
# server/tests/axum_suite.txt and in server/tests/axum_suite/*.txt with its reason. With PATTERN only
# the tests run whose names contain it. --keep leaves the scratch folder.
#
# A line for each crate tells how many passed, failed and were excluded. It ends in failure if a test
# failed, or if one was neither run nor excluded.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. runtime/tests/tokio_suite/run_each.sh
. server/tests/axum_suite/files.sh
. server/tests/axum_suite/programs.sh

begin "$@"
root=$scratch
trap '[ -n "$keep" ] || rm -rf "$root"' EXIT
axum=$(source_of axum 0 src)
core=$(source_of axum-core 0 src)
tower=$(source_of tower-http 0 src)
# These two are no dependencies of the server. They are those that go with this axum.
mkdir -p "$root/sources/src" && touch "$root/sources/src/lib.rs"
cp Cargo.lock "$root/sources/Cargo.lock"
cat > "$root/sources/Cargo.toml" << 'END'
[package]
name = "sources"

[dependencies]
axum-extra = "0.12"
axum-macros = "0.5"
END
(cd "$root/sources" && cargo metadata --quiet --format-version 1 > /dev/null)
extra=$(cd "$root/sources" && source_of axum-extra 0 src)
macros=$(cd "$root/sources" && source_of axum-macros 0 tests)

# A crate `NAME` of the tests in the sources `FROM`, left out what `TABLE` says. It prints the
# declarations of the modules.
lift() {
    mkdir -p "$root/$1/src"
    cargo run --quiet -p axum-suite -- "$2" server/src "$3" "$root/$1/src"
    mv "$root/$1"/src/*.txt "$root/$1"
}

# The manifest of the crate `NAME`, whose library is called `LIBRARY`: that is how types are named in
# messages. The features are what the tests ask for.
manifest() {
    cat > "$root/$1/Cargo.toml" << END
[package]
name = "suite-${1%/*}"
edition = "2021"

[lib]
name = "$2"

[features]
default = [
    "cookie", "form", "fs", "http1", "json", "macros", "matched-path", "multipart", "original-uri",
    "query", "tokio", "typed-header", "typed-routing", "ws",
]
$(printf '%s = []\n' cookie form fs http1 http2 json macros matched-path multipart original-uri query \
    tokio typed-header typed-routing ws)

[dependencies]
server = { path = "$PWD/server", features = ["typed-header"] }
tokio = { package = "runtime", path = "$PWD/runtime" }

[dev-dependencies]
$(cat "$root/dependencies.toml")
END
}

# The root of a crate of tests: whatever is ours, and these modules.
tests_of_axum() {
    cat > "$root/$1/src/lib.rs" << END
#![cfg(test)]
#![allow(warnings)]
extern crate self as axum;
extern crate server as axum_core;
extern crate tokio as runtime;
pub use server::*;
use axum_macros::__private_axum_test as test;
pub mod test_helpers;
mod here;
$2
END
    cp server/tests/axum_suite/here.rs "$root/$1/src/here.rs"
    # axum's helpers, for one thread, where any service is served by way of `ServiceExt`.
    mkdir "$root/$1/src/test_helpers"
    for file in mod test_client counting_cloneable_state; do
        sed 's/^use tower::make::Shared;/use crate::ServiceExt;/; s/Shared::new(svc)/ServiceExt::into_make_service(svc)/
            s/ + Send\b//; s/\bBoxFuture\b/LocalBoxFuture/; s/^ *S::Future: Send,//; s/mod tracing_helpers;/mod tracing_helpers {}/' \
            "$axum/src/test_helpers/$file.rs" > "$root/$1/src/test_helpers/$file.rs"
    done
}

# Runs the tests of the crate `NAME`, which are called `LABEL`.
run() {
    scratch=$root/$1
    echo "the tests of $2, without those that are excluded"
    compile "$scratch/Cargo.toml"
    sed -i 's|/|::|g' "$scratch/left.txt"
    sort -u "$scratch/tests" > "$scratch/found"
    run_each "$2" "$pattern" || problem=yes
}

# The clients, each on the runtime that it needs.
for shim in hyper_util reqwest tokio_tungstenite tower_http; do
    mkdir -p "$root/$shim/src"
    cp "server/tests/axum_suite/shims/$shim.rs" "$root/$shim/src/lib.rs"
done
cat > "$root/hyper_util/Cargo.toml" << 'END'
[package]
name = "hyper_util_here"
edition = "2024"

[dependencies]
futures-io = "0.3"
hyper = "1"
pin-project-lite = "0.2"
END
cat > "$root/tokio_tungstenite/Cargo.toml" << END
[package]
name = "tokio_tungstenite_here"
edition = "2024"

[dependencies]
async-tungstenite = { version = "0.35", features = ["handshake"] }
runtime = { path = "$PWD/runtime" }
END
cat > "$root/reqwest/Cargo.toml" << 'END'
[package]
name = "reqwest_here"
edition = "2024"

[dependencies]
reqwest = { version = "0.12", default-features = false, features = ["json", "multipart", "stream"] }
tokio = { version = "1", features = ["net", "rt", "time"] }
END
cat > "$root/tower_http/Cargo.toml" << END
[package]
name = "tower_http_here"
edition = "2024"

[dependencies]
server = { path = "$PWD/server", features = ["typed-header"] }
tower-http = { version = "0.6.8", features = ["full"] }
END
cp Cargo.lock "$root/Cargo.lock"
cat > "$root/Cargo.toml" << 'END'
[workspace]
members = [
    "axum", "axum_core_here", "axum_extra_here", "axum_here", "axum_macros_here", "core", "extra",
    "files/tower-http", "programs",
    "hyper_util", "reqwest", "tokio_tungstenite", "tower_http",
]
resolver = "3"

[profile.dev]
debug = "line-tables-only"
END
cat > "$root/dependencies.toml" << END
anyhow = "1"
axum-macros = { version = "0.5.1", features = ["__private"] }
brotli = "9"
bytes = "1"
flate2 = "1"
futures-util = "0.3"
http = "1"
http-body = "1"
http-body-util = "0.1"
headers = "0.4"
hyper = { version = "1", features = ["client", "http1"] }
hyper-util = { package = "hyper_util_here", path = "$root/hyper_util" }
mime = "0.3"
percent-encoding = "2"
pin-project-lite = "0.2"
quickcheck = "1"
quickcheck_macros = "1"
reqwest = { package = "reqwest_here", path = "$root/reqwest" }
serde = { version = "1", features = ["derive"] }
serde_core = "1"
serde_html_form = "0.4"
serde_json = { version = "1", features = ["raw_value"] }
serde_path_to_error = "0.1"
serde_urlencoded = "0.7"
time = { version = "0.3", features = ["serde-human-readable"] }
tokio-stream = "0.1"
tokio-tungstenite = { package = "tokio_tungstenite_here", path = "$root/tokio_tungstenite" }
tower = { version = "0.5.2", features = ["filter", "limit", "load-shed", "make", "steer", "timeout", "util"] }
tower-http = { package = "tower_http_here", path = "$root/tower_http" }
tower-layer = "0.3"
tower-service = "0.3"
tracing = "0.1"
uuid = { version = "1", features = ["serde", "v4"] }
END

mkdir -p "$root/axum" && cp -r "$axum/src" "$root/axum/theirs"
cp "$axum/tests/panic_location.rs" "$root/axum/theirs"
touch "$root/axum/README.md" # a file that a test asks for
tests_of_axum axum "$(lift axum "$root/axum/theirs" server/tests/axum_suite.txt)"
tests_of_axum core "$(lift core "$core/src" server/tests/axum_suite/core.txt)"
tests_of_axum extra "$(lift extra "$extra/src" server/tests/axum_suite/extra.txt)"
manifest axum axum
manifest core axum
manifest extra axum
prepare_files
prepare_programs

export CARGO_TARGET_DIR=$target/axum_suite CARGO_TERM_COLOR=never RUST_BACKTRACE=0
problem=""
run axum "$(basename "$axum")"
run core "$(basename "$core")"
run extra "$(basename "$extra")"
run files/tower-http "$(basename "$tower"), services::fs"
run_programs
[ -z "$problem" ]
