//! The test of the test: a repository of a few lines, and words that are true or not.

use crate::exercises::exercises;
use crate::markdown::{Block, Document};
use crate::workspace::Workspace;
use crate::{check, commands, compare};

fn workspace() -> Workspace {
    let mut workspace = Workspace::default();
    for (name, text) in [
        ("Cargo.toml", "[package]\nname = \"top\""),
        (
            "machine/Cargo.toml",
            "[package]\nname = \"machine\"\n[features]\ntrace = []",
        ),
        (
            "machine/src/executor.rs",
            "pub struct Executor<T> { tasks: Map<u64, Heap<T>> }
             impl<T: Into<u8>> Executor<T> { pub fn poll_one(&mut self) {} }
             impl Drop for Executor<u8> { fn drop(&mut self) {} }
             enum Step { Polled { key: u8 }, #[doc(hidden)] Parked }
             pin_project! { pub struct Sleep { deadline: u64 } }
             trait Source { fn register(&self); }
             fn returns() -> impl Sized { fn inner() {} }",
        ),
        (
            "machine/tests/task_join.rs",
            "#[test] fn a_panic_reaches_the_one_who_awaits() {}",
        ),
        (
            "machine/tests/floors/main.rs",
            "#[test] fn the_floors_hold() {}",
        ),
        ("examples/hello.rs", "fn main() {}"),
        (
            "benches/timers.rs",
            "group.bench_function(\"sleep_drop\", f);",
        ),
        ("machine/NOTES.md", "# A heading, with signs!"),
        (".ci/run", ""),
    ] {
        workspace.add(name, text);
    }
    workspace
}

fn complaints(text: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    check(&workspace(), "README.md", text, &mut complaints);
    complaints
}

#[test]
fn true_words_pass() {
    for text in [
        "`machine/src/executor.rs`, `executor.rs`, `src/executor.rs`, `machine/`, `.ci/run`",
        "`machine/src/*.rs` and `machine/{src,tests}/`",
        "`executor.rs: Executor::poll_one` and `executor.rs: fn poll_one`",
        "`executor.rs: Step::Parked`, `Step::Polled`, `Executor::drop`, `Executor::tasks`",
        "`executor.rs: struct Sleep`, `Source::register`, `fn inner`",
        "`Poll::Pending`, `std::task::Waker`, `text/plain`, `/dev/null`, `Heap::new`, `a: b`, `fn`",
        "[notes](machine/NOTES.md), [page](http://127.0.0.1:3000/x), [here](#top)\n# Top",
        "`cargo run --release -p machine` and `cargo test --workspace`",
        "`cargo test -p machine --test task_join a_panic_reaches`",
        "`cargo test -p machine --test floors`",
        "`cargo run -p machine --features trace -- --any thing`",
        "```\n$ cargo run --example hello   # look\n```",
        "```\ncargo bench -- sleep_drop\n```",
        "```rust\ncargo run --example not_a_command\n```",
    ] {
        assert_eq!(complaints(text), [""; 0], "{text}");
    }
}

#[test]
fn each_false_word_is_a_complaint() {
    for text in [
        "`machine/src/gone.rs`",
        "`machine/gone`",
        "`gone.rs`",
        "`machine/{src,gone}/*.md`",
        "`gone.rs: fn poll_one`",
        "`executor.rs: Executor::poll_two`",
        "`executor.rs: fn poll_two`",
        "`Executor::poll_two`",
        "`Sized::inner`, `fn poll_two`",
        "`Step::Gone`",
        "[notes](NOTES.md)",
        "[here](#nowhere)",
        "`cargo run -p gone`",
        "`cargo run --example gone`",
        "`cargo test -p machine --test gone`",
        "`cargo test -p machine --test floors a_panic_reaches`",
        "`cargo test -p top a_panic_reaches_someone_else`",
        "`cargo run -p machine --features gone`",
        "```\n$ cargo run --example gone\n```",
        "    cargo run --example gone",
        "```console\ncargo bench -- gone\n```",
    ] {
        let found = complaints(text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert!(found[0].starts_with("README.md:"), "{found:?}");
    }
}

#[test]
fn only_a_prompt_with_something_below_it_shows_output() {
    let text = "```\ncargo a\n$ cargo b\none\n\ntwo\n$ cargo c\n```";
    let document = Document::parse(text);
    let runs: Vec<_> = document.blocks.iter().flat_map(Block::runs).collect();
    assert_eq!(runs, [(3, "cargo b".to_owned(), "one\n\ntwo\n".to_owned())]);
}

#[test]
fn an_example_is_run_and_compared_and_other_commands_are_not() {
    let named = commands::example("cargo run -q --example hello -- --demo");
    assert_eq!(named, Some(("hello".to_owned(), vec!["--demo".to_owned()])));
    assert_eq!(commands::example("cargo run -p machine"), None);
    assert_eq!(commands::example("cargo build --example hello"), None);
    let command = "cargo run --example poll_by_hand";
    assert!(compare(command, "A launch, polled {*}\n...\n  gone").is_ok());
    assert!(compare(command, "A lunch").is_err());
}

/// What is wrong with an exercise on a file of a few lines.
fn exercise(text: &str) -> Result<(), String> {
    let file = "#[main(paused)]\nfn main() {\n    nap(20);\n    rest(\n        1, 2);\n}\nfn other() { nap(3); }\n";
    let read = |name: &str| (name == "a.rs").then(|| file.to_owned());
    let found = exercises(&format!("# A\n\n**Exercise.** {text}\n\nmore"));
    assert_eq!((found.len(), found[0].line), (1, 3));
    found[0].check(read)
}

#[test]
fn a_true_exercise_passes() {
    for text in [
        "In `a.rs: fn main`, change `nap(20)` to\n`nap(30)`. Run `cargo run`.",
        "In `a.rs: fn main`, take out `nap(20);`.",
        "In `a.rs: fn main`, take `paused` out of the attribute.",
        "In `a.rs: fn main`, change the first `rest( 1, 2)` to `rest(1)`, and `20` to `30`.",
        "Start it with `cargo run`.",
    ] {
        assert_eq!(exercise(text), Ok(()), "{text}");
    }
}

#[test]
fn a_false_exercise_says_what_is_not_there() {
    for (text, problem) in [
        (
            "In `b.rs: fn main`, take out `nap(20);`.",
            "`b.rs`, which is not there",
        ),
        (
            "In `a.rs: fn gone`, take out `nap(20);`.",
            "`fn gone`, which is not in `a.rs`",
        ),
        (
            "In `a.rs: fn main`, change `nap(3)` to `nap(4)`.",
            "`nap(3)` does not stand in `a.rs: fn main`",
        ),
        (
            "In `a.rs: fn main`, let it nap: `nap(4)`.",
            "does not say what to change",
        ),
        ("Think.", "no place"),
    ] {
        let wrong = exercise(text).unwrap_err();
        assert!(wrong.contains(problem), "{text}: {wrong}");
    }
}
