# The programs in axum's documentation, and those that axum-macros must accept. To be sourced by
# axum_suite.sh.

prepare_programs() {
    mkdir -p "$root/programs/src"
    cargo run --quiet -p axum-suite -- programs server/tests/axum_suite/programs.txt "$root/programs/src" \
        axum="$axum/src" core="$core/src" macros="$macros/tests"
    mv "$root"/programs/src/*.txt "$root/programs"
    # Our server under the names of axum's crates.
    facade axum 'pub use server::*;'
    facade axum_core 'pub use server::*;'
    facade axum_macros 'pub use server::{debug_handler, debug_middleware}; pub use server::macros::*;'
    facade axum_extra 'pub use server::*;'
    cat > "$root/programs/Cargo.toml" << END
[package]
name = "suite-programs"
edition = "2024"

[dependencies]
axum = { package = "axum_here", path = "../axum_here" }
axum-core = { package = "axum_core_here", path = "../axum_core_here" }
axum-extra = { package = "axum_extra_here", path = "../axum_extra_here" }
axum-macros = { package = "axum_macros_here", path = "../axum_macros_here" }
server = { path = "$PWD/server", features = ["typed-header"] }
tokio = { package = "runtime", path = "$PWD/runtime" }
$(grep -v '^axum-macros' "$root/dependencies.toml")
END
}

# A crate of that name that is only that.
facade() {
    mkdir -p "$root/$1_here/src"
    echo "$2" > "$root/$1_here/src/lib.rs"
    cat > "$root/$1_here/Cargo.toml" << END
[package]
name = "$1_here"
edition = "2024"

[lib]
name = "$1"

[dependencies]
server = { path = "$PWD/server", features = ["typed-header"] }
END
}

run_programs() {
    local log=$root/programs/log lost passed failed label
    label="programs of $(basename "$axum"), $(basename "$core") and $(basename "$macros")"
    echo "the $label, without those that are excluded"
    timeout 1800 cargo test --manifest-path "$root/programs/Cargo.toml" --doc -- $pattern > "$log" 2>&1 || true
    sed -n 's/^test .* - \([a-z0-9_]*\) (line [0-9]*).* \.\.\. \(ok\|FAILED\)$/\2 \1/p' "$log" > "$root/programs/results"
    sed 's/^/excluded: /' "$root/programs/excluded.txt"
    if grep -q '^FAILED' "$root/programs/results" || [ ! -s "$root/programs/results" ]; then
        sed -n '/^failures:/,$p' "$log" | head -n 400
    fi
    sed -n 's/^FAILED/FAILED:/p' "$root/programs/results"
    passed=$(grep -c '^ok' "$root/programs/results" || true)
    failed=$(grep -c '^FAILED' "$root/programs/results" || true)
    lost=$(cut -d ' ' -f 2 "$root/programs/results" | sort | comm -13 - <(grep -F -- "$pattern" "$root/programs/left.txt" | sort))
    [ -z "$lost" ] || sed 's/^/NEITHER RUN NOR EXCLUDED: /' <<< "$lost"
    echo "$label: $passed passed, $failed failed, $(cat "$root/programs/excluded_count.txt") excluded"
    [ "$passed" -gt 0 ] && [ "$failed" -eq 0 ] && [ -z "$lost" ] || problem=yes
}
