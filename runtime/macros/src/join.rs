//! `join!` and `try_join!`: all futures at once, and a tuple of what they answered.
//!
//! What the expansion looks like is shown at the top of `runtime/src/macros/join.rs`.
//! Here it is made. The two macros differ in a single place: what is done when a branch
//! has completed, and what the tuple is wrapped in.

use proc_macro2::{Ident, Literal, Span, TokenStream, TokenTree};
use quote::quote_spanned;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Expr, Result, Token};

use crate::rounds;

/// Which of the two is expanded.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    /// Waits for all of them.
    Join,
    /// Waits for all of them, or for the first error.
    TryJoin,
}

/// Expands `$crate` followed by what the user wrote.
pub(crate) fn expand(kind: Kind, input: TokenStream) -> TokenStream {
    let join = match syn::parse2::<Join>(input) {
        Ok(join) => join,
        Err(error) => return error.into_compile_error(),
    };
    let krate = &join.krate;
    let inside = match join.futures.is_empty() {
        true => nothing(kind),
        false => all(kind, &join),
    };
    quote_spanned! {Span::mixed_site()=> {
        use #krate::macros::support as __support;
        #inside
    }}
}

/// `biased;`? and a list of futures.
struct Join {
    /// `$crate`: where the expansion finds what it needs.
    krate: TokenTree,
    biased: bool,
    futures: Vec<Expr>,
}

impl Parse for Join {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let krate = input.parse()?;
        let biased = rounds::parse_biased(input)?;
        let futures = Punctuated::<Expr, Token![,]>::parse_terminated(input)?;
        Ok(Join {
            krate,
            biased,
            futures: futures.into_iter().collect(),
        })
    }
}

/// No futures: no waiting. It still has to stand in an async context, like all others.
fn nothing(kind: Kind) -> TokenStream {
    let site = Span::mixed_site();
    let answer = wrap(kind, &quote_spanned! {site=> () });
    quote_spanned! {site=> __support::ready(#answer).await }
}

fn all(kind: Kind, join: &Join) -> TokenStream {
    let expressions = &join.futures;
    let idents = expressions.iter().enumerate();
    let futures: Vec<_> = idents
        .map(|(n, e)| rounds::future_ident(n, e.span()))
        .collect();
    let pins = futures.iter().rev().map(pin);
    let (before, round) = round(kind, join.biased, &futures);
    let outputs = futures.iter().map(|future| output(kind, future));
    let site = Span::mixed_site();
    let answer = wrap(kind, &quote_spanned! {site=> (#(#outputs,)*) });
    quote_spanned! {site=>
        #(let #futures = #expressions;)*
        #(#pins)*
        #before
        let output = __support::poll_fn(move |cx| {
            let mut pending = false;
            #round
            if pending {
                return __support::Poll::Pending;
            }
            #[allow(unreachable_code)]
            { __support::Poll::Ready(#answer) }
        })
        .await;
        output
    }
}

/// Puts a future where it will stay. If it is none, that is said where it stands.
fn pin(future: &Ident) -> TokenStream {
    let maybe_done = quote_spanned! {future.span()=> __support::maybe_done(#future) };
    quote_spanned! {Span::mixed_site()=> let mut #future = __support::pin!(#maybe_done); }
}

/// The polling of all of them, and what has to stand before the closure for it.
fn round(kind: Kind, biased: bool, futures: &[Ident]) -> (TokenStream, TokenStream) {
    let site = Span::mixed_site();
    let polls: Vec<_> = futures.iter().map(|future| poll(kind, future)).collect();
    if biased || futures.len() == 1 {
        return (TokenStream::new(), polls.into_iter().collect());
    }
    let before = quote_spanned! {site=> let mut first = 0; };
    let last = Literal::usize_unsuffixed(futures.len() - 1);
    let round = rounds::round(&quote_spanned! {site=> first }, &polls);
    let next = quote_spanned! {site=> first = if first == #last { 0 } else { first + 1 }; };
    (before, quote_spanned! {site=> #round #next })
}

fn poll(kind: Kind, future: &Ident) -> TokenStream {
    let as_mut = rounds::as_mut(future);
    let completed = match kind {
        Kind::Join => TokenStream::new(),
        // At the user's expression, so that two different error types are reported there.
        Kind::TryJoin => quote_spanned! {future.span()=>
            else if let __support::Option::Some(error) = __support::take_error(#as_mut) {
                return __support::Poll::Ready(__support::Result::Err(error));
            }
        },
    };
    quote_spanned! {Span::mixed_site()=>
        if __support::Future::poll(#as_mut, cx).is_pending() {
            pending = true;
        }
        #completed
    }
}

fn output(kind: Kind, future: &Ident) -> TokenStream {
    let take = match kind {
        Kind::Join => "take_output",
        Kind::TryJoin => "take_ok",
    };
    let take = Ident::new(take, future.span());
    let as_mut = rounds::as_mut(future);
    quote_spanned! {future.span()=> __support::#take(#as_mut) }
}

fn wrap(kind: Kind, tuple: &TokenStream) -> TokenStream {
    match kind {
        Kind::Join => tuple.clone(),
        Kind::TryJoin => quote_spanned! {Span::mixed_site()=> __support::Result::Ok(#tuple) },
    }
}
