//! The procedural macros of the crate `runtime`.
//!
//! A procedural macro is a small compiler pass: it is given the tokens that the user
//! wrote and answers with the tokens that the compiler shall see instead. It lives in a
//! crate of its own because it must be compiled, and run, before the crate that uses it.
//! No program depends on this crate directly; `runtime` re-exports what is for users and
//! keeps the rest behind its own `macro_rules!`.
//!
//! | file | what it turns into what |
//! |---|---|
//! | `entry/` | `#[main]` and `#[test]`: an `async fn` into a plain one that builds a runtime and blocks on the body |
//! | `select/` | `select!`: branches into one `poll_fn` and one `match` |
//! | `join.rs` | `join!` and `try_join!`: a list of futures into one `poll_fn` and a tuple |
//! | `fragments.rs` | before all: what a user's macro passed on as one piece stays one piece |
//! | `manifest.rs`, `toml.rs` | under which name the user's package knows the crate `runtime` |
//! | `sim_test.rs` | `#[sim_test]`: a function that is given a simulation, into a test of many seeds |
//! | `rounds.rs` | what select and join share: ask every branch once, starting somewhere |
//!
//! Why select and join are here and not in `macro_rules!`: those can only walk a list by
//! calling themselves once for each element, which quadratically copies tokens, spends
//! the compiler's `recursion_limit` and reports errors in terms of the macro's insides.
//! Here a branch is a struct, and its errors carry the place where the user wrote it.
//!
//! How it can go wrong: a name that the expansion introduces may collide with a name of
//! the user's. Local variables of an expansion therefore carry `Span::mixed_site()`,
//! which makes them invisible to the user's tokens (and the user's to them), and every
//! path starts at the crate that the caller named, or that its `Cargo.toml` names.
#![forbid(unsafe_code)]

mod entry;
mod fragments;
mod join;
mod manifest;
mod rounds;
mod select;
mod sim_test;
mod toml;

use fragments::keep_together;
use proc_macro::TokenStream;

/// (Expanded by `entry/` in the crate `runtime-macros`.)
#[proc_macro_attribute]
pub fn main(args: TokenStream, item: TokenStream) -> TokenStream {
    entry::expand(entry::Kind::Main, args.into(), keep_together(item.into())).into()
}

/// (Expanded by `entry/` in the crate `runtime-macros`.)
#[proc_macro_attribute]
pub fn test(args: TokenStream, item: TokenStream) -> TokenStream {
    entry::expand(entry::Kind::Test, args.into(), keep_together(item.into())).into()
}

/// (Expanded by `sim_test.rs` in the crate `runtime-macros`.)
#[proc_macro_attribute]
pub fn sim_test(args: TokenStream, item: TokenStream) -> TokenStream {
    sim_test::expand(args.into(), item.into()).into()
}

/// What `runtime::select!` hands its tokens to, after the path of the crate.
#[doc(hidden)]
#[proc_macro]
pub fn select(input: TokenStream) -> TokenStream {
    select::expand(keep_together(input.into())).into()
}

/// What `runtime::join!` hands its tokens to, after the path of the crate.
#[doc(hidden)]
#[proc_macro]
pub fn join(input: TokenStream) -> TokenStream {
    join::expand(join::Kind::Join, keep_together(input.into())).into()
}

/// What `runtime::try_join!` hands its tokens to, after the path of the crate.
#[doc(hidden)]
#[proc_macro]
pub fn try_join(input: TokenStream) -> TokenStream {
    join::expand(join::Kind::TryJoin, keep_together(input.into())).into()
}
