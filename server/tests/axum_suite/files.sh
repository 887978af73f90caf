# The tests of tower-http's `ServeDir` and `ServeFile`, and the files that they serve, which do not
# lie in the crate. To be sourced by axum_suite.sh.

prepare_files() {
    local crate=$root/files/tower-http modules
    mkdir -p "$root/files/theirs/services" "$crate"
    cp -r "$tower/src/services/fs" "$tower/src/services/mod.rs" "$root/files/theirs/services"
    modules=$(lift files/tower-http "$root/files/theirs" server/tests/axum_suite/files.txt)
    cat > "$crate/src/lib.rs" << END
#![cfg(test)]
#![allow(warnings)]
extern crate self as async_compression;
mod here {}
// What the test imports that is excluded.
pub mod tokio {
    pub mod bufread {
        pub struct ZstdDecoder;
    }
}
pub mod test_helpers {
    pub use server::Body;
    pub async fn to_bytes<B: http_body::Body>(body: B) -> Result<bytes::Bytes, B::Error> {
        Ok(http_body_util::BodyExt::collect(body).await?.to_bytes())
    }
}
$modules
END
    manifest files/tower-http tower_http
    cp "$tower/README.md" "$root/files/README.md"
    make_test_files "$root/files/test-files"
}

make_test_files() {
    mkdir "$1"
    printf '<b>HTML!</b>\n' > "$1/index.html"
    printf '"This is a test file!"\n' > "$1/precompressed.txt"
    printf 'Test file!\n' > "$1/missing_precompressed.txt"
    printf 'Test file!\n' > "$1/precompressed_br.txt"
    printf 'Content.\n' > "$1/extensionless_precompressed"
    printf 'Content.\n' > "$1/extensionless_precompressed_missing"
    printf '"This is a test file"\n' > "$1/only_gzipped.txt"
    : > "$1/empty.txt"
    printf 'x' > "$1/你好世界.txt"
    printf 'x' > "$1/filename with space.txt"
    (cd "$1" && gzip -k precompressed.txt extensionless_precompressed && gzip only_gzipped.txt)
    brotli_of "$1/precompressed.txt"
    brotli_of "$1/precompressed_br.txt"
    deflate_of "$1/precompressed.txt"
    rm "$1/precompressed_br.txt"
}

# The bytes with these numbers.
bytes() {
    local number
    for number in "$@"; do
        printf "\\x$(printf '%02x' "$number")"
    done
}

# FILE.br, a stream of one block that is not compressed (RFC 7932, section 9.2).
brotli_of() {
    local length head
    length=$(wc -c < "$1")
    head=$((0x80000b | (length - 1) << 7))
    { bytes $((head & 255)) $((head >> 8 & 255)) $((head >> 16 & 255)) && cat "$1" && bytes 3; } > "$1.br"
}

# FILE.zz, likewise (RFC 1951, section 3.2.4).
deflate_of() {
    local length
    length=$(wc -c < "$1")
    { bytes 1 $((length & 255)) $((length >> 8)) $((length & 255 ^ 255)) $((length >> 8 ^ 255)) && cat "$1"; } > "$1.zz"
}
