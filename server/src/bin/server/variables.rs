//! Variables of the environment that stand for options.
//!
//! How it can go wrong: a variable is there and empty, as `SERVER_LOG=` in a file of settings. That means "not set". And a
//! variable has a wrong value: then `clap` names the option, which the user has not typed. So this file adds the variable.

use std::env;
use std::ffi::OsString;

use clap::builder::Resettable;
use clap::error::{ContextKind, ContextValue};
use clap::{Arg, Command, CommandFactory, Error, FromArgMatches};

use crate::arguments::Arguments;

/// Reads the command line and the environment. If they make no sense, or ask for help, the program ends here.
pub(crate) fn arguments() -> Arguments {
    let words: Vec<OsString> = env::args_os().collect();
    let mut command = Arguments::command().mut_args(unless_empty);
    let matches = command.try_get_matches_from_mut(&words);
    let read = matches.and_then(|matches| Arguments::from_arg_matches(&matches));
    read.unwrap_or_else(|error| naming_variable(error, &command, &words).exit())
}

/// The option, without its variable if that is empty.
fn unless_empty(option: Arg) -> Arg {
    let value = option.get_env().and_then(env::var_os);
    match value.is_some_and(|value| value.is_empty()) {
        true => option.env(Resettable::Reset),
        false => option,
    }
}

/// The error; if it is about an option that was not typed, with the variable that set it.
fn naming_variable(mut error: Error, command: &Command, words: &[OsString]) -> Error {
    let Some(ContextValue::String(said)) = error.get(ContextKind::InvalidArg) else {
        return error;
    };
    let mut options = command.get_arguments();
    let option = options.find(|option| option.to_string() == *said);
    let from = option.filter(|option| !is_typed(option, words));
    if let Some(variable) = from.and_then(Arg::get_env) {
        let both = format!("{said}, from the variable {}", variable.display());
        error.insert(ContextKind::InvalidArg, ContextValue::String(both));
    }
    error
}

fn is_typed(option: &Arg, words: &[OsString]) -> bool {
    let name = format!("--{}", option.get_long().unwrap_or_default());
    words.iter().any(|word| {
        let word = word.to_string_lossy();
        word.split('=').next() == Some(&*name)
    })
}
