//! The function under the attribute. Its body stays the heap of tokens that it is: the compiler
//! parses it right afterwards and gives better errors.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream};
use syn::{
    AttrStyle, Attribute, Error, FnArg, GenericParam, Result, ReturnType, Signature, Visibility,
    braced, token,
};

use super::Kind;
use crate::types;

/// A function, as far as it needs to be understood.
pub(super) struct Function {
    attributes: Vec<Attribute>,
    visibility: Visibility,
    pub(super) signature: Signature,
    brace: token::Brace,
    body: TokenStream,
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        let signature = input.parse()?;
        let content;
        let brace = braced!(content in input);
        attributes.extend(content.call(Attribute::parse_inner)?);
        let body = content.parse()?;
        Ok(Function {
            attributes,
            visibility,
            signature,
            brace,
            body,
        })
    }
}

impl Function {
    /// What can be told without looking at types.
    pub(super) fn check(&self, kind: Kind) -> Result<()> {
        let (signature, noun) = (&self.signature, kind.noun());
        if let Some(parameter) = signature.generics.params.first() {
            let what = match parameter {
                GenericParam::Lifetime(_) => "lifetime parameters",
                GenericParam::Const(_) => "const parameters",
                GenericParam::Type(_) => "type parameters",
            };
            let message =
                format!("a {noun} has no {what}: the router calls it with types that it knows");
            return Err(Error::new_spanned(&signature.generics, message));
        }
        let gives_nothing = matches!(signature.output, ReturnType::Default);
        if signature.asyncness.is_none() && gives_nothing {
            let message = format!("a {noun} is an `async fn`: the `async` is missing");
            return Err(Error::new_spanned(signature.fn_token, message));
        }
        Ok(())
    }

    /// Whether the arguments or the result say `Self`, or take it.
    pub(super) fn mentions_self(&self) -> bool {
        let takes = |argument: &FnArg| matches!(argument, FnArg::Receiver(_));
        let signature = &self.signature;
        signature.inputs.iter().any(takes)
            || types::mentions(signature.inputs.to_token_stream(), "Self")
            || types::mentions(signature.output.to_token_stream(), "Self")
    }

    /// Puts statements before the others of the body.
    pub(super) fn put_first(&mut self, statements: &TokenStream) {
        let body = &self.body;
        self.body = quote! { #statements #body };
    }
}

impl ToTokens for Function {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let is_outer = |attribute: &&Attribute| matches!(attribute.style, AttrStyle::Outer);
        let outer = self.attributes.iter().filter(is_outer);
        let inner = self.attributes.iter().filter(|it| !is_outer(it));
        let (visibility, signature, body) = (&self.visibility, &self.signature, &self.body);
        tokens.extend(quote! { #(#outer)* #visibility #signature });
        self.brace
            .surround(tokens, |tokens| tokens.extend(quote! { #(#inner)* #body }));
    }
}
