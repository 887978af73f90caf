//! Which compressed variants of a file there are, and which the client takes.

use http::HeaderMap;
use http::header::ACCEPT_ENCODING;

/// A way to compress a file beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Brotli,
    Zstd,
    Gzip,
    Deflate,
}

impl Encoding {
    /// The best first.
    const ALL: [Encoding; 4] = [
        Encoding::Brotli,
        Encoding::Zstd,
        Encoding::Gzip,
        Encoding::Deflate,
    ];

    /// What stands behind the file's name.
    pub(super) fn extension(self) -> &'static str {
        match self {
            Encoding::Brotli => ".br",
            Encoding::Zstd => ".zst",
            Encoding::Gzip => ".gz",
            Encoding::Deflate => ".zz",
        }
    }

    /// As `Content-Encoding` says it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Encoding::Brotli => "br",
            Encoding::Zstd => "zstd",
            Encoding::Gzip => "gzip",
            Encoding::Deflate => "deflate",
        }
    }

    fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// Some of the encodings.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Encodings(u8);

impl Encodings {
    pub(super) fn add(&mut self, encoding: Encoding) {
        self.0 |= encoding.bit();
    }

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// Those of `offered` that the client takes, the one it likes best first (RFC 9110, section
/// 12.5.3).
pub(super) fn accepted(headers: &HeaderMap, offered: Encodings) -> Vec<Encoding> {
    let mut accepted: Vec<(Encoding, u16)> = Encoding::ALL
        .into_iter()
        .filter(|encoding| offered.0 & encoding.bit() != 0)
        .map(|encoding| (encoding, quality(headers, encoding.name())))
        .filter(|(_, quality)| *quality > 0)
        .collect();
    // A stable sort: among equals ours is the order.
    accepted.sort_by_key(|(_, quality)| std::cmp::Reverse(*quality));
    accepted.into_iter().map(|(encoding, _)| encoding).collect()
}

/// How much the client likes the coding `name`, in thousandths; 0 if not at all.
fn quality(headers: &HeaderMap, name: &str) -> u16 {
    let mut any = 0;
    for value in headers.get_all(ACCEPT_ENCODING) {
        let value = value.to_str().unwrap_or_default();
        for element in value.split(',') {
            let (coding, parameters) = element.split_once(';').unwrap_or((element, ""));
            let coding = coding.trim();
            let quality = weight(parameters);
            if is_name(coding, name) {
                return quality;
            }
            if coding == "*" {
                any = quality;
            }
        }
    }
    any
}

/// Whether a client means this coding; its old name begins with `x-` (RFC 9110, section 8.4.1.3).
fn is_name(said: &str, name: &str) -> bool {
    let is_old = name == "gzip" && said.eq_ignore_ascii_case("x-gzip");
    said.eq_ignore_ascii_case(name) || is_old
}

/// The weight behind a coding: `q=0.5`. One without is 1, one that is none is 0.
fn weight(parameters: &str) -> u16 {
    let parameter = parameters.trim();
    if parameter.is_empty() {
        return 1000;
    }
    let value = parameter
        .strip_prefix("q=")
        .or_else(|| parameter.strip_prefix("Q="));
    let value = value.and_then(|value| value.trim().parse::<f32>().ok());
    match value {
        // Between 0 and 1: the product fits.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        Some(value) if (0.0..=1.0).contains(&value) => (value * 1000.0).round() as u16,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_says_which_variants_it_takes() {
        let mut offered = Encodings::default();
        offered.add(Encoding::Gzip);
        offered.add(Encoding::Brotli);
        for (accept, expected) in [
            ("", vec![]),
            ("gzip", vec!["gzip"]),
            ("X-GZip", vec!["gzip"]),
            ("gzip, br", vec!["br", "gzip"]),
            ("GZIP;q=1.0, br;q=0.5", vec!["gzip", "br"]),
            ("br;q=0, *", vec!["gzip"]),
            ("*;q=0, gzip", vec!["gzip"]),
            ("*", vec!["br", "gzip"]),
            ("deflate", vec![]),
            ("gzip;q=2", vec![]),
            ("gzip;level=9", vec![]),
        ] {
            let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, accept.parse().unwrap())]);
            let names: Vec<_> = accepted(&headers, offered)
                .into_iter()
                .map(Encoding::name)
                .collect();
            assert_eq!(names, expected, "{accept}");
        }
    }
}
