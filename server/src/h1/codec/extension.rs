//! What may stand behind the size of a chunk.
//!
//! The grammar (RFC 9112, section 7.1.1; BWS is white space that should not be there):
//!
//! ```text
//! *( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] )
//! ```
//!
//! No extension is known here, and what they say is thrown away.
//!
//! How it can go wrong: to throw away without looking. A proxy that takes another byte for
//! the end of the line sees a request where this server sees an extension. What has not the
//! form of one is refused.

use super::grammar::{TEXT, TOKEN, is};

/// What the next byte belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extension {
    /// White space after the size or a value: only another extension may follow it.
    Space,
    /// A name, or white space before it.
    NameStart,
    /// The rest of a name.
    Name,
    /// White space after a name: a value or another extension must follow it.
    NameEnd,
    /// A value, or white space before it.
    ValueStart,
    /// The rest of a value that is a token.
    Value,
    /// A value between quotes.
    Quoted,
    /// The byte after a backslash between quotes.
    Escaped,
    /// What follows a value between quotes.
    QuotedEnd,
}

impl Extension {
    /// What follows this byte; `None` if it may not stand here.
    pub(crate) fn next(self, byte: u8) -> Option<Self> {
        use Extension::*;
        match (self, byte) {
            (Space, b' ' | b'\t') => Some(Space),
            (NameStart, b' ' | b'\t') => Some(NameStart),
            (Name | NameEnd, b' ' | b'\t') => Some(NameEnd),
            (ValueStart, b' ' | b'\t') => Some(ValueStart),
            (Value | QuotedEnd, b' ' | b'\t') => Some(Space),
            (Space | Name | NameEnd | Value | QuotedEnd, b';') => Some(NameStart),
            (Name | NameEnd, b'=') => Some(ValueStart),
            (ValueStart, b'"') => Some(Quoted),
            (Quoted, b'"') => Some(QuotedEnd),
            (Quoted, b'\\') => Some(Escaped),
            (NameStart | Name, _) if is(TOKEN, byte) => Some(Name),
            (ValueStart | Value, _) if is(TOKEN, byte) => Some(Value),
            (Quoted | Escaped, _) if is(TEXT, byte) => Some(Quoted),
            _ => None,
        }
    }

    /// Whether the line may end here.
    pub(crate) fn may_end(self) -> bool {
        matches!(
            self,
            Extension::Name | Extension::Value | Extension::QuotedEnd
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether this may stand between a size and the end of its line.
    fn is_taken(text: &str) -> bool {
        let part = text.bytes().try_fold(Extension::Space, Extension::next);
        part.is_some_and(Extension::may_end)
    }

    #[test]
    fn an_extension_is_a_name_or_a_name_and_a_value() {
        for text in [
            ";a",
            ";a;b;c",
            ";a=b",
            " ; a = b ; c",
            "\t;\ta\t=\tb",
            ";a=\"\"",
            ";a=\"GET / HTTP/1.1; \u{e9}\"",
            ";a=\"\\\"\\\\\" ; b",
            ";!#$%&'*+-.^_`|~=1",
        ] {
            assert!(is_taken(text), "{text:?}");
        }
    }

    #[test]
    fn what_has_not_the_form_of_an_extension_is_refused() {
        for text in [
            " ",
            "a",
            ",a",
            ";",
            ";;;",
            "; ;a",
            ";a;",
            ";a ",
            ";a=",
            ";a=;b",
            ";=b",
            ";a b",
            ";a=b c",
            ";a==b",
            ";a=b ",
            ";GET / HTTP/1.1",
            ";a=\"b",
            ";a=\"b\\\"",
            ";a=\"b\"c",
            ";a=\"\u{1}\"",
            ";a=\"\\\u{7f}\"",
            ";a=\"b\r",
            ";\"a\"",
            ";a\u{e9}",
            ";a=\u{e9}",
        ] {
            assert!(!is_taken(text), "{text:?}");
        }
    }
}
