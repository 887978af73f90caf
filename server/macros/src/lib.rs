//! The procedural macros of the crate `server`: `#[debug_handler]`, `#[debug_middleware]`, and
//! `#[derive(..)]` for `FromRequest`, `FromRequestParts` and `FromRef`.
//!
//! No program depends on this crate directly: `server` re-exports the macros. They stand in a crate
//! of their own, and not in `runtime-macros`, so that a program that uses the runtime alone does not
//! compile them.
//!
//! | file | what it turns into what |
//! |---|---|
//! | `debug/` | a handler into itself, with checks that name the argument or the result that is wrong |
//! | `from_request/` | a struct whose fields are extractors into an extractor |
//! | `from_ref.rs` | a state into the parts that `State<T>` takes from it |
//! | `types.rs` | how the macros look at a type that is only tokens |
//! | `manifest.rs`, `toml.rs` of `runtime-macros` | under which name the user's package knows the crate `server` |
//!
//! A macro sees tokens and no types. So the checks that need types are code: the macro writes a
//! call of a function with a trait bound, at the place of the user's type, and the compiler
//! reports there what the trait says of a type that lacks it (`diagnostic::on_unimplemented`).
//!
//! How it can go wrong: an attribute that answers a mistake with nothing but an error takes the
//! function away, and the compiler then reports that the function is missing. So the item always
//! stays, and the error stands beside it.
#![forbid(unsafe_code)]

mod debug;
mod from_ref;
mod from_request;
mod manifest;
mod toml;
mod types;

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

/// (Expanded by `debug/` in the crate `server-macros`.)
#[proc_macro_attribute]
pub fn debug_handler(
    args: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    debug::expand(debug::Kind::Handler, args.into(), item.into()).into()
}

/// (Expanded by `debug/` in the crate `server-macros`.)
#[proc_macro_attribute]
pub fn debug_middleware(
    args: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    debug::expand(debug::Kind::Middleware, args.into(), item.into()).into()
}

/// (Expanded by `from_request/` in the crate `server-macros`.)
#[proc_macro_derive(FromRequest, attributes(from_request))]
pub fn derive_from_request(item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    or_error(from_request::expand(
        from_request::Trait::Request,
        item.into(),
    ))
}

/// (Expanded by `from_request/` in the crate `server-macros`.)
#[proc_macro_derive(FromRequestParts, attributes(from_request))]
pub fn derive_from_request_parts(item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    or_error(from_request::expand(
        from_request::Trait::Parts,
        item.into(),
    ))
}

/// (Expanded by `from_ref.rs` in the crate `server-macros`.)
#[proc_macro_derive(FromRef, attributes(from_ref))]
pub fn derive_from_ref(item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    or_error(from_ref::expand(item.into()))
}

fn or_error(expanded: syn::Result<TokenStream>) -> proc_macro::TokenStream {
    expanded
        .unwrap_or_else(|error| error.to_compile_error())
        .into()
}

/// The path of the crate `server` in the user's package.
fn krate() -> TokenStream {
    let name = Ident::new(&manifest::crate_name("server"), Span::call_site());
    quote! { ::#name }
}
