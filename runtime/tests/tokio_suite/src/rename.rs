//! What one changes by hand who moves a program over.
//!
//! DIFFERENCES.md says what is written otherwise here, and some of it is a matter of names. The
//! traits of reading and writing are those of `futures-io`: `poll_shutdown` is called
//! `poll_close`, there is no `is_write_vectored`, and reading is otherwise (`reading.rs`). A runtime
//! is built by `new_current_thread`.
//! And who renames the dependency tells the attributes `#[tokio::test]` and `#[tokio::main]`
//! under which name the crate goes (`crate = "tokio"`). Tests that differ in nothing else are
//! run, with that changed. (And a test that was a crate is a module now: `crate::` becomes the
//! path to it.)

use crate::items::{is, is_word};
use crate::reading;
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use std::ops::Range;

/// What a place of the text is replaced by. Lines must stay lines.
#[derive(Debug)]
pub struct Replace {
    /// The place.
    pub bytes: Range<usize>,
    /// The words that take its place. `None` to blank it.
    pub by: Option<String>,
}

/// What is to be changed in the file of this name.
pub fn renames(file: &str, text: &str, tokens: TokenStream) -> Vec<Replace> {
    let mut renames = Renames {
        file,
        text,
        in_use: false,
        found: Vec::new(),
    };
    renames.walk(tokens);
    renames.found
}

struct Renames<'a> {
    file: &'a str,
    text: &'a str,
    in_use: bool,
    found: Vec<Replace>,
}

impl Renames<'_> {
    fn walk(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut rest = &tokens[..];
        while let [first, ..] = rest {
            self.in_use = is_word(first, "use") || self.in_use && !is(first, ';');
            let (length, by) = self.rename(rest);
            if length > 0 {
                let last = rest[length - 1].span().byte_range();
                let bytes = first.span().byte_range().start..last.end;
                self.found.push(Replace { bytes, by });
            } else if let TokenTree::Group(group) = first {
                self.found.extend(imported_entry(group, rest));
                self.walk(group.stream());
            }
            if !self.in_use {
                self.found.extend(entry(rest));
            }
            self.found.extend(reading::adapt(self.text, rest));
            rest = &rest[length.max(1)..];
        }
    }

    /// How many of the next tokens are to be replaced, and by what.
    fn rename(&self, tokens: &[TokenTree]) -> (usize, Option<String>) {
        let word = |at: usize, word| tokens.get(at).is_some_and(|token| is_word(token, word));
        let one = |words: &str| (1, Some(words.to_owned()));
        if word(0, "poll_shutdown") {
            one("poll_close")
        } else if word(0, "new_multi_thread") {
            one("new_current_thread")
        } else if word(0, "ReadBuf") {
            one(reading::buffer(self.in_use))
        } else if word(0, "crate") && tokens.get(1).is_some_and(|token| is(token, ':')) {
            one(&format!("crate::{}", self.file))
        } else if is(&tokens[0], '.') && word(1, "worker_threads") {
            (3, None)
        } else if word(0, "fn") && word(1, "is_write_vectored") {
            (method(tokens), None)
        } else {
            (0, None)
        }
    }
}

/// How many tokens a method has, up to its body.
fn method(tokens: &[TokenTree]) -> usize {
    let is_body = |token: &TokenTree| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
    let body = tokens.iter().position(is_body);
    body.map_or(tokens.len(), |at| at + 1)
}

/// `tokio::test` or `tokio::main` in an attribute, also in one that depends on a condition.
fn entry(tokens: &[TokenTree]) -> Option<Replace> {
    let [krate, colon, _, word, rest @ ..] = tokens else {
        return None;
    };
    let is_entry = is_word(krate, "tokio")
        && is(colon, ':')
        && (is_word(word, "test") || is_word(word, "main"));
    let arguments = match rest.first() {
        Some(TokenTree::Group(arguments)) => Some(arguments),
        _ => None,
    };
    is_entry.then(|| name_the_crate(word, arguments))?
}

/// An attribute that was imported, and is a single word. That the function below it is async tells
/// `tokio::test` from the `test` of everyday.
fn imported_entry(attribute: &Group, tokens: &[TokenTree]) -> Option<Replace> {
    let path: Vec<TokenTree> = attribute.stream().into_iter().collect();
    let [word] = &path[..] else {
        return None;
    };
    let is_attribute = |pair: &[TokenTree]| matches!(pair, [hash, _] if is(hash, '#'));
    let attributes = tokens[1..].chunks(2).take_while(|pair| is_attribute(pair));
    let mut head = tokens[1 + 2 * attributes.count()..].iter();
    let is_async = head
        .by_ref()
        .take_while(|token| !is_word(token, "fn"))
        .any(|token| is_word(token, "async"));
    let is_entry = attribute.delimiter() == Delimiter::Bracket
        && is_async
        && (is_word(word, "test") || is_word(word, "maybe_tokio_test"));
    is_entry.then(|| name_the_crate(word, None))?
}

fn name_the_crate(word: &TokenTree, arguments: Option<&Group>) -> Option<Replace> {
    let says_crate = |it: &Group| {
        it.stream()
            .into_iter()
            .any(|token| is_word(&token, "crate"))
    };
    let (at, words) = match arguments {
        Some(arguments) if says_crate(arguments) => return None,
        Some(arguments) => (
            arguments.span_open().byte_range().end,
            "crate = \"tokio\", ",
        ),
        None => (word.span().byte_range().end, "(crate = \"tokio\")"),
    };
    Some(Replace {
        bytes: at..at,
        by: Some(words.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::renames;

    #[test]
    fn a_writer_and_a_builder_are_written_as_here() {
        let text = "fn poll_shutdown(x) { y.poll_shutdown() } fn is_write_vectored(&self) -> bool { no } fn z() {}\
                    B::new_multi_thread().worker_threads(4).build(); use crate::x; pub(crate) x";
        let found = renames("file", text, text.parse().unwrap());
        let found: Vec<_> = found
            .iter()
            .map(|it| (&text[it.bytes.clone()], it.by.as_deref()))
            .collect();
        let expected = [
            ("poll_shutdown", Some("poll_close")),
            ("poll_shutdown", Some("poll_close")),
            ("fn is_write_vectored(&self) -> bool { no }", None),
            ("new_multi_thread", Some("new_current_thread")),
            (".worker_threads(4)", None),
            ("crate", Some("crate::file")),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn attributes_of_async_functions_learn_the_name_of_the_crate() {
        let text = "#[tokio::test] #[other] pub async fn a() {} #[test] fn b() { \
                    #[tokio::main(flavor = 1)] async fn c() {} } #[tokio::test(crate = 1)] async fn d() {} \
                    #[cfg_attr(x, tokio::test)] async fn e() {} use tokio::test; #[test] async fn f() {}";
        let found = renames("file", text, text.parse().unwrap());
        let behind: Vec<_> = found
            .iter()
            .map(|it| (&text[..it.bytes.end], it.by.as_deref()))
            .collect();
        assert_eq!(behind.len(), 4);
        assert!(behind[0].0.ends_with("#[tokio::test"));
        assert_eq!(behind[0].1, Some("(crate = \"tokio\")"));
        assert!(behind[1].0.ends_with("#[tokio::main("));
        assert_eq!(behind[1].1, Some("crate = \"tokio\", "));
        assert!(behind[2].0.ends_with("#[cfg_attr(x, tokio::test"));
        assert!(behind[3].0.ends_with("use tokio::test; #[test"));
    }
}
