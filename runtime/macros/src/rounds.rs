//! Asking every branch once: the loop that `select!` and `join!` have in common.
//!
//! Both macros hold several futures and poll them one after another. If they always
//! began with the first one, a first future that always has something to do could keep
//! the last one waiting for ever (each of them spends from the same budget). So a
//! **round** begins at some branch and wraps around at the end, and the two macros only
//! differ in how they choose the start: `select!` draws it, `join!` moves it on by one.
//!
//! ```text
//! let start = ...;
//! let mut branch = start;
//! loop {
//!     match branch {
//!         0 => { /* poll the first */ }
//!         1 => { /* poll the second */ }
//!         _ => { /* poll the last */ }
//!     }
//!     branch = if branch == 2 { 0 } else { branch + 1 };
//!     if branch == start { break; }
//! }
//! ```
//!
//! One comparison takes the place of a remainder, and the last arm is `_`, so that there
//! is no unreachable arm to panic in. With `biased;`, or with a single branch, there is
//! nothing to choose and the round is the branches written one after another.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::quote_spanned;
use syn::parse::{Parse, ParseStream};
use syn::{Token, custom_keyword};

custom_keyword!(biased);

/// Whether the branches are asked in the order in which they stand: the word `biased;`
/// at the beginning, taken off the input if it is there.
pub(crate) fn parse_biased(input: ParseStream<'_>) -> syn::Result<bool> {
    let found = input.peek(biased) && input.peek2(Token![;]);
    if found {
        biased::parse(input)?;
        input.parse::<Token![;]>()?;
    }
    Ok(found)
}

/// One round over `branches`, the first of which is the one that `start` evaluates to.
pub(crate) fn round(start: &TokenStream, branches: &[TokenStream]) -> TokenStream {
    let Some((last, others)) = branches.split_last() else {
        return TokenStream::new();
    };
    let index = (0..).map(Literal::u32_unsuffixed);
    let last_index = Literal::usize_unsuffixed(others.len());
    quote_spanned! {Span::mixed_site()=>
        let start: u32 = #start;
        let mut branch = start;
        loop {
            match branch {
                #(#index => { #others })*
                _ => { #last }
            }
            branch = if branch == #last_index { 0 } else { branch + 1 };
            if branch == start {
                break;
            }
        }
    }
}

/// The variable that holds the future of branch `number`.
///
/// It stands at the user's own expression, so that what the compiler has to say about
/// the future (that it is none, say) is said there.
pub(crate) fn future_ident(number: usize, expression: Span) -> Ident {
    let span = Span::mixed_site().located_at(expression);
    Ident::new(&format!("future{number}"), span)
}

/// `future.as_mut()`, for the next poll; at the user's expression too.
pub(crate) fn as_mut(future: &Ident) -> TokenStream {
    quote_spanned! {future.span()=> #future.as_mut() }
}
