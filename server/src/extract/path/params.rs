//! The captures of a path, decoded.
//!
//! A router matches the path as it arrived, where `%2F` is not a slash. What the path
//! captured is decoded once, here, and every extractor reads the decoded text. A router that
//! is nested in another adds its captures behind those of the outer one.
//!
//! All names and values lie in one string, one behind the other: a request with captures
//! costs two allocations, however many captures there are.

use http::Extensions;
use percent_encoding::percent_decode_str;

/// What the routers have captured of a request's path, in their order. It lies in the
/// request's extensions.
#[derive(Debug, Clone, Default)]
pub(crate) struct UrlParams {
    /// Each name, and its value behind it.
    text: String,
    /// Where each name and its value end.
    ends: Vec<(usize, usize)>,
    /// The first capture that is not UTF-8 when it is decoded.
    invalid: Option<Box<str>>,
}

impl UrlParams {
    /// Adds what one router captured, names and values as they arrived, to what lies in
    /// `extensions`.
    pub(crate) fn extend<'a>(
        extensions: &mut Extensions,
        captures: impl Iterator<Item = (&'a str, &'a str)>,
    ) {
        let params = extensions.get_or_insert_default::<Self>();
        captures.for_each(|(name, value)| params.push(name, value));
    }

    fn push(&mut self, name: &str, value: &str) {
        let Ok(value) = percent_decode_str(value).decode_utf8() else {
            self.invalid.get_or_insert_with(|| name.into());
            return;
        };
        self.text.push_str(name);
        let middle = self.text.len();
        self.text.push_str(&value);
        self.ends.push((middle, self.text.len()));
    }

    /// How many captures there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Name and value of a capture.
    pub(crate) fn get(&self, at: usize) -> Option<(&str, &str)> {
        let &(middle, end) = self.ends.get(at)?;
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before].1);
        Some((&self.text[start..middle], &self.text[middle..end]))
    }

    /// The name of the first capture whose value is not UTF-8, if there is one.
    pub(crate) fn invalid(&self) -> Option<&str> {
        self.invalid.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(routers: &[&[(&'static str, &'static str)]]) -> UrlParams {
        let mut extensions = Extensions::new();
        for captures in routers {
            UrlParams::extend(&mut extensions, captures.iter().copied());
        }
        extensions.remove().unwrap()
    }

    fn all(params: &UrlParams) -> Vec<(&str, &str)> {
        (0..params.len())
            .map(|at| params.get(at).unwrap())
            .collect()
    }

    #[test]
    fn values_are_decoded_once_and_names_are_not() {
        let params = params(&[&[("a", "x%2Fy"), ("%41", "%2541"), ("empty", "")]]);
        assert_eq!(all(&params), [("a", "x/y"), ("%41", "%41"), ("empty", "")]);
        assert!(params.get(3).is_none() && params.invalid().is_none());
    }

    #[test]
    fn the_captures_of_an_inner_router_stand_behind_those_of_the_outer() {
        let params = params(&[&[("outer", "1")], &[], &[("inner", "2"), ("outer", "3")]]);
        assert_eq!(
            all(&params),
            [("outer", "1"), ("inner", "2"), ("outer", "3")]
        );
    }

    #[test]
    fn the_first_value_that_is_not_utf8_is_named() {
        let params = params(&[&[("a", "%FF")], &[("b", "%FE"), ("c", "fine")]]);
        assert_eq!(params.invalid(), Some("a"));
    }
}
