//! What the compiler says about mistakes in the macros, and above all *where*: at what the user
//! wrote.
//!
//! The programs, with what must be said of them, lie in `macros_compile_fail/`. They are the
//! binaries of five packages: one for each edition, two that rename the dependency, and one that asks for the simulation.

#[path = "../../tests/support/compile_fail.rs"]
mod compile_fail;

use compile_fail::Programs;

#[test]
fn the_compiler_points_at_what_the_user_wrote() {
    compile_fail::check(&Programs {
        krate: env!("CARGO_MANIFEST_DIR"),
        folder: "macros_compile_fail",
        scratch: env!("CARGO_TARGET_TMPDIR"),
        workspace: "[workspace.dependencies]\nmy-tokio = { package = \"runtime\", path = {} }\n",
        packages: &[
            ("_2021", "2021", "[dependencies]\nruntime = { path = {} }\n"),
            (
                "_renamed",
                "2021",
                "[dependencies]\ntokio = { path = {}, package = \"runtime\" }\n",
            ),
            (
                "_inherited",
                "2024",
                "[dependencies]\nmy-tokio.workspace = true\n",
            ),
            (
                "_sim",
                "2024",
                "[dependencies]\nruntime = { path = {}, features = [\"sim\"] }\n",
            ),
            ("", "2024", "[dependencies]\nruntime = { path = {} }\n"),
        ],
    });
}
