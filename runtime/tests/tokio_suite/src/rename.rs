//! What one changes by hand who moves a program over.
//!
//! DIFFERENCES.md says what is written otherwise here, and some of it is a matter of names. The
//! traits of reading and writing are those of `futures-io`: `poll_shutdown` is called
//! `poll_close`, and there is no `is_write_vectored`. A runtime is built by `new_current_thread`.
//! And whoever renames the dependency tells the attributes `#[tokio::test]` and `#[tokio::main]`
//! under which name the crate goes (`crate = "tokio"`). Tests that differ in nothing else are
//! run, with that changed.

use crate::items::{ends_with, is, is_word};
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use std::ops::Range;

/// What a place of the text is replaced by. Lines must stay lines.
#[derive(Debug)]
pub(crate) struct Replace {
    pub(crate) bytes: Range<usize>,
    /// `None` to blank it.
    pub(crate) by: Option<&'static str>,
}

/// All places to be changed, at any depth.
pub(crate) fn renames(tokens: TokenStream, found: &mut Vec<Replace>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut rest = &tokens[..];
    while let [first, ..] = rest {
        let (length, by) = rename(rest);
        if length > 0 {
            let last = rest[length - 1].span().byte_range();
            let bytes = first.span().byte_range().start..last.end;
            found.push(Replace { bytes, by });
        } else if let TokenTree::Group(group) = first {
            found.extend(is_entry(rest).then(|| name_the_crate(&attribute(group))));
            renames(group.stream(), found);
        }
        rest = &rest[length.max(1)..];
    }
}

/// How many of the next tokens are to be replaced, and by what.
fn rename(tokens: &[TokenTree]) -> (usize, Option<&'static str>) {
    let word = |at: usize, word| tokens.get(at).is_some_and(|token| is_word(token, word));
    if word(0, "poll_shutdown") {
        (1, Some("poll_close"))
    } else if word(0, "new_multi_thread") {
        (1, Some("new_current_thread"))
    } else if is(&tokens[0], '.') && word(1, "worker_threads") {
        (3, None)
    } else if word(0, "fn") && word(1, "is_write_vectored") {
        (method(tokens), None)
    } else {
        (0, None)
    }
}

/// How many tokens a method has, up to its body.
fn method(tokens: &[TokenTree]) -> usize {
    let is_body = |token: &TokenTree| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
    let body = tokens.iter().position(is_body);
    body.map_or(tokens.len(), |at| at + 1)
}

/// Whether the brackets that come next belong to a runtime's attribute: such a function is async,
/// which tells `#[tokio::test]` from `#[test]`, by whatever name.
fn is_entry(tokens: &[TokenTree]) -> bool {
    let TokenTree::Group(group) = &tokens[0] else {
        return false;
    };
    let is_attribute = |pair: &[TokenTree]| matches!(pair, [hash, _] if is(hash, '#'));
    let attributes = tokens[1..].chunks(2).take_while(|pair| is_attribute(pair));
    let head = &tokens[1 + 2 * attributes.count()..];
    let head = head.split(|token| is_word(token, "fn")).next();
    group.delimiter() == Delimiter::Bracket
        && ends_with(&attribute(group), &["test", "maybe_tokio_test", "main"])
        && !says_crate(group.stream())
        && head.is_some_and(|head| head.iter().any(|token| is_word(token, "async")))
}

/// What stands between the brackets, or what a `cfg_attr` there puts between them.
fn attribute(brackets: &Group) -> Group {
    let tokens: Vec<TokenTree> = brackets.stream().into_iter().collect();
    match &tokens[..] {
        [first, TokenTree::Group(conditional)] if is_word(first, "cfg_attr") => {
            let tokens: Vec<TokenTree> = conditional.stream().into_iter().collect();
            let put = tokens.rsplit(|token| is(token, ',')).next();
            let put = put.unwrap_or(&tokens).iter().cloned().collect();
            let mut attribute = Group::new(Delimiter::Parenthesis, put);
            attribute.set_span(conditional.span());
            attribute
        }
        _ => brackets.clone(),
    }
}

fn says_crate(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Group(group) => says_crate(group.stream()),
        token => is_word(&token, "crate"),
    })
}

fn name_the_crate(attribute: &Group) -> Replace {
    let (at, words) = match attribute.stream().into_iter().last() {
        Some(TokenTree::Group(arguments)) => (
            arguments.span_open().byte_range().end,
            "crate = \"tokio\", ",
        ),
        _ => (
            attribute.span_close().byte_range().start,
            "(crate = \"tokio\")",
        ),
    };
    Replace {
        bytes: at..at,
        by: Some(words),
    }
}

#[cfg(test)]
mod tests {
    use super::renames;

    #[test]
    fn a_writer_and_a_builder_are_written_as_here() {
        let text = "fn poll_shutdown(x) { y.poll_shutdown() } fn is_write_vectored(&self) -> bool { no } fn z() {}\
                    B::new_multi_thread().worker_threads(4).build()";
        let mut found = Vec::new();
        renames(text.parse().unwrap(), &mut found);
        let found: Vec<_> = found
            .iter()
            .map(|it| (&text[it.bytes.clone()], it.by))
            .collect();
        let expected = [
            ("poll_shutdown", Some("poll_close")),
            ("poll_shutdown", Some("poll_close")),
            ("fn is_write_vectored(&self) -> bool { no }", None),
            ("new_multi_thread", Some("new_current_thread")),
            (".worker_threads(4)", None),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn attributes_of_async_functions_learn_the_name_of_the_crate() {
        let text = "#[tokio::test] #[other] pub async fn a() {} #[test] fn b() { \
                    #[tokio::main(flavor = 1)] async fn c() {} } #[t::test(crate = 1)] async fn d() {}";
        let mut found = Vec::new();
        renames(text.parse().unwrap(), &mut found);
        let behind: Vec<_> = found
            .iter()
            .map(|it| (&text[..it.bytes.end], it.by))
            .collect();
        assert_eq!(behind.len(), 2);
        assert!(behind[0].0.ends_with("#[tokio::test"));
        assert_eq!(behind[0].1, Some("(crate = \"tokio\")"));
        assert!(behind[1].0.ends_with("#[tokio::main("));
        assert_eq!(behind[1].1, Some("crate = \"tokio\", "));
    }

    #[test]
    fn an_attribute_under_a_condition_learns_it_too() {
        let text = "#[cfg_attr(not(x = 1), tokio::test(flavor = 2))] #[cfg_attr(x, tokio::test)] async fn a() {} \
                    #[cfg_attr(not(x), ignore)] async fn b() {}";
        let mut found = Vec::new();
        renames(text.parse().unwrap(), &mut found);
        let behind: Vec<_> = found.iter().map(|it| &text[..it.bytes.end]).collect();
        assert_eq!(behind.len(), 2);
        assert!(behind[0].ends_with("tokio::test("));
        assert!(behind[1].ends_with("(x, tokio::test"));
    }
}
