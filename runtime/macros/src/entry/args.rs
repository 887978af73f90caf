//! The arguments of `#[main]` and `#[test]`: Tokio's, read for a runtime with one thread.
//!
//! | argument | value | here |
//! |---|---|---|
//! | `flavor` | `"current_thread"`, `"local"` | what every runtime of ours is |
//! | | `"multi_thread"` | accepted with a warning: the tasks run on the one thread |
//! | `worker_threads` | an integer from 1 | accepted; a warning from 2 on |
//! | `start_paused` | a bool | the clock starts paused |
//! | `crate` | a path in a string | where `runtime` is found, if not by `Cargo.toml` |
//! | `unhandled_panic` | `"ignore"` | what happens anyway |
//! | | `"shutdown_runtime"` | refused: the runtime has no such mode |
//! | `name` | a string | refused: a runtime has no name |
//!
//! Which combinations make sense is Tokio's rule too: `worker_threads` belongs to the
//! flavour `multi_thread`, `start_paused` and `unhandled_panic` to the others. The flavour
//! that is meant when none is named is `current_thread`, but `#[main(worker_threads = 4)]`
//! means `multi_thread`, because that is `#[tokio::main]`'s default and such programs
//! shall compile.
//!
//! Every complaint points at the value, or the word, that it is about.

use proc_macro2::{Span, TokenStream};
use syn::meta::ParseNestedMeta;
use syn::parse::Parser;
use syn::{Error, LitBool, LitInt, LitStr, Path, Result};

use super::Kind;

const KNOWN: &str =
    "`flavor`, `worker_threads`, `start_paused`, `crate`, `unhandled_panic`, `name`";

/// What the expansion has to know.
#[derive(Default)]
pub(super) struct Config {
    /// `crate`; the name in the user's `Cargo.toml` if it was not given.
    pub(super) krate: Option<Path>,
    pub(super) start_paused: Option<bool>,
    /// The values that promise threads which will not exist.
    pub(super) warnings: Vec<(Warning, Span)>,
}

/// A warning is the use of a deprecated constant of this name in `macros::support`.
#[derive(Clone, Copy)]
pub(super) enum Warning {
    MultiThread,
    WorkerThreads,
}

impl Warning {
    pub(super) fn constant(self) -> &'static str {
        match self {
            Warning::MultiThread => "FLAVOR_MULTI_THREAD",
            Warning::WorkerThreads => "WORKER_THREADS",
        }
    }
}

/// Reads the arguments and checks that they go together.
pub(super) fn parse(kind: Kind, args: TokenStream) -> Result<Config> {
    let mut given = Given::default();
    syn::meta::parser(|meta| given.take(kind, &meta)).parse2(args)?;
    given.check(kind)
}

/// The arguments as they were written, each with the place of its value.
#[derive(Default)]
struct Given {
    flavor: Option<(Flavor, Span)>,
    worker_threads: Option<(u64, Span)>,
    start_paused: Option<(bool, Span)>,
    unhandled_panic: Option<((), Span)>,
    krate: Option<(Path, Span)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Flavor {
    /// `current_thread` or `local`.
    OneThread,
    MultiThread,
}

impl Given {
    fn take(&mut self, kind: Kind, meta: &ParseNestedMeta<'_>) -> Result<()> {
        let name = meta
            .path
            .get_ident()
            .map(ToString::to_string)
            .unwrap_or_default();
        match name.as_str() {
            "flavor" => set(&mut self.flavor, meta, flavor),
            "worker_threads" => set(&mut self.worker_threads, meta, worker_threads),
            "start_paused" => set(&mut self.start_paused, meta, start_paused),
            "unhandled_panic" => set(&mut self.unhandled_panic, meta, unhandled_panic),
            "crate" => set(&mut self.krate, meta, krate),
            "name" => {
                let value: LitStr = meta.value()?.parse()?;
                let message = "a runtime of this crate has no name: leave `name` out. \
                    (A task may have one, and the thread's is the program's to choose.)";
                Err(Error::new(value.span(), message))
            }
            other => Err(meta.error(unknown(kind, other))),
        }
    }

