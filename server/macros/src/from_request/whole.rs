//! The whole type at once: it is what lies in another extractor.
//!
//! ```text
//! #[derive(FromRequest)]                      impl<S, T> FromRequest<S> for Sent<T>
//! #[from_request(via(Json))]                  where Json<T>: FromRequest<S>
//! struct Sent<T>(T);                  ⟶      {
//!                                                 type Rejection = Response;
//!                                                 … Json<T> from the request, `.0`
//!                                             }
//! ```
//!
//! Without type parameters there is no `where`, and the compiler finds out by itself whether the
//! other extractor takes the body.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Data, DeriveInput, Error, Fields, Path, Result, Type, parse_quote};

use super::attributes::Attributes;
use super::{State, Trait, implement};
use crate::types;

/// Expands one of the derives on a type that lies in `via`.
pub(super) fn expand(
    kind: Trait,
    input: &DeriveInput,
    via: &Path,
    attributes: Attributes,
) -> Result<TokenStream> {
    let krate = crate::krate();
    let inner = inner(input)?;
    let whole = Whole::new(kind, &krate, via, inner, &input.ident, attributes.state);
    let rejection = attributes.rejection;
    let (rejected, refused) = match &rejection {
        Some(rejection) => (
            rejection.to_token_stream(),
            quote! { <#rejection as ::core::convert::From<_>>::from },
        ),
        None => (
            quote! { #krate::response::Response },
            quote! { #krate::response::IntoResponse::into_response },
        ),
    };
    let head = whole.head(input, rejection.as_ref());
    let body = whole.body(&krate, via, &refused);
    Ok(implement(
        kind,
        &krate,
        &head,
        &whole.state,
        &rejected,
        &body,
    ))
}

/// A type that lies in an extractor.
struct Whole {
    kind: Trait,
    state: State,
    /// A type that is the state, or a part of it, is extracted from the head: it is `FromRequest`
    /// with the marker with which `State` is.
    marker: Option<Ident>,
    /// The extractor: `Json<Self>`, or `Json<T>`.
    extractor: TokenStream,
    /// The trait that is implemented.
    implemented: TokenStream,
    /// Whether the type is a generic struct around what is extracted.
    is_generic: bool,
}

impl Whole {
    fn new(
        kind: Trait,
        krate: &TokenStream,
        via: &Path,
        inner: Option<Type>,
        name: &Ident,
        state: Option<Type>,
    ) -> Whole {
        let is_generic = inner.is_some();
        let content = inner.unwrap_or_else(|| parse_quote! { #name });
        let is_state = types::is_called(via, "State");
        let state = State::new(state.or_else(|| is_state.then(|| content.clone())));
        let takes_marker = is_state && kind == Trait::Request;
        let marker = takes_marker.then(|| Ident::new("__Marker", Span::mixed_site()));
        let more = marker.as_ref().map(|marker| quote! { , #marker });
        let derived = kind.name();
        Whole {
            kind,
            extractor: quote! { #via<#content> },
            implemented: quote! { #krate::extract::#derived<#state #more> },
            state,
            marker,
            is_generic,
        }
    }

    /// `impl<..> Trait<..> for Type where ..`.
    fn head(&self, input: &DeriveInput, rejection: Option<&Type>) -> TokenStream {
        let (extractor, implemented) = (&self.extractor, &self.implemented);
        let mut generics = input.generics.clone();
        // With a marker the bound says which: the one with which the extractor is one.
        if self.is_generic || self.marker.is_some() {
            let bounds = &mut generics.make_where_clause().predicates;
            bounds.push(parse_quote! { #extractor: #implemented });
            if let (true, Some(rejection)) = (self.is_generic, rejection) {
                let refused = quote! { <#extractor as #implemented>::Rejection };
                bounds.push(parse_quote! { #rejection: ::core::convert::From<#refused> });
            }
        }
        for parameter in self.state.parameter().into_iter().chain(&self.marker) {
            generics.params.push(parse_quote! { #parameter });
        }
        let (parameters, _, bounds) = generics.split_for_impl();
        let (_, arguments, _) = input.generics.split_for_impl();
        let name = &input.ident;
        quote! { impl #parameters #implemented for #name #arguments #bounds }
    }

    /// Extracts, and takes it out.
    fn body(&self, krate: &TokenStream, via: &Path, refused: &TokenStream) -> TokenStream {
        let site = Span::mixed_site();
        let (extractor, implemented, state) = (&self.extractor, &self.implemented, &self.state);
        let call = match self.kind {
            Trait::Request if !self.is_generic && self.marker.is_none() => quote_spanned! {site=>
                <#extractor as #krate::extract::FromRequest<#state, _>>::from_request(request, state)
            },
            Trait::Request => quote_spanned! {site=>
                <#extractor as #implemented>::from_request(request, state)
            },
            Trait::Parts => quote_spanned! {site=>
                <#extractor as #implemented>::from_request_parts(parts, state)
            },
        };
        let value = match self.is_generic {
            true => quote_spanned! {site=> Self(value) },
            false => quote_spanned! {site=> value },
        };
        quote_spanned! {site=> #call.await.map(|#via(value)| #value).map_err(#refused) }
    }
}

/// The type that lies in the extractor, if it is not the type itself: that of a generic struct's
/// one field.
fn inner(input: &DeriveInput) -> Result<Option<Type>> {
    let generics = &input.generics;
    if generics.params.is_empty() {
        return Ok(None);
    }
    let field = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Unnamed(fields) if fields.unnamed.len() == 1 => fields.unnamed.first(),
            _ => None,
        },
        _ => None,
    };
    match field {
        Some(field) => Ok(Some(field.ty.clone())),
        None => Err(Error::new_spanned(
            generics,
            "with type parameters, `via` needs a struct with one unnamed field: \
             `struct Mine<T>(T);`",
        )),
    }
}
