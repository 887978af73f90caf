//! The result of a handler: what can become a response.
//!
//! A tuple is looked at element by element, and so are both sides of a `Result`: the error then
//! points to the element that is wrong.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{ReturnType, Signature, Type, TypeTuple};

use super::named;
use crate::types;

/// Names of what may stand first in a tuple besides the parts of a head.
const FIRST: [&str; 3] = ["StatusCode", "Parts", "Response"];

/// As many parts as may stand in a tuple.
const MOST: usize = 16;

/// The checks of the result.
pub(super) fn checks(check: &TokenStream, signature: &Signature) -> TokenStream {
    let ReturnType::Type(_, ty) = &signature.output else {
        return TokenStream::new();
    };
    if signature.asyncness.is_none() {
        return future(check, ty);
    }
    // The types of `async fn`s and closures have no name, so no check can be written; the
    // router will see.
    if types::mentions(ty.to_token_stream(), "impl") {
        return TokenStream::new();
    }
    value(check, ty)
}

/// A function that is not async returns a future.
fn future(check: &TokenStream, ty: &Type) -> TokenStream {
    if types::mentions(ty.to_token_stream(), "impl") {
        return TokenStream::new();
    }
    let function = named("future", ty.span());
    quote_spanned! {ty.span()=> #check::#function::<#ty, _>(); }
}

fn value(check: &TokenStream, ty: &Type) -> TokenStream {
    if let Type::Tuple(tuple) = ty {
        return elements(check, tuple);
    }
    match types::arguments_of(ty, "Result").as_deref() {
        Some([ok]) => value(check, ok),
        Some([ok, error]) => {
            let (ok, error) = (value(check, ok), value(check, error));
            quote! { #ok #error }
        }
        _ if matches!(ty, Type::Never(_)) => {
            let message = "a handler returns what can become a response: `!` never does";
            syn::Error::new_spanned(ty, message).to_compile_error()
        }
        _ => one(check, "response", ty),
    }
}

/// The elements of a tuple: a status or a head, parts, and what makes the response.
fn elements(check: &TokenStream, tuple: &TypeTuple) -> TokenStream {
    let all: Vec<_> = tuple.elems.iter().collect();
    let Some((last, before)) = all.split_last() else {
        return TokenStream::new();
    };
    let is_first = |ty: &Type| types::name(ty).is_some_and(|name| FIRST.contains(&name.as_str()));
    let (first, parts) = match before.split_first() {
        Some((first, rest)) if is_first(first) => (Some(*first), rest),
        _ => (None, before),
    };
    if let Some(one_too_many) = parts.get(MOST) {
        let message = format!("at most {MOST} parts may stand before the body of a response");
        return syn::Error::new_spanned(one_too_many, message).to_compile_error();
    }
    let first = first.map(|ty| one(check, "first", ty));
    let parts = parts.iter().map(|ty| one(check, "part", ty));
    let last = one(check, "response", last);
    quote! { #first #(#parts)* #last }
}

fn one(check: &TokenStream, function: &str, ty: &Type) -> TokenStream {
    let function = named(function, ty.span());
    quote_spanned! {ty.span()=> #check::#function::<#ty>(); }
}
