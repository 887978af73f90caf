//! Whether messages are compressed: the talk about it in the handshake (RFC 7692, section 7.1).
//!
//! The client offers, in the order of its liking; the server takes one offer or none. Ours
//! takes one with any window from 512 bytes (9 bits) to 32 KiB (15 bits), and always without
//! context takeover, in both directions: the standard allows a server to demand that. An
//! offer with a window of 256 bytes, or with anything that the standard does not know, is not
//! taken.

use http::HeaderValue;

const NAME: &str = "permessage-deflate";

/// What a client of ours offers.
pub(crate) const OFFER: HeaderValue = HeaderValue::from_static(
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
);

/// The largest window, as a power of two.
const LARGEST: u8 = 15;

/// The parameters of one offer, or of an answer.
#[derive(Debug, Default, PartialEq, Eq)]
struct Parameters {
    server_no_takeover: bool,
    client_no_takeover: bool,
    server_window: Option<u8>,
    /// Without a value the client says only that it can be told one.
    client_window: Option<Option<u8>>,
}

/// The server's choice among the values of `Sec-WebSocket-Extensions`: the window for what it
/// sends, and what it answers.
pub(crate) fn choose<'a>(
    offers: impl IntoIterator<Item = &'a HeaderValue>,
) -> Option<(u8, HeaderValue)> {
    let texts = offers.into_iter().filter_map(|value| value.to_str().ok());
    let offered = texts.flat_map(elements).filter_map(parameters);
    offered.into_iter().find_map(|offer| accept(&offer))
}

fn accept(offer: &Parameters) -> Option<(u8, HeaderValue)> {
    let mut answer = OFFER.to_str().expect("it is text").to_owned();
    if let Some(window) = offer.server_window {
        answer.push_str("; server_max_window_bits=");
        answer.push_str(itoa::Buffer::new().format(window));
    }
    let window = offer.server_window.unwrap_or(LARGEST);
    let answer = HeaderValue::try_from(answer).ok()?;
    (window > 8).then_some((window, answer))
}

/// What a server answered to [`OFFER`]: the window for what the client sends, if messages are
/// compressed. An error if the answer does not go with the offer.
pub(crate) fn answered<'a>(
    answers: impl IntoIterator<Item = &'a HeaderValue>,
) -> Result<Option<u8>, Mismatch> {
    let mut window = None;
    for value in answers {
        for element in elements(value.to_str().map_err(|_| Mismatch)?) {
            let answer = parameters(element).ok_or(Mismatch)?;
            let fits = answer.server_no_takeover && answer.client_window.is_none();
            if window.replace(LARGEST).is_some() || !fits {
                return Err(Mismatch);
            }
        }
    }
    Ok(window)
}

/// The server chose what was not offered.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Mismatch;

/// The elements of a list. None of the values that are known here may hold a comma.
fn elements(text: &str) -> impl Iterator<Item = &str> {
    text.split(',')
        .map(str::trim)
        .filter(|element| !element.is_empty())
}

/// The parameters of an element, if it is ours and all of them are known, valid and there once.
fn parameters(element: &str) -> Option<Parameters> {
    let mut parts = element.split(';').map(str::trim);
    if !parts.next()?.eq_ignore_ascii_case(NAME) {
        return None;
    }
    let mut all = Parameters::default();
    for part in parts {
        let (name, value) = match part.split_once('=') {
            Some((name, value)) => (name.trim_end(), Some(unquote(value.trim_start()))),
            None => (part, None),
        };
        let is_new = match (name, value) {
            ("server_no_context_takeover", None) => {
                !std::mem::replace(&mut all.server_no_takeover, true)
            }
            ("client_no_context_takeover", None) => {
                !std::mem::replace(&mut all.client_no_takeover, true)
            }
            ("server_max_window_bits", Some(value)) => {
                all.server_window.replace(bits(value)?).is_none()
            }
            ("client_max_window_bits", None) => all.client_window.replace(None).is_none(),
            ("client_max_window_bits", Some(value)) => {
                all.client_window.replace(Some(bits(value)?)).is_none()
            }
            _ => false,
        };
        if !is_new {
            return None;
        }
    }
    Some(all)
}

/// A value may stand in quotes (RFC 6455, section 9.1).
fn unquote(value: &str) -> &str {
    let inner = value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    inner.unwrap_or(value)
}

/// 8 to 15, without zeros in front.
fn bits(value: &str) -> Option<u8> {
    let bits = value
        .parse()
        .ok()
        .filter(|bits| (8..=LARGEST).contains(bits))?;
    (!value.starts_with(['0', '+'])).then_some(bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose_from(offers: &'static str) -> Option<(u8, String)> {
        let (window, answer) = choose(&[HeaderValue::from_static(offers)])?;
        let answer = answer.to_str().unwrap();
        let prefix = OFFER;
        let rest = answer.strip_prefix(prefix.to_str().unwrap()).unwrap();
        Some((window, rest.to_owned()))
    }

    #[test]
    fn the_first_offer_that_can_be_kept_is_taken() {
        let plain = Some((15, String::new()));
        assert_eq!(choose_from("permessage-deflate"), plain);
        assert_eq!(
            choose_from("x-webkit-deflate-frame, permessage-deflate; client_max_window_bits"),
            plain
        );
        assert_eq!(
            choose_from("PerMessage-Deflate ; client_max_window_bits = \"10\""),
            plain
        );
        let nine = Some((9, "; server_max_window_bits=9".to_owned()));
        assert_eq!(
            choose_from("permessage-deflate; server_max_window_bits=9"),
            nine
        );
        let second = "permessage-deflate; server_max_window_bits=8, permessage-deflate; server_max_window_bits=9; server_no_context_takeover";
        assert_eq!(choose_from(second), nine);
    }

    #[test]
    fn an_offer_that_is_not_understood_is_not_taken() {
        for parameters in [
            "x",
            "server_max_window_bits",
            "server_max_window_bits=7",
            "server_max_window_bits=8",
            "server_max_window_bits=16",
            "server_max_window_bits=010",
            "server_max_window_bits=+9",
            "client_max_window_bits=0",
            "client_max_window_bits; client_max_window_bits=9",
            "server_no_context_takeover=1",
            "server_no_context_takeover; server_no_context_takeover",
            "",
        ] {
            let offer = HeaderValue::try_from(format!("permessage-deflate; {parameters}")).unwrap();
            assert_eq!(choose(&[offer]), None, "{parameters}");
        }
        assert_eq!(choose(&[]), None);
    }

    #[test]
    fn a_server_may_choose_what_was_offered_and_nothing_else() {
        let answer = |text| answered(&[HeaderValue::from_static(text)]);
        assert_eq!(answered(&[]), Ok(None));
        assert_eq!(answered(&[OFFER]), Ok(Some(15)));
        assert_eq!(
            answer("permessage-deflate; server_no_context_takeover; server_max_window_bits=9"),
            Ok(Some(15))
        );
        assert_eq!(
            answer("permessage-deflate"),
            Err(Mismatch),
            "it would keep its context"
        );
        assert_eq!(
            answer("permessage-deflate; server_no_context_takeover; client_max_window_bits=9"),
            Err(Mismatch)
        );
        assert_eq!(answer("x-other"), Err(Mismatch));
        assert_eq!(answered(&[OFFER, OFFER]), Err(Mismatch));
    }
}
