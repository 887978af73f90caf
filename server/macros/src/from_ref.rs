//! `#[derive(FromRef)]`: each field of a state becomes a part that `State<T>` can take.
//!
//! ```text
//! #[derive(Clone, FromRef)]      impl FromRef<App> for Rc<Pool> {
//! struct App {                       fn from_ref(state: &App) -> Self {
//!     pool: Rc<Pool>,        ⟶           Clone::clone(&state.pool)
//!     #[from_ref(skip)]              }
//!     name: String,              }
//! }
//! ```

use proc_macro2::TokenStream;
use quote::quote_spanned;
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Error, Field, Ident, Index, Member, Result, Token};

/// Expands the derive.
pub(crate) fn expand(item: TokenStream) -> Result<TokenStream> {
    let input: DeriveInput = syn::parse2(item)?;
    if !input.generics.params.is_empty() {
        let message = "`#[derive(FromRef)]` needs a state without type parameters: implement \
            `FromRef` by hand";
        return Err(Error::new_spanned(&input.generics, message));
    }
    let Data::Struct(data) = &input.data else {
        let message = "`#[derive(FromRef)]` takes the fields of a struct: this is none";
        return Err(Error::new_spanned(&input.ident, message));
    };
    let krate = crate::krate();
    let fields = (0..).zip(&data.fields);
    fields
        .map(|(index, field)| part(&krate, &input.ident, index, field))
        .collect()
}

/// The implementation for the type of one field.
fn part(krate: &TokenStream, state: &Ident, index: u32, field: &Field) -> Result<TokenStream> {
    if skips(field)? {
        return Ok(TokenStream::new());
    }
    let ty = &field.ty;
    let member = match &field.ident {
        Some(name) => Member::Named(name.clone()),
        None => Member::Unnamed(Index::from(index as usize)),
    };
    Ok(quote_spanned! {ty.span()=>
        #[automatically_derived]
        impl #krate::extract::FromRef<#state> for #ty {
            fn from_ref(state: &#state) -> Self {
                <Self as ::core::clone::Clone>::clone(&state.#member)
            }
        }
    })
}

/// Whether a field is marked with `#[from_ref(skip)]`.
fn skips(field: &Field) -> Result<bool> {
    let mut skip = false;
    for attribute in &field.attrs {
        if !attribute.path().is_ident("from_ref") {
            continue;
        }
        attribute.parse_args_with(|input: syn::parse::ParseStream<'_>| {
            let word: Ident = input.parse()?;
            if word != "skip" || skip {
                return Err(Error::new_spanned(
                    word,
                    "a field may have one `#[from_ref(skip)]`",
                ));
            }
            skip = true;
            input.parse::<Option<Token![,]>>().map(drop)
        })?;
    }
    Ok(skip)
}
