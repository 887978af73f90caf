//! What a person changes by hand who moves a test over.
//!
//! - `+ Send` in bounds goes: streams of one thread are not (DIFFERENCES.md, "Extractors and
//!   responses").
//! - A request of HTTP/1.1 gets a `Host`: without one it is refused (DIFFERENCES.md, "On the
//!   wire").
//! - `start_paused = true` becomes `false`: the client is in another thread, and a clock that is
//!   paused would jump while it works.

use proc_macro2::{TokenStream, TokenTree};
use std::ops::Range;
use tokio_suite::items::{is, is_word};
use tokio_suite::rename::Replace;

/// What is to be changed in the file of this name.
pub(crate) fn changes(file: &str, tokens: TokenStream) -> Vec<Replace> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut found = Vec::new();
    for at in 0..tokens.len() {
        found.extend(change(file, &tokens[at..]));
        if let TokenTree::Group(group) = &tokens[at] {
            found.extend(changes(file, group.stream()));
        }
    }
    found
}

fn change(file: &str, tokens: &[TokenTree]) -> Option<Replace> {
    let word = |at: usize, word| tokens.get(at).is_some_and(|token| is_word(token, word));
    let (bytes, by) = if is(&tokens[0], '+') && word(1, "Send") {
        (place(&tokens[..2]), None)
    } else if file == "serve" && word(0, "Request") && word(3, "builder") {
        let builder = "Request::builder().header(http::header::HOST, \"localhost\")";
        (place(&tokens[..5]), Some(builder.to_owned()))
    } else if word(0, "start_paused") && word(2, "true") {
        (place(&tokens[2..3]), Some("false".to_owned()))
    } else {
        return None;
    };
    Some(Replace { bytes, by })
}

/// From the first of `tokens` to the last.
fn place(tokens: &[TokenTree]) -> Range<usize> {
    let (first, last) = (&tokens[0], &tokens[tokens.len() - 1]);
    first.span().byte_range().start..last.span().byte_range().end
}

#[cfg(test)]
mod tests {
    use super::changes;

    #[test]
    fn bounds_requests_and_clocks_are_written_as_here() {
        let text = "#[t(start_paused = true)] fn f<T: A + Send + B>() { Request::builder().x() }";
        let changed = |file| {
            let mut found = changes(file, text.parse().unwrap());
            found.sort_by_key(|it| it.bytes.start);
            let of = |it: super::Replace| (text[it.bytes].to_owned(), it.by);
            found.into_iter().map(of).collect::<Vec<_>>()
        };
        let host = "Request::builder().header(http::header::HOST, \"localhost\")";
        let expected = [
            ("true".to_owned(), Some("false".to_owned())),
            ("+ Send".to_owned(), None),
            ("Request::builder()".to_owned(), Some(host.to_owned())),
        ];
        assert_eq!(changed("serve"), expected);
        assert_eq!(changed("json"), expected[..2]);
    }
}
