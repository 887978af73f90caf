//! What the compiler says of handlers that are none: that they are none, and why.
//!
//! The programs, with what must be said of them, lie in `compile_fail/`.

#[path = "../../tests/support/compile_fail.rs"]
mod compile_fail;

use compile_fail::Programs;

#[test]
fn the_compiler_says_what_a_handler_lacks() {
    compile_fail::check(&Programs {
        krate: env!("CARGO_MANIFEST_DIR"),
        folder: "compile_fail",
        scratch: env!("CARGO_TARGET_TMPDIR"),
        workspace: "",
        packages: &[(
            "",
            "2024",
            "[dependencies]\nserver = { path = {} }\nserde = \"1\"\n",
        )],
    });
}
