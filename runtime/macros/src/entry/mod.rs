//! `#[main]` and `#[test]`: an `async fn` that any code may call.
//!
//! An `async fn` does nothing until it is polled, and the operating system (or the test
//! harness) polls nothing: it calls. So the attribute takes the `async` away, keeps the
//! rest of the signature, and puts in place of the body one that builds a runtime and
//! blocks on what was the body:
//!
//! ```text
//! #[runtime::main]                     fn main() -> Result<(), Error> {
//! async fn main()                          let body = async { serve().await };
//!     -> Result<(), Error>       ⟶         return ::runtime::runtime::Builder::new_current_thread()
//! {                                            .enable_all()
//!     serve().await                            .build()
//! }                                            .expect("Failed building the Runtime")
//!                                              .block_on(body);
//!                                      }
//! ```
//!
//! `args.rs` reads what stands between the attribute's parentheses, `function.rs` takes
//! the function apart and puts it together again.
//!
//! How it can go wrong: an attribute that refuses its input with nothing but an error
//! takes the function away, and the user's real mistake drowns in "cannot find `main`".
//! So the function is always put together, if need be with default arguments, and the
//! error stands beside it.

mod args;
mod function;

use proc_macro2::TokenStream;

/// Which of the two attributes is expanded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `#[main]`
    Main,
    /// `#[test]`
    Test,
}

impl Kind {
    /// How users write it.
    fn name(self) -> &'static str {
        match self {
            Kind::Main => "runtime::main",
            Kind::Test => "runtime::test",
        }
    }
}

/// Expands one of the attributes on one function.
pub(crate) fn expand(kind: Kind, args: TokenStream, item: TokenStream) -> TokenStream {
    let function = match syn::parse2::<function::AsyncFn>(item.clone()) {
        Ok(function) => function,
        Err(error) => return beside(item, &error),
    };
    let checked = function.check(kind).and_then(|()| args::parse(kind, args));
    match checked {
        Ok(config) => function.expand(kind, &config),
        Err(error) => beside(function.expand(kind, &args::Config::default()), &error),
    }
}

/// The item, with a compile error after it.
fn beside(mut item: TokenStream, error: &syn::Error) -> TokenStream {
    item.extend(error.to_compile_error());
    item
}
