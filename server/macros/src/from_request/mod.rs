//! `#[derive(FromRequest)]` and `#[derive(FromRequestParts)]`: an extractor made of extractors.
//!
//! There are two kinds. By default each field is extracted by itself, in their order, and only the
//! last may take the body (`fields.rs`). With `#[from_request(via(Json))]` on the struct the whole
//! of it is what lies in that extractor (`whole.rs`).
//!
//! The extractor works with every state, unless it says which it needs: by `state(..)`, or because
//! it takes a `State<T>`.

mod attributes;
mod fields;
mod whole;

use attributes::Attributes;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{Data, DataEnum, DeriveInput, Error, Result, Type};

/// Which of the two traits is derived.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trait {
    /// `FromRequest`
    Request,
    /// `FromRequestParts`
    Parts,
}

impl Trait {
    fn name(self) -> Ident {
        let name = match self {
            Trait::Request => "FromRequest",
            Trait::Parts => "FromRequestParts",
        };
        Ident::new(name, Span::call_site())
    }
}

/// With which states the extractor works.
enum State {
    /// With this one.
    One(Box<Type>),
    /// With all of them: a parameter of the implementation.
    Every(Ident),
}

impl State {
    fn new(one: Option<Type>) -> State {
        match one {
            Some(state) => State::One(Box::new(state)),
            None => State::Every(Ident::new("__State", Span::mixed_site())),
        }
    }

    /// The parameter that the implementation needs for it.
    fn parameter(&self) -> Option<&Ident> {
        match self {
            State::One(_) => None,
            State::Every(parameter) => Some(parameter),
        }
    }
}

impl ToTokens for State {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            State::One(state) => state.to_tokens(tokens),
            State::Every(parameter) => parameter.to_tokens(tokens),
        }
    }
}

/// Expands one of the derives.
pub(crate) fn expand(kind: Trait, item: TokenStream) -> Result<TokenStream> {
    let input: DeriveInput = syn::parse2(item)?;
    let attributes = Attributes::of_container(&input.attrs)?;
    match (&input.data, attributes.via.clone()) {
        (Data::Union(_), _) => Err(Error::new_spanned(
            &input.ident,
            "an extractor is a struct or an enum: this is a union",
        )),
        (data, Some(via)) => {
            refuse_inner_attributes(data)?;
            whole::expand(kind, &input, &via, attributes)
        }
        (Data::Struct(data), None) => fields::expand(kind, &input, data, attributes),
        (Data::Enum(data), None) => {
            no_attributes_in(data)?;
            let message = format!(
                "`#[derive({})]` needs to know how an enum is extracted: write \
                 `#[from_request(via(..))]` on it",
                kind.name()
            );
            Err(Error::new_spanned(&input.ident, message))
        }
    }
}

/// Fields and variants say nothing if the whole is extracted at once.
fn refuse_inner_attributes(data: &Data) -> Result<()> {
    let why = "`via` stands on the whole type already: a field is not extracted by itself";
    match data {
        Data::Struct(data) => data
            .fields
            .iter()
            .try_for_each(|field| Attributes::refuse(&field.attrs, why)),
        Data::Enum(data) => no_attributes_in(data),
        Data::Union(_) => Ok(()),
    }
}

fn no_attributes_in(data: &DataEnum) -> Result<()> {
    let why = "`#[from_request(..)]` stands on the enum, not on a variant or its fields";
    data.variants.iter().try_for_each(|variant| {
        Attributes::refuse(&variant.attrs, why)?;
        let mut fields = variant.fields.iter();
        fields.try_for_each(|field| Attributes::refuse(&field.attrs, why))
    })
}

/// The implementation: its head, the type of its rejection, and its body, which may use `request`
/// or `parts`, and `state`.
fn implement(
    kind: Trait,
    krate: &TokenStream,
    head: &TokenStream,
    state: &State,
    rejection: &TokenStream,
    body: &TokenStream,
) -> TokenStream {
    let site = Span::mixed_site();
    let [request, parts, state_argument] =
        ["request", "parts", "state"].map(|name| Ident::new(name, site));
    let (name, argument) = match kind {
        Trait::Request => (
            quote! { from_request },
            quote! { #request: #krate::extract::Request },
        ),
        Trait::Parts => (
            quote! { from_request_parts },
            quote! { #parts: &mut #krate::http::request::Parts },
        ),
    };
    quote! {
        #[automatically_derived]
        #[allow(unused_variables)]
        #head {
            type Rejection = #rejection;

            async fn #name(
                #argument,
                #state_argument: &#state,
            ) -> ::core::result::Result<Self, Self::Rejection> {
                #body
            }
        }
    }
}
