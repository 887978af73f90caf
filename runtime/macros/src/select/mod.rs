//! `select!`: from the tokens between its braces to the code that runs.
//!
//! What the expansion looks like, and why, is told where users and readers look for it:
//! at the top of `runtime/src/macros/select.rs`. Here is how it is made: `parse.rs` turns
//! tokens into branches, `expand.rs` turns branches into code.

mod expand;
mod parse;

use proc_macro2::TokenStream;

/// Expands `$crate` followed by what the user wrote.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    match syn::parse2::<parse::Select>(input) {
        Ok(select) => expand::select(&select),
        Err(error) => error.into_compile_error(),
    }
}
