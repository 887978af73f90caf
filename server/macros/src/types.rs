//! How the macros look at a type that is only tokens: by the last name of its path.
//!
//! The name may be another's (`use mine::Json`). So it decides how an error is worded, and what is
//! taken for the state, and never alone what is refused.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{GenericArgument, Path, PathArguments, PathSegment, Type};

/// The last segment of a type that is a path.
fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match ty {
        Type::Path(path) => path.path.segments.last(),
        Type::Group(group) => last_segment(&group.elem),
        Type::Paren(paren) => last_segment(&paren.elem),
        _ => None,
    }
}

/// The last name of a type: `Json` of `server::Json<u8>`.
pub(crate) fn name(ty: &Type) -> Option<String> {
    last_segment(ty).map(|segment| segment.ident.to_string())
}

/// Whether a path ends with this name.
pub(crate) fn is_called(path: &Path, name: &str) -> bool {
    path.segments
        .last()
        .is_some_and(|segment| segment.ident == name)
}

/// The type arguments of a type that is called so: `u8` of `Json<u8>`.
pub(crate) fn arguments_of<'a>(ty: &'a Type, name: &str) -> Option<Vec<&'a Type>> {
    let segment = last_segment(ty).filter(|segment| segment.ident == name)?;
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
        return None;
    };
    let types = arguments.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    Some(types.collect())
}

/// `S` of `State<S>`.
pub(crate) fn state_of(ty: &Type) -> Option<&Type> {
    match arguments_of(ty, "State")?[..] {
        [state] => Some(state),
        _ => None,
    }
}

/// The one type among several that are written in the same way; an error names what they are for
/// if they differ.
pub(crate) fn only_one(states: Vec<&Type>, help: &str) -> syn::Result<Option<Type>> {
    let mut states = states.into_iter();
    let Some(first) = states.next() else {
        return Ok(None);
    };
    match states.find(|other| text(other) != text(first)) {
        None => Ok(Some(first.clone())),
        Some(other) => {
            let message = format!(
                "the state may be `{}` or `{}`: say which it is with `{help}`",
                text(first),
                text(other)
            );
            Err(syn::Error::new_spanned(other, message))
        }
    }
}

/// A type as it is written, for comparing and for messages.
pub(crate) fn text(ty: &Type) -> String {
    let text = ty.to_token_stream().to_string();
    text.replace(" < ", "<")
        .replace(" >", ">")
        .replace(" ::", "::")
        .replace(":: ", "::")
        .replace("& ", "&")
}

/// Whether a word stands anywhere in the tokens.
pub(crate) fn mentions(tokens: TokenStream, word: &str) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == word,
        TokenTree::Group(group) => mentions(group.stream(), word),
        _ => false,
    })
}
