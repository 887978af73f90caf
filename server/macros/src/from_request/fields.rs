//! Each field by itself, one after the other.
//!
//! ```text
//! #[derive(FromRequest)]              impl<S> FromRequest<S> for Order {
//! struct Order {                          type Rejection = Response;
//!     #[from_request(via(Path))]          async fn from_request(request: Request, state: &S) -> … {
//!     number: u64,                            take the request apart
//!     agent: Option<Extension<Agent>>,   ⟶   number: Path<u64> from the parts, `.0`
//!     items: Json<Vec<Item>>,                 agent: Option<Extension<Agent>> from the parts
//! }                                           put the request together again
//!                                             items: Json<Vec<Item>> from the request
//!                                         }
//!                                     }
//! ```

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{DataStruct, DeriveInput, Error, Field, Index, Member, Path, Result, Type};

use super::attributes::Attributes;
use super::{State, Trait, implement};
use crate::types;

/// A field, and how it is extracted.
struct Part {
    member: Member,
    /// The local variable that holds it.
    variable: Ident,
    /// The type of the field, for its place.
    ty: Type,
    /// The extractor.
    extractor: TokenStream,
    /// From the extractor to the field: a closure.
    unwrap: Option<TokenStream>,
}

/// From what a field is extracted: the local variable that is there.
#[derive(Clone, Copy)]
enum Source {
    /// `request`
    Request,
    /// `parts`
    Parts,
    /// `parts`, a reference
    BorrowedParts,
}

/// Expands one of the derives on a struct whose fields are extractors.
pub(super) fn expand(
    kind: Trait,
    input: &DeriveInput,
    data: &DataStruct,
    attributes: Attributes,
) -> Result<TokenStream> {
    if !input.generics.params.is_empty() {
        let message = format!(
            "`#[derive({})]` allows type parameters only on a struct with one unnamed field and \
             `#[from_request(via(..))]`",
            kind.name()
        );
        return Err(Error::new_spanned(&input.generics, message));
    }
    let krate = crate::krate();
    let fields: Vec<_> = data.fields.iter().collect();
    let vias = fields
        .iter()
        .map(|field| Ok(Attributes::of_field(&field.attrs)?.via));
    let vias = vias.collect::<Result<Vec<_>>>()?;
    let state = state(attributes.state, &fields, &vias)?;
    let parts: Vec<_> = (0..)
        .zip(fields.iter().zip(&vias))
        .map(|(index, (field, via))| Part::new(index, field, via.as_ref()))
        .collect();
    let rejection = match (&attributes.rejection, parts.is_empty()) {
        (Some(rejection), _) => rejection.to_token_stream(),
        (None, true) => quote! { ::core::convert::Infallible },
        (None, false) => quote! { #krate::response::Response },
    };
    let refused = match &attributes.rejection {
        Some(rejection) => quote! { <#rejection as ::core::convert::From<_>>::from },
        None => quote! { #krate::response::IntoResponse::into_response },
    };
    let body = body(kind, &krate, &state, &parts, &refused);
    let (derived, name) = (kind.name(), &input.ident);
    let parameter = state.parameter();
    let head = quote! { impl<#parameter> #krate::extract::#derived<#state> for #name };
    Ok(implement(kind, &krate, &head, &state, &rejection, &body))
}

/// With which states the struct works: what it says, or what its fields take.
fn state(said: Option<Type>, fields: &[&Field], vias: &[Option<Path>]) -> Result<State> {
    if said.is_some() {
        return Ok(State::new(said));
    }
    let taken = fields
        .iter()
        .zip(vias)
        .filter_map(|(field, via)| match via {
            Some(via) if types::is_called(via, "State") => Some(&field.ty),
            Some(_) => None,
            None => types::state_of(&field.ty),
        });
    let help = "#[from_request(state(YourState))]";
    types::only_one(taken.collect(), help).map(State::new)
}

impl Part {
    fn new(index: usize, field: &Field, via: Option<&Path>) -> Part {
        let ty = field.ty.clone();
        let (extractor, unwrap) = match via {
            None => (ty.to_token_stream(), None),
            Some(via) => through(via, &ty),
        };
        Part {
            member: match &field.ident {
                Some(name) => Member::Named(name.clone()),
                None => Member::Unnamed(Index::from(index)),
            },
            variable: format_ident!("field_{index}", span = Span::mixed_site()),
            ty,
            extractor,
            unwrap,
        }
    }

    /// The statement that extracts it.
    fn statement(
        &self,
        krate: &TokenStream,
        state: &State,
        source: Source,
        refused: &TokenStream,
    ) -> TokenStream {
        // Methods of the standard library and paths into this crate, all at the field's place.
        let place = self.ty.span().resolved_at(Span::mixed_site());
        let (variable, extractor) = (&self.variable, &self.extractor);
        let request = quote! { #krate::extract::FromRequest };
        let head = quote! { #krate::extract::FromRequestParts };
        let call = match source {
            Source::Request => quote_spanned! {place=>
                <#extractor as #request<#state, _>>::from_request(request, state)
            },
            Source::Parts => quote_spanned! {place=>
                <#extractor as #head<#state>>::from_request_parts(&mut parts, state)
            },
            Source::BorrowedParts => quote_spanned! {place=>
                <#extractor as #head<#state>>::from_request_parts(parts, state)
            },
        };
        let unwrap = self
            .unwrap
            .as_ref()
            .map(|unwrap| quote_spanned! {place=> .map(#unwrap) });
        quote_spanned! {place=>
            let #variable = #call.await #unwrap.map_err(#refused)?;
        }
    }
}

/// The extractor of a field that is extracted via another one, and the way out of it: `Option` and
/// `Result` stay outside.
fn through(via: &Path, ty: &Type) -> (TokenStream, Option<TokenStream>) {
    let site = Span::mixed_site();
    let inner = quote_spanned! {site=> |#via(inner)| inner };
    if let Some([some]) = types::arguments_of(ty, "Option").as_deref() {
        let extractor = quote! { ::core::option::Option<#via<#some>> };
        return (
            extractor,
            Some(quote_spanned! {site=> |outer| outer.map(#inner) }),
        );
    }
    if let Some([ok, error]) = types::arguments_of(ty, "Result").as_deref() {
        let extractor = quote! { ::core::result::Result<#via<#ok>, #error> };
        return (
            extractor,
            Some(quote_spanned! {site=> |outer| outer.map(#inner) }),
        );
    }
    (quote! { #via<#ty> }, Some(inner))
}

/// All statements, and the struct at the end.
fn body(
    kind: Trait,
    krate: &TokenStream,
    state: &State,
    parts: &[Part],
    refused: &TokenStream,
) -> TokenStream {
    let site = Span::mixed_site();
    let fields = parts.iter().map(|part| {
        let (member, variable) = (&part.member, &part.variable);
        quote! { #member: #variable }
    });
    let whole = quote! { ::core::result::Result::Ok(Self { #(#fields),* }) };
    let one = |part: &Part, source| part.statement(krate, state, source, refused);
    match (kind, parts.split_last()) {
        (Trait::Request, Some((last, firsts))) => {
            let firsts = firsts.iter().map(|part| one(part, Source::Parts));
            let last = one(last, Source::Request);
            quote_spanned! {site=>
                #[allow(unused_mut)]
                let (mut parts, body) = request.into_parts();
                #(#firsts)*
                let request = #krate::extract::Request::from_parts(parts, body);
                #last
                #whole
            }
        }
        (_, _) => {
            let all = parts.iter().map(|part| one(part, Source::BorrowedParts));
            quote! { #(#all)* #whole }
        }
    }
}
