//! The `rust-version` in each Cargo.toml is a promise to a reader who has no newer compiler.
//!
//! Three things could break it. Dependencies: cargo's resolver chooses versions that keep the
//! promise. The standard library: clippy's `incompatible_msrv` knows since when each function
//! exists. The language itself: the compiler at hand accepts all that it knows. `.ci/run` asks rustup
//! for the compilers that are promised, and compiles both crates with them, all features on. This
//! test is for a machine that has only its own. In edition 2024 one construct is both newer than the edition (1.88 against 1.85)
//! and tempting enough to slip in: `if let A = a && let B = b`. It is looked for here, in the crates
//! that promise 1.85. (The server promises 1.88, as some of its dependencies do.)
#![forbid(unsafe_code)]

mod support;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::fs;
use support::{files, relative, root};

/// Lines with a condition that mixes `let` and `&&`.
fn let_chains(tokens: TokenStream, lines: &mut Vec<usize>) {
    // Inside the condition of an `if` or `while`, up to its brace.
    let (mut in_condition, mut lets, mut ands) = (false, 0, 0);
    let mut before_is_and = false;
    for token in tokens {
        let is_and = matches!(&token, TokenTree::Punct(sign) if sign.as_char() == '&');
        match &token {
            TokenTree::Ident(word) if *word == "if" || *word == "while" => {
                (in_condition, lets, ands) = (true, 0, 0);
            }
            TokenTree::Ident(word) if *word == "let" && in_condition => lets += 1,
            TokenTree::Punct(_) if is_and && before_is_and => ands += 1,
            TokenTree::Group(group) => {
                if group.delimiter() == Delimiter::Brace {
                    if in_condition && lets > 0 && ands > 0 {
                        lines.push(group.span_open().start().line);
                    }
                    in_condition = false;
                }
                let_chains(group.stream(), lines);
            }
            _ => {}
        }
        before_is_and = is_and;
    }
}

fn lines_with_let_chains(text: &str) -> Vec<usize> {
    let mut lines = Vec::new();
    let_chains(text.parse().expect("is Rust"), &mut lines);
    lines
}

#[test]
fn crates_that_promise_rust_1_85_use_no_let_chains() {
    let mut complaints = Vec::new();
    for package in ["runtime", "runtime/macros"] {
        let folder = root().join(package);
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        assert!(
            manifest.contains("rust-version = \"1.85\""),
            "{package} promises something else by now: is this test still needed?"
        );
        for path in files(&folder.join("src"), ".rs") {
            for line in lines_with_let_chains(&fs::read_to_string(&path).unwrap()) {
                complaints.push(format!("{}:{line}: a let chain", relative(&path)));
            }
        }
    }
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[test]
fn a_let_chain_is_told_from_its_harmless_neighbours() {
    for chain in [
        "fn f() { if let Some(a) = b && a { } }",
        "fn f() { if x && let Some(a) = b { } }",
        "fn f() { while let Some(a) = b && let Some(c) = a { } }",
        "fn f() { match x { _ => { if let A = a\n && b { } } } }",
    ] {
        assert_eq!(lines_with_let_chains(chain).len(), 1, "{chain}");
    }
    for harmless in [
        "fn f() { if let Some(a) = (b && c) { } }",
        "fn f() { if let Some(a) = b { let c = d && e; } }",
        "fn f() { if a && b { let c = d; } }",
        "fn f() { if let Some(&&a) = b.filter(|it| it && c) { } }",
        "fn f() { let a = b && c; if let D = d { } }",
        "fn f() { match a { b if c && d => 1, _ => { let e = 2; } } }",
    ] {
        assert_eq!(lines_with_let_chains(harmless).len(), 0, "{harmless}");
    }
}