    fn check(self, kind: Kind) -> Result<Config> {
        let threaded = self.is_threaded(kind);
        if let (false, Some((_, span))) = (threaded, self.worker_threads) {
            return Err(needs_flavor(kind, "worker_threads", "multi_thread", span));
        }
        if let (true, Some((_, span))) = (threaded, self.start_paused) {
            return Err(needs_flavor(kind, "start_paused", "current_thread", span));
        }
        if let (true, Some((_, span))) = (threaded, self.unhandled_panic) {
            return Err(needs_flavor(
                kind,
                "unhandled_panic",
                "current_thread",
                span,
            ));
        }
        Ok(Config {
            warnings: self.warnings().collect(),
            krate: self.krate.map(|(path, _)| path),
            start_paused: self.start_paused.map(|(paused, _)| paused),
        })
    }

    fn is_threaded(&self, kind: Kind) -> bool {
        match self.flavor {
            Some((flavor, _)) => flavor == Flavor::MultiThread,
            None => kind == Kind::Main && self.worker_threads.is_some(),
        }
    }

    fn warnings(&self) -> impl Iterator<Item = (Warning, Span)> + use<> {
        let flavor = self
            .flavor
            .filter(|(flavor, _)| *flavor == Flavor::MultiThread);
        let workers = self.worker_threads.filter(|(count, _)| *count > 1);
        let flavor = flavor.map(|(_, span)| (Warning::MultiThread, span));
        let workers = workers.map(|(_, span)| (Warning::WorkerThreads, span));
        flavor.into_iter().chain(workers)
    }
}

/// Reads `= value` with `read`, and refuses to do so twice.
fn set<T>(
    slot: &mut Option<(T, Span)>,
    meta: &ParseNestedMeta<'_>,
    read: fn(&ParseNestedMeta<'_>) -> Result<(T, Span)>,
) -> Result<()> {
    if slot.is_some() {
        return Err(meta.error("this argument was given before: once is enough"));
    }
    *slot = Some(read(meta)?);
    Ok(())
}

fn flavor(meta: &ParseNestedMeta<'_>) -> Result<(Flavor, Span)> {
    let value: LitStr = meta.value()?.parse()?;
    match value.value().as_str() {
        "current_thread" | "local" => Ok((Flavor::OneThread, value.span())),
        "multi_thread" => Ok((Flavor::MultiThread, value.span())),
        other => {
            let message = format!(
                "there is no runtime flavor `{other}`: the flavors are `current_thread`, \
                 `local` and `multi_thread`"
            );
            Err(Error::new(value.span(), message))
        }
    }
}

fn worker_threads(meta: &ParseNestedMeta<'_>) -> Result<(u64, Span)> {
    let value: LitInt = meta.value()?.parse()?;
    match value.base10_parse()? {
        0 => Err(Error::new(value.span(), "`worker_threads` may not be 0")),
        count => Ok((count, value.span())),
    }
}

fn start_paused(meta: &ParseNestedMeta<'_>) -> Result<(bool, Span)> {
    let value: LitBool = meta.value()?.parse()?;
    Ok((value.value, value.span()))
}

fn unhandled_panic(meta: &ParseNestedMeta<'_>) -> Result<((), Span)> {
    let value: LitStr = meta.value()?.parse()?;
    let message = match value.value().as_str() {
        "ignore" => return Ok(((), value.span())),
        "shutdown_runtime" => {
            "`shutdown_runtime` is not supported: a panic goes to the one who awaits the \
             task's JoinHandle; await it there and pass the panic on"
        }
        _ => "`unhandled_panic` is `ignore` or `shutdown_runtime`",
    };
    Err(Error::new(value.span(), message))
}

fn krate(meta: &ParseNestedMeta<'_>) -> Result<(Path, Span)> {
    let value: LitStr = meta.value()?.parse()?;
    let path = value.parse_with(Path::parse_mod_style)?;
    Ok((path, value.span()))
}

fn needs_flavor(kind: Kind, argument: &str, flavor: &str, span: Span) -> Error {
    let name = kind.name();
    let message = format!(
        "`{argument}` requires the flavor `{flavor}`: write `#[{name}(flavor = \"{flavor}\", ...)]`"
    );
    Error::new(span, message)
}

/// For the words that people write from memory.
fn unknown(kind: Kind, word: &str) -> String {
    let name = kind.name();
    match word {
        "core_threads" => "`core_threads` is called `worker_threads`".to_owned(),
        "current_thread" | "multi_thread" | "local" => {
            format!("a flavor is chosen with `#[{name}(flavor = \"{word}\")]`")
        }
        _ => format!("unknown argument: expected one of {KNOWN}"),
    }
}
