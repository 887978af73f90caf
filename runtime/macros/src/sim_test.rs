//! `#[sim_test]`: a function that is given a simulation, run under many seeds.
//!
//! ```text
//! #[sim_test(seeds = 200)]                    #[test]
//! fn answers(sim: &mut Sim) -> Result { .. }  fn answers() {
//!                                                 fn answers(sim: &mut Sim) -> Result { .. }
//!                                                 ::runtime::sim::seeds(0..200, answers)
//!                                             }
//! ```

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::meta::ParseNestedMeta;
use syn::parse::Parser;
use syn::{Error, ItemFn, LitInt, LitStr, Path, Result};

use crate::manifest;

/// How many seeds are run, if the attribute does not say.
const SEEDS: u64 = 100;

pub(crate) fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    match test(args, item) {
        Ok(test) => test,
        Err(error) => error.into_compile_error(),
    }
}

fn test(args: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let (mut seeds, mut krate) = (None, None);
    let parser = syn::meta::parser(|meta| take(&meta, &mut seeds, &mut krate));
    parser.parse2(args)?;
    let mut function: ItemFn = syn::parse2(item)?;
    let signature = &function.sig;
    if let Some(asyncness) = signature.asyncness {
        let message =
            "`#[sim_test]` needs a plain `fn`: what is `async` runs in the hosts that it adds";
        return Err(Error::new_spanned(asyncness, message));
    }
    if signature.inputs.len() != 1 {
        let message =
            "`#[sim_test]` needs a function of one argument, `sim: &mut runtime::sim::Sim`";
        return Err(Error::new_spanned(&signature.ident, message));
    }
    let site = Span::call_site();
    let seeds = seeds.unwrap_or(SEEDS);
    let krate = match krate {
        Some(path) => path.to_token_stream(),
        None => {
            let name = Ident::new(&manifest::crate_name("runtime"), site);
            quote_spanned! {site=> ::#name }
        }
    };
    let (attributes, name) = (std::mem::take(&mut function.attrs), signature.ident.clone());
    Ok(quote_spanned! {site=>
        #(#attributes)*
        #[::core::prelude::v1::test]
        fn #name() {
            #function
            #krate::sim::seeds(0..#seeds, #name)
        }
    })
}

fn take(
    meta: &ParseNestedMeta<'_>,
    seeds: &mut Option<u64>,
    krate: &mut Option<Path>,
) -> Result<()> {
    let is_second = if meta.path.is_ident("seeds") {
        let value: LitInt = meta.value()?.parse()?;
        let count = match value.base10_parse()? {
            0 => return Err(Error::new(value.span(), "`seeds` may not be 0")),
            count => count,
        };
        seeds.replace(count).is_some()
    } else if meta.path.is_ident("crate") {
        let value: LitStr = meta.value()?.parse()?;
        krate
            .replace(value.parse_with(Path::parse_mod_style)?)
            .is_some()
    } else {
        return Err(meta.error("unknown argument: expected `seeds` or `crate`"));
    };
    match is_second {
        true => Err(meta.error("this argument was given before: once is enough")),
        false => Ok(()),
    }
}
