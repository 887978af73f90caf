//! The parameters of `Content-Disposition` (RFC 7578, section 4.2).
//!
//! Browsers write what no grammar allows: names in raw UTF-8, `\"` for a quote and a single
//! `\` for itself. They are read as they are meant.

/// The parameter `name` of a header such as `form-data; name="file"; filename="a.txt"`.
pub(super) fn parameter(header: &[u8], name: &str) -> Option<String> {
    let mut rest = header;
    loop {
        rest = skip_to_next(rest)?;
        let (found, behind) = token(rest);
        let behind = trimmed(behind);
        let Some(behind) = behind.strip_prefix(b"=") else {
            rest = behind;
            continue;
        };
        let (value, behind) = value(trimmed(behind))?;
        if found.eq_ignore_ascii_case(name.as_bytes()) {
            return String::from_utf8(value).ok();
        }
        rest = behind;
    }
}

/// What stands behind the next semicolon.
fn skip_to_next(text: &[u8]) -> Option<&[u8]> {
    let at = memchr::memchr(b';', text)?;
    Some(trimmed(&text[at + 1..]))
}

/// A name, and what stands behind it.
fn token(text: &[u8]) -> (&[u8], &[u8]) {
    let is_end = |byte: &u8| matches!(byte, b'=' | b';') || byte.is_ascii_whitespace();
    let end = text.iter().position(is_end).unwrap_or(text.len());
    text.split_at(end)
}

/// A value with or without quotes, and what stands behind it. `None`: the quotes do not end.
fn value(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let Some(mut rest) = text.strip_prefix(b"\"") else {
        let is_end = |byte: &u8| *byte == b';' || byte.is_ascii_whitespace();
        let end = text.iter().position(is_end).unwrap_or(text.len());
        return Some((text[..end].to_vec(), &text[end..]));
    };
    let mut value = Vec::new();
    loop {
        let quote = memchr::memchr(b'"', rest)?;
        value.extend_from_slice(&rest[..quote]);
        rest = &rest[quote + 1..];
        match value.last_mut() {
            Some(last) if *last == b'\\' => *last = b'"',
            _ => return Some((value, rest)),
        }
    }
}

fn trimmed(text: &[u8]) -> &[u8] {
    text.trim_ascii_start()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_as_they_are_meant() {
        let table = [
            (r#"form-data; name="a""#, Some("a"), None),
            (
                r#"form-data; name="a b"; filename="c.txt""#,
                Some("a b"),
                Some("c.txt"),
            ),
            (
                r#"form-data; filename="c.txt"; name="a""#,
                Some("a"),
                Some("c.txt"),
            ),
            (r"form-data;name=a;filename=b", Some("a"), Some("b")),
            (
                r#"form-data; NAME = "a" ; filename*=utf-8''x"#,
                Some("a"),
                None,
            ),
            (
                r#"form-data; filename="name=b; name=\"c\""; name=a"#,
                Some("a"),
                Some(r#"name=b; name="c""#),
            ),
            (
                r#"form-data; name="C:\dir\file""#,
                Some(r"C:\dir\file"),
                None,
            ),
            (r#"form-data; name=""; filename="#, Some(""), Some("")),
            (
                r#"form-data; name="über"; filename="你好""#,
                Some("über"),
                Some("你好"),
            ),
            (r#"form-data; name="no end"#, None, None),
            (r#"form-data; name="no end\""#, None, None),
            ("form-data; name", None, None),
            ("form-data; name; filename=b", None, Some("b")),
            ("name=a", None, None),
            ("", None, None),
        ];
        for (header, name, file_name) in table {
            let found = |of| parameter(header.as_bytes(), of);
            assert_eq!(found("name").as_deref(), name, "{header}");
            assert_eq!(found("filename").as_deref(), file_name, "{header}");
        }
        assert_eq!(parameter(b"x; name=\"\xff\"", "name"), None);
    }
}
