#!/usr/bin/env bash
# axum's own tests, run on this server.
#
#     bash server/tests/axum_suite.sh [--keep] [PATTERN]
#
# takes the tests of the crate `axum`, in the version that Cargo.lock names and as the registry
# delivers them, lifts them out of axum's modules (server/tests/axum_suite), has `axum` mean
# `server` and `tokio` mean `runtime`, compiles them in a scratch folder and runs them, each in a
# process of its own and with a time-out. They talk to the server over TCP, through reqwest. What
# is left out stands in server/tests/axum_suite.txt with its reason. With PATTERN only the tests
# run whose names contain it. --keep leaves the scratch folder.
#
# The last line tells how many passed, failed and were excluded. It ends in failure if a test
# failed, or if one was neither run nor excluded.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. runtime/tests/tokio_suite/run_each.sh

begin "$@"
axum=$(source_of axum 0 src)
echo "the tests of $(basename "$axum"), without those that server/tests/axum_suite.txt excludes"

mkdir "$scratch/src"
cp -r "$axum/src" "$scratch/axum"
cp "$axum/tests/panic_location.rs" "$scratch/axum"
touch "$scratch/README.md" # a file that a test asks for
modules=$(cargo run --quiet -p axum-suite -- "$scratch/axum" server/src server/tests/axum_suite.txt "$scratch/src")
mv "$scratch"/src/*.txt "$scratch"
cat > "$scratch/src/lib.rs" << END
#![cfg(test)]
#![allow(warnings)]
extern crate self as axum;
extern crate server as axum_core;
extern crate tokio as runtime;
pub use server::*;
use axum_macros::__private_axum_test as test;
pub mod test_helpers;
mod here;
$modules
END
cp server/tests/axum_suite/here.rs "$scratch/src/here.rs"
# axum's helpers, for one thread, where any service is served by way of `ServiceExt`.
mkdir "$scratch/src/test_helpers"
for file in mod test_client counting_cloneable_state; do
    sed 's/^use tower::make::Shared;/use crate::ServiceExt;/; s/Shared::new(svc)/ServiceExt::into_make_service(svc)/
        s/ + Send\b//; s/\bBoxFuture\b/LocalBoxFuture/; s/^ *S::Future: Send,//; s/mod tracing_helpers;/mod tracing_helpers {}/' \
        "$axum/src/test_helpers/$file.rs" > "$scratch/src/test_helpers/$file.rs"
done
# The clients, each on the runtime that it needs.
for shim in hyper_util reqwest tokio_tungstenite tower_http; do
    mkdir -p "$scratch/$shim/src"
    cp "server/tests/axum_suite/shims/$shim.rs" "$scratch/$shim/src/lib.rs"
done
cat > "$scratch/hyper_util/Cargo.toml" << 'END'
[package]
name = "hyper_util_here"
edition = "2024"

[dependencies]
futures-io = "0.3"
hyper = "1"
pin-project-lite = "0.2"
END
cat > "$scratch/tokio_tungstenite/Cargo.toml" << END
[package]
name = "tokio_tungstenite_here"
edition = "2024"

[dependencies]
async-tungstenite = { version = "0.35", features = ["handshake"] }
runtime = { path = "$PWD/runtime" }
END
cat > "$scratch/reqwest/Cargo.toml" << 'END'
[package]
name = "reqwest_here"
edition = "2024"

[dependencies]
reqwest = { version = "0.12", default-features = false, features = ["json", "multipart", "stream"] }
tokio = { version = "1", features = ["net", "rt", "time"] }
END
cat > "$scratch/tower_http/Cargo.toml" << END
[package]
name = "tower_http_here"
edition = "2024"

[dependencies]
server = { path = "$PWD/server" }
tower-http = { version = "0.6.8", features = ["full"] }
END
cp Cargo.lock "$scratch/Cargo.lock"
cat > "$scratch/Cargo.toml" << END
[package]
name = "suite"
edition = "2021"

# So are types named in messages.
[lib]
name = "axum"

[workspace]
members = ["hyper_util", "reqwest", "tokio_tungstenite", "tower_http"]

# What the tests ask for, so that their #[cfg(feature = ...)] holds.
[features]
default = ["form", "http1", "json", "macros", "matched-path", "multipart", "original-uri", "query", "tokio", "ws"]
form = []
http1 = []
http2 = []
json = []
macros = []
matched-path = []
multipart = []
original-uri = []
query = []
tokio = []
ws = []

[dependencies]
server = { path = "$PWD/server" }
tokio = { package = "runtime", path = "$PWD/runtime" }

[dev-dependencies]
anyhow = "1"
axum-macros = { version = "0.5.1", features = ["__private"] }
bytes = "1"
futures-util = "0.3"
http = "1"
http-body = "1"
http-body-util = "0.1"
hyper = { version = "1", features = ["client", "http1"] }
hyper-util = { package = "hyper_util_here", path = "hyper_util" }
mime = "0.3"
percent-encoding = "2"
pin-project-lite = "0.2"
quickcheck = "1"
quickcheck_macros = "1"
reqwest = { package = "reqwest_here", path = "reqwest" }
serde = { version = "1", features = ["derive"] }
serde_core = "1"
serde_html_form = "0.4"
serde_json = { version = "1", features = ["raw_value"] }
serde_path_to_error = "0.1"
serde_urlencoded = "0.7"
time = { version = "0.3", features = ["serde-human-readable"] }
tokio-stream = "0.1"
tokio-tungstenite = { package = "tokio_tungstenite_here", path = "tokio_tungstenite" }
tower = { version = "0.5.2", features = ["filter", "limit", "load-shed", "make", "steer", "timeout", "util"] }
tower-http = { package = "tower_http_here", path = "tower_http" }
tower-layer = "0.3"
tower-service = "0.3"
tracing = "0.1"
uuid = { version = "1", features = ["serde", "v4"] }

[profile.dev]
debug = "line-tables-only"
END
export CARGO_TARGET_DIR=$target/axum_suite CARGO_TERM_COLOR=never RUST_BACKTRACE=0
compile "$scratch/Cargo.toml"
sed -i 's|/|::|g' "$scratch/left.txt"
sort -u "$scratch/tests" > "$scratch/found"
run_each "$(basename "$axum")" "$pattern"
