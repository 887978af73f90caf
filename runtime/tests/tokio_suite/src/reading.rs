//! A reader as Tokio's trait wants it, made one as ours wants it.
//!
//! Tokio's `AsyncRead` is handed a `ReadBuf`, which knows how much of it is filled; that of
//! `futures-io` is handed a slice, and says how much it was. A person who moves a reader over
//! rewrites its method. Here it is done once for all: the method stays as it is, under a trait of
//! the helper crate, and a second `impl` calls it with a `ReadBuf` around the slice.

use crate::items::{is, is_word};
use crate::rename::Replace;
use proc_macro2::{Delimiter, TokenTree};

/// What `ReadBuf` is called. An import becomes that of something which is there for sure.
pub(crate) fn buffer(in_use: bool) -> &'static str {
    match in_use {
        true => "AsyncRead as _",
        false => "tokio_test::reading::ReadBuf",
    }
}

/// The changes to an `impl AsyncRead for ...`, if that is what the next tokens are.
pub(crate) fn adapt(text: &str, tokens: &[TokenTree]) -> Vec<Replace> {
    let is_body = |token: &TokenTree| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
    let end = tokens
        .iter()
        .position(|token| is_body(token) || is(token, ';'));
    let (true, Some(end)) = (is_word(&tokens[0], "impl"), end) else {
        return Vec::new();
    };
    let is_trait = |pair: &[TokenTree]| is_word(&pair[0], "AsyncRead") && is_word(&pair[1], "for");
    let (Some(at), TokenTree::Group(body)) =
        (tokens[..end].windows(2).position(is_trait), &tokens[end])
    else {
        return Vec::new();
    };
    let start = tokens[0].span().byte_range().start;
    let head = &text[start..body.span_open().byte_range().start];
    let replace = |token: proc_macro2::Span, by: String| Replace {
        bytes: token.byte_range(),
        by: Some(by),
    };
    vec![
        replace(tokens[at].span(), "tokio_test::reading::Reads".to_owned()),
        replace(body.span_close(), format!("}} {}", second(head))),
    ]
}

/// The second `impl`, with the head of the first, in a single line.
fn second(head: &str) -> String {
    format!(
        "{} {{ fn poll_read(self: std::pin::Pin<&mut Self>, cx: &mut std::task::Context<'_>, \
         buf: &mut [u8]) -> std::task::Poll<std::io::Result<usize>> {{ \
         tokio_test::reading::poll_read(self, cx, buf) }} }}",
        head.replace('\n', " ")
    )
}

#[cfg(test)]
mod tests {
    use crate::rename::renames;

    #[test]
    fn a_reader_gets_a_second_impl() {
        let text = "use t::{AsyncRead, ReadBuf};\nimpl<'a> AsyncRead for X<'a>\n{ fn f(b: &ReadBuf) {} }\nimpl A for B {}";
        let mut found = renames("file", text, text.parse().unwrap());
        found.sort_by_key(|it| it.bytes.start);
        let by: Vec<_> = found.iter().map(|it| it.by.as_deref().unwrap()).collect();
        assert_eq!(by[0], "AsyncRead as _");
        assert_eq!(by[1], "tokio_test::reading::Reads");
        assert_eq!(by[2], "tokio_test::reading::ReadBuf");
        assert!(by[3].starts_with("} impl<'a> AsyncRead for X<'a>  { fn poll_read(self: "));
        assert_eq!(by.len(), 4);
    }
}
