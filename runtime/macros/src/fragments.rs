//! Keeping together what a user's own macro handed on as one piece.
//!
//! A `macro_rules!` of the user's may call ours: `select! { x = work($n * 2) => x }`. If
//! its `$n` was matched as an expression, say `1 + 1`, then it arrives here as one token,
//! a group with invisible brackets, so that the product is 4. But the compiler forgets
//! invisible brackets that come *out* of a procedural macro (rust-lang/rust#67062): what
//! it parses afterwards is `1 + 1 * 2`, and the product is 3. No message would say so.
//!
//! So before anything else, invisible brackets are made visible ones where it matters:
//! around expressions that can fall apart. Around a block, a call or a path they do not
//! matter, and around a path or a block parentheses would be wrong in some places, so
//! those stay as they are. What looks like such an expression may be something else (a
//! pattern `1..=9`, a type `&T`), but all of those mean the same in parentheses.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use syn::Expr;

/// The same tokens, with parentheses around expressions that came as one piece.
pub(crate) fn keep_together(tokens: TokenStream) -> TokenStream {
    tokens.into_iter().map(token).collect()
}

fn token(token: TokenTree) -> TokenTree {
    let TokenTree::Group(group) = token else {
        return token;
    };
    let tokens = keep_together(group.stream());
    let invisible = group.delimiter() == Delimiter::None;
    if invisible && falls_apart(&tokens) {
        let mut parentheses = Group::new(Delimiter::Parenthesis, tokens);
        // Not the user's parentheses: no lint shall call them superfluous.
        parentheses.set_span(Span::mixed_site().located_at(group.span()));
        return parentheses.into();
    }
    let mut same = Group::new(group.delimiter(), tokens);
    same.set_span(group.span());
    same.into()
}

/// Whether an operator that is put beside these tokens could tear them apart.
fn falls_apart(tokens: &TokenStream) -> bool {
    let expression = syn::parse2(tokens.clone());
    matches!(
        expression,
        Ok(Expr::Binary(_)
            | Expr::Cast(_)
            | Expr::Closure(_)
            | Expr::Range(_)
            | Expr::Reference(_)
            | Expr::Unary(_))
    )
}
