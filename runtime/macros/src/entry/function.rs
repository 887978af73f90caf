//! The function under `#[main]` or `#[test]`: taken apart, checked, put together again.
//!
//! Its body stays the heap of tokens that it is. The compiler parses it right after us,
//! knows more syntax than we do and gives better errors, so all that is looked for in it
//! are inner attributes (`#![allow(...)]`): they may stand in a function's body, but not
//! in the `async` block that the body becomes, and move up to the function.
//!
//! **The return type.** A mistake in the body's last expression has to be reported there,
//! although the body is no longer that of a function with a return type, only of a block
//! whose type is inferred. So the block begins with a `return` that never runs and that
//! tells the compiler what is expected:
//!
//! ```text
//! async {
//!     if let Some(value) = None::<Result<(), Error>> { return value; }
//!     serve().await
//! }
//! ```
//!
//! Two kinds of type cannot be written there, `!` and `impl Trait`: they go without.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::{AttrStyle, Attribute, Error, Result, ReturnType, Signature, Type, Visibility, braced};

use super::Kind;
use super::args::Config;
use crate::manifest;

/// `async fn`, as far as it needs to be understood.
pub(super) struct AsyncFn {
    attributes: Vec<Attribute>,
    visibility: Visibility,
    signature: Signature,
    body: TokenStream,
}

impl Parse for AsyncFn {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        let signature = input.parse()?;
        let content;
        braced!(content in input);
        let inner = content.call(Attribute::parse_inner)?;
        attributes.extend(inner.into_iter().map(outer));
        let body = content.parse()?;
        Ok(AsyncFn {
            attributes,
            visibility,
            signature,
            body,
        })
    }
}

impl AsyncFn {
    /// Whether the attribute can be here at all.
    pub(super) fn check(&self, kind: Kind) -> Result<()> {
        let signature = &self.signature;
        if signature.asyncness.is_none() {
            let message = format!(
                "`#[{}]` needs an `async fn`: the `async` is missing",
                kind.name()
            );
            return Err(Error::new_spanned(signature.fn_token, message));
        }
        if kind == Kind::Main && signature.ident == "main" && !signature.inputs.is_empty() {
            let message = "the `main` function cannot take arguments: see `std::env::args`";
            return Err(Error::new_spanned(&signature.inputs, message));
        }
        match self.attributes.iter().find(|attribute| is_test(attribute)) {
            Some(second) if kind == Kind::Test => {
                let message = "this is a test already: one of the two test attributes has to go";
                Err(Error::new_spanned(second, message))
            }
            _ => Ok(()),
        }
    }

    /// The function that builds a runtime and blocks on the body.
    pub(super) fn expand(self, kind: Kind, config: &Config) -> TokenStream {
        let site = Span::mixed_site();
        let krate = match &config.krate {
            Some(path) => path.to_token_stream(),
            None => {
                let name = Ident::new(&manifest::crate_name("runtime"), Span::call_site());
                quote_spanned! {Span::call_site()=> ::#name }
            }
        };
        let body = self.async_body(kind, &krate);
        let warnings = warnings(config, &krate);
        let start_paused = config
            .start_paused
            .map(|paused| quote_spanned! {site=> .start_paused(#paused) });
        let test = (kind == Kind::Test).then(|| quote! { #[::core::prelude::v1::test] });
        let AsyncFn {
            attributes,
            visibility,
            mut signature,
            ..
        } = self;
        signature.asyncness = None;
        quote_spanned! {site=>
            #(#attributes)*
            #test
            #visibility #signature {
                #warnings
                #body
                // A body of type `!` makes a `return` that never returns.
                #[allow(clippy::diverging_sub_expression)]
                {
                    return #krate::runtime::Builder::new_current_thread()
                        .enable_all()
                        #start_paused
                        .build()
                        .expect("Failed building the Runtime")
                        .block_on(body);
                }
            }
        }
    }

    /// `let body = ...`. A test's is behind a `dyn`, so that a program of a thousand
    /// tests compiles one `block_on` for each return type and not a thousand.
    fn async_body(&self, kind: Kind, krate: &TokenStream) -> TokenStream {
        let site = Span::mixed_site();
        let tokens = &self.body;
        let Some(output) = self.nameable_output() else {
            return quote_spanned! {site=> let body = async { #tokens }; };
        };
        let body = quote_spanned! {site=>
            let body = async {
                if let ::core::option::Option::Some(value) = ::core::option::Option::None::<#output> {
                    return value;
                }
                #tokens
            };
        };
        if kind == Kind::Main {
            return body;
        }
        quote_spanned! {site=>
            #body
            let body = #krate::macros::support::pin!(body);
            let body: ::core::pin::Pin<&mut dyn ::core::future::Future<Output = #output>> = body;
        }
    }

    /// The return type, if it can be written in a body.
    fn nameable_output(&self) -> Option<TokenStream> {
        match &self.signature.output {
            ReturnType::Default => Some(quote_spanned! {Span::mixed_site()=> () }),
            ReturnType::Type(_, output) if matches!(**output, Type::Never(_)) => None,
            ReturnType::Type(_, output) => {
                let tokens = output.to_token_stream();
                (!mentions_impl(tokens.clone())).then_some(tokens)
            }
        }
    }
}

/// The uses of deprecated constants, each at the argument that it warns about.
fn warnings(config: &Config, krate: &TokenStream) -> TokenStream {
    let uses = config.warnings.iter().map(|(warning, span)| {
        let constant = Ident::new(warning.constant(), *span);
        quote_spanned! {*span=> let () = #krate::macros::support::#constant; }
    });
    quote! { #(#uses)* }
}

/// Whether `impl` stands anywhere in a type.
fn mentions_impl(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == "impl",
        TokenTree::Group(group) => mentions_impl(group.stream()),
        _ => false,
    })
}

/// `#[test]` by one of the names that the standard library gives it.
fn is_test(attribute: &Attribute) -> bool {
    let segments: Vec<_> = attribute
        .path()
        .segments
        .iter()
        .map(|segment| segment.ident.to_string())
        .collect();
    matches!(
        segments.iter().map(String::as_str).collect::<Vec<_>>()[..],
        ["test"] | ["core" | "std", "prelude", _, "test"]
    )
}

fn outer(attribute: Attribute) -> Attribute {
    Attribute {
        style: AttrStyle::Outer,
        ..attribute
    }
}
