//! The grammar of `select!`, which is Tokio's.
//!
//! ```text
//! select  := "biased;"? branch* otherwise?
//! branch  := pattern "=" future ("," "if" condition)? "=>" handler
//! handler := block ","?  |  expression ("," or the end)
//! otherwise := "else" "=>" expression ","?
//! ```
//!
//! A handler that is a block is kept as the one token group that it is. The compiler
//! will parse it anyway; not doing it twice keeps compile times low, and lets blocks use
//! syntax that is younger than the parser here.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::{Error, Expr, Pat, Result, Token, token};

use crate::rounds;

/// A bit mask says which branches are disabled, and the widest integer has this many.
const MAX_BRANCHES: usize = 64;

/// Everything that was written between the braces.
pub(super) struct Select {
    /// `$crate`: where the expansion finds what it needs.
    pub(super) krate: TokenTree,
    pub(super) biased: bool,
    pub(super) branches: Vec<Branch>,
    /// The expression of `else`.
    pub(super) otherwise: Option<TokenStream>,
}

/// `pattern = future, if condition => handler`
pub(super) struct Branch {
    pub(super) pattern: Pat,
    pub(super) future: Expr,
    pub(super) condition: Option<Expr>,
    pub(super) handler: TokenStream,
}

impl Parse for Select {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let krate = input.parse()?;
        let biased = rounds::parse_biased(input)?;
        let mut branches = Vec::new();
        while !input.is_empty() && !input.peek(Token![else]) {
            branches.push(input.parse()?);
        }
        let otherwise = parse_else(input)?;
        check_count(&branches, otherwise.is_some())?;
        Ok(Select {
            krate,
            biased,
            branches,
            otherwise,
        })
    }
}

impl Parse for Branch {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let pattern = Pat::parse_multi_with_leading_vert(input)?;
        input.parse::<Token![=]>()?;
        let future = input.parse()?;
        let condition = parse_condition(input)?;
        input.parse::<Token![=>]>()?;
        let handler = parse_handler(input)?;
        Ok(Branch {
            pattern,
            future,
            condition,
            handler,
        })
    }
}

fn parse_condition(input: ParseStream<'_>) -> Result<Option<Expr>> {
    if input.parse::<Option<Token![,]>>()?.is_none() {
        return Ok(None);
    }
    if !input.peek(Token![if]) {
        let message = "expected `if` and a condition: a branch is \
            `pattern = future, if condition => handler`, where `, if condition` may be left out";
        return Err(input.error(message));
    }
    input.parse::<Token![if]>()?;
    input.parse().map(Some)
}

fn parse_handler(input: ParseStream<'_>) -> Result<TokenStream> {
    if input.peek(token::Brace) {
        // Another macro hands a block over (`$name:block`) in a group without delimiters, so it need not be a `Group` in braces.
        let block: TokenTree = input.parse()?;
        input.parse::<Option<Token![,]>>()?;
        return Ok(block.into_token_stream());
    }
    let expression: Expr = input.parse()?;
    if !input.is_empty() {
        input.parse::<Token![,]>()?;
    }
    Ok(expression.into_token_stream())
}

fn parse_else(input: ParseStream<'_>) -> Result<Option<TokenStream>> {
    if input.is_empty() {
        return Ok(None);
    }
    input.parse::<Token![else]>()?;
    input.parse::<Token![=>]>()?;
    let handler = parse_handler(input)?;
    if !input.is_empty() {
        return Err(input.error("`else` must be the last branch of a select!"));
    }
    Ok(Some(handler))
}

fn check_count(branches: &[Branch], has_else: bool) -> Result<()> {
    if branches.is_empty() && !has_else {
        return Err(Error::new(
            Span::call_site(),
            "select! requires at least one branch.",
        ));
    }
    match branches.get(MAX_BRANCHES) {
        Some(branch) => Err(Error::new(
            branch.pattern.span(),
            format!("select! has room for {MAX_BRANCHES} branches, and this is one more"),
        )),
        None => Ok(()),
    }
}
