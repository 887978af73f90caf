//! The code that a `select!` becomes.
//!
//! Three parts, in the order in which they run: the conditions; an inner scope with the
//! futures, which ends (and drops them) as soon as one has answered; the `match` with the
//! handlers.
//!
//! Two things deserve a word.
//!
//! **Asking whether a pattern matches, without taking the value apart.** The pattern has
//! to be tried while the futures are still alive (if it does not match, they go on), but
//! its bindings belong to the handler, which runs later. Matching on a reference would
//! ask a different question: `&` patterns and edition 2024's rules of default binding
//! modes do not survive it. So the value itself is matched, with the user's own pattern
//! and a guard that notes "it matched" and then refuses. An arm moves its bindings only
//! after its guard has agreed; this one never does, and nothing is moved.
//!
//! **The order of dropping.** Local variables are dropped last to first. The futures are
//! therefore pinned last to first, so that they are dropped in the order of the branches,
//! as Tokio's are.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{format_ident, quote_spanned};
use syn::spanned::Spanned;

use super::parse::{Branch, Select};
use crate::rounds;

/// The block that takes the macro's place.
pub(super) fn select(select: &Select) -> TokenStream {
    let site = Span::mixed_site();
    if select.branches.is_empty() {
        let otherwise = &select.otherwise;
        return quote_spanned! {site=> match () { () => #otherwise } };
    }
    let krate = &select.krate;
    let output_enum = output_enum(select.branches.len());
    let disabled = disabled(&select.branches);
    let race = race(select);
    let handlers = handlers(select);
    quote_spanned! {site=> {
        use #krate::macros::support as __support;
        #output_enum
        #disabled
        let mut output = { #race };
        #handlers
    }}
}

/// The type of "this branch has won, with this value".
fn output_enum(count: usize) -> TokenStream {
    let types: Vec<_> = (0..count)
        .map(|number| format_ident!("T{number}"))
        .collect();
    let variants = (0..count).map(variant);
    quote_spanned! {Span::mixed_site()=>
        enum __Output<#(#types),*> {
            #(#variants(#types),)*
            AllDisabled,
        }
    }
}

/// Evaluates every condition, and notes which branches are out.
fn disabled(branches: &[Branch]) -> TokenStream {
    let site = Span::mixed_site();
    let mask = mask_type(branches.len());
    let conditions = branches.iter().enumerate().filter_map(|(number, branch)| {
        let condition = branch.condition.as_ref()?;
        let bit = bit(number);
        Some(quote_spanned! {site=>
            let enabled: bool = #condition;
            if !enabled {
                disabled |= #bit;
            }
        })
    });
    quote_spanned! {site=>
        let mut disabled: #mask = 0;
        #(#conditions)*
    }
}

/// The inside of the inner scope: the futures, and the polling of them.
fn race(select: &Select) -> TokenStream {
    let futures = select
        .branches
        .iter()
        .enumerate()
        .map(|(n, branch)| future(n, branch));
    let expressions = select.branches.iter().map(|branch| &branch.future);
    let pins = select
        .branches
        .iter()
        .enumerate()
        .rev()
        .map(|(n, branch)| pin(&future(n, branch)));
    let round = round(select);
    quote_spanned! {Span::mixed_site()=>
        #(let #futures = #expressions;)*
        #(#pins)*
        let output = __support::poll_fn(move |cx| {
            __support::ready!(__support::poll_budget_available(cx));
            let mut pending = false;
            #round
            if pending {
                __support::Poll::Pending
            } else {
                __support::Poll::Ready(__Output::AllDisabled)
            }
        })
        .await;
        output
    }
}

/// Puts a future where it will stay. If it is none, that is said where it stands.
fn pin(future: &Ident) -> TokenStream {
    let into_future = quote_spanned! {future.span()=> __support::IntoFuture::into_future(#future) };
    quote_spanned! {Span::mixed_site()=> let mut #future = __support::pin!(#into_future); }
}

/// The polling of every branch, once.
fn round(select: &Select) -> TokenStream {
    let branches = select.branches.iter().enumerate();
    let polls: Vec<_> = branches
        .map(|(number, branch)| poll(number, branch))
        .collect();
    if select.biased || polls.len() == 1 {
        return polls.into_iter().collect();
    }
    let count = Literal::usize_unsuffixed(polls.len());
    let start = quote_spanned! {Span::mixed_site()=> __support::thread_rng_n(#count) };
    rounds::round(&start, &polls)
}

/// Polls one branch, unless it is disabled; returns from the closure if it has won.
///
/// An arm that leaves the block stands beside the value, so that the value of a branch that never
/// is ready, and of which nothing else tells the type, has one: the compiler falls back.
fn poll(number: usize, branch: &Branch) -> TokenStream {
    let (bit, variant) = (bit(number), variant(number));
    let future = rounds::as_mut(&future(number, branch));
    let pattern = &branch.pattern;
    quote_spanned! {Span::mixed_site()=>
        #[allow(unreachable_code, unreachable_patterns, unused_variables, unused_mut)]
        'branch: {
            if disabled & #bit != 0 {
                break 'branch;
            }
            let mut value = match __support::Future::poll(#future, cx) {
                __support::Poll::Ready(value) => value,
                __support::Poll::Pending => {
                    pending = true;
                    break 'branch;
                }
            };
            let mut matches = false;
            match value {
                #pattern if { matches = true; false } => __support::unreachable!(),
                _ => {}
            }
            if matches {
                return __support::Poll::Ready(__Output::#variant(value));
            }
            disabled |= #bit;
        }
    }
}

/// Takes the winner's value apart and runs its handler.
fn handlers(select: &Select) -> TokenStream {
    let site = Span::mixed_site();
    let variants = (0..select.branches.len()).map(variant);
    let patterns = select.branches.iter().map(|branch| &branch.pattern);
    let handlers = select.branches.iter().map(|branch| &branch.handler);
    let otherwise = match &select.otherwise {
        Some(otherwise) => otherwise.clone(),
        None => quote_spanned! {site=> __support::all_branches_disabled() },
    };
    quote_spanned! {site=>
        match output {
            #(__Output::#variants(#patterns) => #handlers,)*
            __Output::AllDisabled => #otherwise,
            #[allow(unreachable_patterns)]
            _ => __support::unreachable!(),
        }
    }
}

fn future(number: usize, branch: &Branch) -> Ident {
    rounds::future_ident(number, branch.future.span())
}

fn variant(number: usize) -> Ident {
    format_ident!("Branch{number}", span = Span::mixed_site())
}

/// The bit of a branch in the mask of disabled ones.
fn bit(number: usize) -> Literal {
    Literal::u64_unsuffixed(1 << number)
}

/// The smallest integer with a bit for each branch: it is part of the future's size.
fn mask_type(count: usize) -> Ident {
    let name = match count {
        0..=8 => "u8",
        9..=16 => "u16",
        17..=32 => "u32",
        _ => "u64",
    };
    Ident::new(name, Span::mixed_site())
}
