//! The arguments of a handler: extractors, of which only the last may take the body.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Error, FnArg, Receiver, Result, Signature, Type, parse_quote};

use super::{Kind, named, state_of};
use crate::types;

/// As many extractors as a handler may have.
const MOST: usize = 16;

/// Extractors that take the body. An argument that is called so and is no extractor of the head
/// takes the body, so it must be the last.
const TAKE_THE_BODY: [&str; 9] = [
    "Body",
    "Bytes",
    "BytesMut",
    "Form",
    "Json",
    "Multipart",
    "RawForm",
    "Request",
    "String",
];

/// The extractors among a function's arguments.
pub(super) struct Arguments {
    types: Vec<Type>,
    /// A middleware's last argument.
    next: Option<Type>,
}

impl Arguments {
    pub(super) fn of(kind: Kind, signature: &Signature) -> Result<Arguments> {
        let types = signature.inputs.iter().map(type_of);
        let mut types = types.collect::<Result<Vec<_>>>()?;
        let next = match kind {
            Kind::Handler => None,
            Kind::Middleware => Some(take_next(signature, &mut types)?),
        };
        if let Some(one_too_many) = types.get(MOST) {
            let message = format!(
                "a {} has at most {MOST} extractors: put several into a struct that derives \
                 `FromRequestParts`",
                kind.noun()
            );
            return Err(Error::new_spanned(one_too_many, message));
        }
        refuse_two_paths(&types)?;
        Ok(Arguments { types, next })
    }

    /// The state that they take.
    pub(super) fn state(&self) -> Result<Option<Type>> {
        state_of(&self.types.iter().collect::<Vec<_>>())
    }

    /// The checks of all arguments.
    pub(super) fn checks(&self, check: &TokenStream, state: &Type) -> TokenStream {
        let next = self.next.as_ref().map(|next| {
            let function = named("next", place(next));
            quote_spanned! {place(next)=> #check::#function::<#next>(); }
        });
        let Some((last, firsts)) = self.types.split_last() else {
            return quote! { #next };
        };
        let firsts = firsts.iter().map(|ty| {
            let function = match takes_the_body(ty) {
                true => "before_the_last",
                false => "head",
            };
            let function = named(function, place(ty));
            quote_spanned! {place(ty)=> #check::#function::<#ty, #state>(); }
        });
        let is_body = takes_the_body(last);
        let function = named(if is_body { "body" } else { "last" }, place(last));
        let marker = (!is_body).then(|| quote! { , _ });
        let last = quote_spanned! {place(last)=> #check::#function::<#last, #state #marker>(); };
        quote! { #(#firsts)* #last #next }
    }
}

fn takes_the_body(ty: &Type) -> bool {
    types::name(ty).is_some_and(|name| TAKE_THE_BODY.contains(&name.as_str()))
}

/// Where an error about a type stands.
fn place(ty: &Type) -> Span {
    ty.span()
}

/// The type of an argument. A handler's `self` is an extractor like any other.
fn type_of(argument: &FnArg) -> Result<Type> {
    let ty = match argument {
        FnArg::Typed(argument) => (*argument.ty).clone(),
        FnArg::Receiver(receiver) => return type_of_self(receiver),
    };
    match ty {
        Type::ImplTrait(ty) => Err(Error::new_spanned(
            ty,
            "an argument of a handler has a type with a name: `impl Trait` is a type parameter",
        )),
        ty => Ok(ty),
    }
}

fn type_of_self(receiver: &Receiver) -> Result<Type> {
    let whole = quote! { #receiver }.to_string();
    if whole.starts_with('&') {
        let message = "a handler owns its arguments: write `self`";
        return Err(Error::new_spanned(receiver, message));
    }
    let place = receiver.self_token.span();
    Ok(syn::parse2(quote_spanned! {place=> Self }).unwrap_or_else(|_| parse_quote! { Self }))
}

/// Two extractors of the path each see all of it.
fn refuse_two_paths(types: &[Type]) -> Result<()> {
    let mut paths = types
        .iter()
        .filter(|ty| types::name(ty).as_deref() == Some("Path"));
    match (paths.next(), paths.next()) {
        (Some(_), Some(second)) => Err(Error::new_spanned(
            second,
            "one `Path` extracts all parameters: write a tuple, `Path<(_, _)>`, or a struct",
        )),
        _ => Ok(()),
    }
}

/// Takes `Next` away: the last argument, and the only one of its name.
fn take_next(signature: &Signature, types: &mut Vec<Type>) -> Result<Type> {
    let is_next = |ty: &&Type| types::name(ty).as_deref() == Some("Next");
    let mut all = types.iter().filter(is_next);
    match (all.next(), all.next()) {
        (None, _) => Err(Error::new_spanned(
            &signature.ident,
            "a middleware takes `server::middleware::Next` as its last argument",
        )),
        (Some(_), Some(second)) => Err(Error::new_spanned(
            second,
            "a middleware takes one `Next`: this is the second",
        )),
        (Some(next), None) if types.last().filter(is_next).is_none() => Err(Error::new_spanned(
            next,
            "`Next` must be the last argument of a middleware",
        )),
        (Some(_), None) => types
            .pop()
            .ok_or_else(|| Error::new_spanned(&signature.ident, "a middleware takes `Next`")),
    }
}
