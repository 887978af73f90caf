//! `#[debug_handler]` and `#[debug_middleware]`: what is wrong with a function that is no handler.
//!
//! The compiler says of such a function that it "is not a handler", and cannot say why: a handler
//! is a function with up to 16 arguments of any types, so there are many reasons. The attribute
//! knows the function. It looks at each argument and at the result by itself, and each mistake is
//! reported where it stands.
//!
//! ```text
//! #[debug_handler]                     async fn add(name: String, list: State<List>) -> Answer {
//! async fn add(                            const _: fn() = || {
//!     name: String,                            // the argument `name` comes before the last
//!     list: State<List>,         ⟶            check::before_the_last::<String, List>();
//! ) -> Answer {                                check::last::<State<List>, List, _>();
//!     ..                                       check::result::<Answer>();
//! }                                        };
//!                                          ..
//!                                      }
//! ```
//!
//! The checks are never called, so the program is the same with and without them. They stand in
//! the function: a name that only the function sees is right there too. In an `impl` they
//! stand beside it if they need `Self`, which an item inside a function cannot name.
//!
//! Nothing here has to be `Send`, so there is no check of it.

mod arguments;
mod function;
mod result;

use arguments::Arguments;
use function::Function;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::{Result, Type};

use crate::types;

/// Which of the two attributes is expanded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `#[debug_handler]`
    Handler,
    /// `#[debug_middleware]`
    Middleware,
}

impl Kind {
    /// What the function is.
    fn noun(self) -> &'static str {
        match self {
            Kind::Handler => "handler",
            Kind::Middleware => "middleware",
        }
    }
}

/// Expands one of the attributes on one function.
pub(crate) fn expand(kind: Kind, args: TokenStream, item: TokenStream) -> TokenStream {
    let mut function = match syn::parse2::<Function>(item.clone()) {
        Ok(function) => function,
        Err(_) => {
            let message = format!("a {} is a function: this is none", kind.noun());
            return beside(item, &syn::Error::new(Span::call_site(), message));
        }
    };
    let checks = state_argument(args).and_then(|state| checks(kind, &function, state));
    match checks {
        Ok(checks) if function.mentions_self() => {
            let name = format_ident!("__check_{}", function.signature.ident);
            let item = quote! { #function };
            quote! {
                #item
                #[doc(hidden)]
                #[allow(dead_code, deprecated, non_snake_case)]
                fn #name() { #checks }
            }
        }
        Ok(checks) => {
            function.put_first(&quote! {
                #[allow(deprecated)]
                const _: fn() = || { #checks };
            });
            quote! { #function }
        }
        Err(error) => beside(item, &error),
    }
}

/// `state = Type`, or nothing.
fn state_argument(args: TokenStream) -> Result<Option<Type>> {
    let mut state = None;
    let read = syn::meta::parser(|meta| {
        if !meta.path.is_ident("state") {
            return Err(meta.error("expected `state = YourState`, or nothing"));
        }
        if state.is_some() {
            return Err(meta.error("`state` was given before: once is enough"));
        }
        state = Some(meta.value()?.parse()?);
        Ok(())
    });
    syn::parse::Parser::parse2(read, args)?;
    Ok(state)
}

/// All checks of a function, or what is wrong with it as it is written.
fn checks(kind: Kind, function: &Function, state: Option<Type>) -> Result<TokenStream> {
    let krate = crate::krate();
    let check = quote! { #krate::macros::check };
    function.check(kind)?;
    let arguments = Arguments::of(kind, &function.signature)?;
    let state = match state {
        Some(state) => state,
        None => arguments
            .state()?
            .unwrap_or_else(|| syn::parse_quote! { () }),
    };
    let of_arguments = arguments.checks(&check, &state);
    let of_result = result::checks(&check, &function.signature);
    Ok(quote! { #of_arguments #of_result })
}

/// The item, with a compile error after it.
fn beside(mut item: TokenStream, error: &syn::Error) -> TokenStream {
    item.extend(error.to_compile_error());
    item
}

/// A name of the checks' module.
fn named(name: &str, span: Span) -> Ident {
    Ident::new(name, span)
}

/// The help that goes with a state that could not be told.
const SAY_THE_STATE: &str = "#[debug_handler(state = YourState)]";

/// The one state that the arguments take.
fn state_of(types: &[&Type]) -> Result<Option<Type>> {
    let states = types.iter().filter_map(|ty| types::state_of(ty));
    types::only_one(states.collect(), SAY_THE_STATE)
}
