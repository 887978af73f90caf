//! Which part of a file a client wants (RFC 9110, section 14).

use std::ops::Range;

use http::HeaderMap;
use http::header::RANGE;

/// What the `Range` of a request says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wanted {
    /// No part: no `Range`, or one that means nothing and is ignored.
    Whole,
    /// These bytes.
    Part(Range<u64>),
    /// More than one part.
    Parts,
    /// 416: nothing of it is there.
    Nothing,
}

/// What part of `length` bytes a request wants.
pub(super) fn wanted(headers: &HeaderMap, length: u64) -> Wanted {
    let mut values = headers.get_all(RANGE).into_iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Wanted::Whole;
    };
    let Some(set) = value.to_str().ok().and_then(in_bytes) else {
        return Wanted::Whole;
    };
    let mut parts = Vec::new();
    for spec in set
        .split(',')
        .map(str::trim)
        .filter(|spec| !spec.is_empty())
    {
        let Some(part) = part(spec, length) else {
            return Wanted::Whole;
        };
        parts.push(part);
    }
    match &parts[..] {
        [] => Wanted::Whole,
        [part] if part.is_empty() => Wanted::Nothing,
        [part] => Wanted::Part(part.clone()),
        _ => Wanted::Parts,
    }
}

/// What stands behind `bytes=`. Another unit is ignored.
fn in_bytes(value: &str) -> Option<&str> {
    let (unit, set) = value.split_once('=')?;
    unit.trim().eq_ignore_ascii_case("bytes").then_some(set)
}

/// The bytes of one `first-last`, `first-` or `-suffix`; an empty range if none of them is
/// there.
fn part(spec: &str, length: u64) -> Option<Range<u64>> {
    let (first, last) = spec.split_once('-')?;
    Some(match (number(first), number(last)) {
        (Some(first), Some(last)) if first > last => return None,
        (Some(first), Some(last)) => first..last.saturating_add(1).min(length).max(first),
        (Some(first), None) if last.is_empty() => first..length.max(first),
        (None, Some(suffix)) if first.is_empty() => length.saturating_sub(suffix)..length,
        _ => return None,
    })
    .map(|part| {
        if part.start >= length {
            length..length
        } else {
            part
        }
    })
}

fn number(digits: &str) -> Option<u64> {
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    // More digits than a number has are beyond the end of every file.
    plain.then(|| digits.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_what_the_standard_says() {
        for (value, expected) in [
            ("bytes=0-0", Wanted::Part(0..1)),
            ("bytes=0-9", Wanted::Part(0..10)),
            ("Bytes = 2-4", Wanted::Part(2..5)),
            ("bytes=2-", Wanted::Part(2..10)),
            ("bytes=2-99", Wanted::Part(2..10)),
            ("bytes=2-99999999999999999999999", Wanted::Part(2..10)),
            ("bytes=-3", Wanted::Part(7..10)),
            ("bytes=-99", Wanted::Part(0..10)),
            ("bytes=-0", Wanted::Nothing),
            ("bytes=10-", Wanted::Nothing),
            ("bytes=10-11", Wanted::Nothing),
            ("bytes=99999999999999999999999-", Wanted::Nothing),
            ("bytes=0-1,4-5", Wanted::Parts),
            ("bytes=0-1,", Wanted::Part(0..2)),
            ("bytes=4-2", Wanted::Whole),
            ("bytes=", Wanted::Whole),
            ("bytes=-", Wanted::Whole),
            ("bytes=a-b", Wanted::Whole),
            ("bytes=+1-2", Wanted::Whole),
            ("bytes=0-1,x", Wanted::Whole),
            ("lines=0-1", Wanted::Whole),
            ("0-1", Wanted::Whole),
        ] {
            let headers = HeaderMap::from_iter([(RANGE, value.parse().unwrap())]);
            assert_eq!(wanted(&headers, 10), expected, "{value}");
        }
        let headers = HeaderMap::from_iter([(RANGE, "bytes=0-".parse().unwrap())]);
        assert_eq!(
            wanted(&headers, 0),
            Wanted::Nothing,
            "an empty file has no first byte"
        );
    }
}
