//! Which byte may stand where.
//!
//! HTTP is text, and its grammar is made of a few classes of bytes (RFC 9110, section 5.6,
//! RFC 9112, section 3, and RFC 3986). Each reader of the wire asks the same table here: the
//! reader of heads, the reader of chunks, and the check of a `Host`. So two of them cannot
//! disagree about a byte.
//!
//! | class | where | bytes |
//! |---|---|---|
//! | [`TOKEN`] | methods, names of headers, chunk extensions | letters, digits, ``!#$%&'*+-.^_`\|~`` |
//! | [`TEXT`] | values of headers | visible ASCII, space, tab, and the bytes beyond ASCII |
//! | [`TARGET`] | the target of a request | visible ASCII |
//! | [`NAME`] | a registered name, that is a host | letters, digits, `-._~!$&'()*+;=` |
//!
//! How it can go wrong: a percent sign. It begins an escape, and an escape has two digits
//! ([`escapes_are_whole`]). A comma is no part of [`NAME`], although RFC 3986 allows it: two
//! hosts with a comma between them are two `Host` headers that a proxy has joined.

/// The bytes of a token.
pub(crate) const TOKEN: u8 = 1;
/// The bytes of a header's value.
pub(crate) const TEXT: u8 = 2;
/// The bytes of a target.
pub(crate) const TARGET: u8 = 4;
/// The bytes of a host's name, without the percent sign.
pub(crate) const NAME: u8 = 8;

/// Whether a byte belongs to a class.
#[inline]
pub(crate) fn is(class: u8, byte: u8) -> bool {
    CLASSES[usize::from(byte)] & class != 0
}

/// Whether each percent sign is followed by two hexadecimal digits.
pub(crate) fn escapes_are_whole(text: &[u8]) -> bool {
    memchr::memchr_iter(b'%', text).all(|at| {
        let digits = text.get(at + 1..at + 3);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    })
}

static CLASSES: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let is_control = byte < 0x20 || byte == 0x7f;
        if !is_control || byte == b'\t' as usize {
            table[byte] |= TEXT;
        }
        if byte < 128 {
            if byte > 0x20 && !is_control {
                table[byte] |= TARGET;
            }
            if (byte as u8).is_ascii_alphanumeric() {
                table[byte] |= TOKEN | NAME;
            }
        }
        byte += 1;
    }
    let table = with(table, b"!#$%&'*+-.^_`|~", TOKEN);
    with(table, b"-._~!$&'()*+;=", NAME)
};

const fn with(mut table: [u8; 256], bytes: &[u8], class: u8) -> [u8; 256] {
    let mut at = 0;
    while at < bytes.len() {
        table[bytes[at] as usize] |= class;
        at += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(class: u8) -> Vec<u8> {
        (0..=255).filter(|byte| is(class, *byte)).collect()
    }

    #[test]
    fn the_classes_are_those_of_the_standards() {
        assert_eq!(all(TOKEN).len(), 62 + 15);
        assert_eq!(all(NAME).len(), 62 + 14);
        assert_eq!(all(TARGET), (0x21..0x7f).collect::<Vec<u8>>());
        let text: Vec<u8> = [b'\t']
            .into_iter()
            .chain(0x20..0x7f)
            .chain(0x80..=0xff)
            .collect();
        assert_eq!(all(TEXT), text);
        assert!(!is(NAME, b',') && !is(NAME, b'%') && !is(TOKEN, b' '));
    }

    #[test]
    fn an_escape_has_two_hexadecimal_digits() {
        for whole in ["", "abc", "%41", "a%2Fb%c3%A9", "%25%25"] {
            assert!(escapes_are_whole(whole.as_bytes()), "{whole:?}");
        }
        for broken in ["%", "a%4", "%%41", "%4g", "%g4", "%41%"] {
            assert!(!escapes_are_whole(broken.as_bytes()), "{broken:?}");
        }
    }
}
