//! Text in counted memory.

use std::fmt;
use std::ops::Deref;
use std::str::Utf8Error;

use bytes::Bytes;

/// Bytes that are known to be UTF-8. A clone shares the memory.
///
/// ```
/// use server::ws::Utf8Bytes;
///
/// let text = Utf8Bytes::from("tea");
/// assert_eq!(text, "tea");
/// assert_eq!(text.len(), 3);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Utf8Bytes(Bytes);

impl Utf8Bytes {
    /// Text that lives as long as the program; it is not copied.
    ///
    /// ```
    /// use server::ws::Utf8Bytes;
    ///
    /// const HELLO: Utf8Bytes = Utf8Bytes::from_static("hello");
    /// assert_eq!(HELLO.as_str(), "hello");
    /// ```
    #[inline]
    #[must_use]
    pub const fn from_static(text: &'static str) -> Self {
        Utf8Bytes(Bytes::from_static(text.as_bytes()))
    }

    /// Bytes that have been looked through already.
    pub(crate) fn checked(bytes: Bytes) -> Self {
        debug_assert!(std::str::from_utf8(&bytes).is_ok(), "unchecked text");
        Utf8Bytes(bytes)
    }

    /// The text. Each call looks through all of it: without `unsafe` there is no other way
    /// from bytes to text. So what needs it often asks once.
    #[inline]
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("only UTF-8 comes in")
    }
}

impl Deref for Utf8Bytes {
    type Target = str;

    #[inline]
    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for Utf8Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl TryFrom<Bytes> for Utf8Bytes {
    type Error = Utf8Error;

    fn try_from(bytes: Bytes) -> Result<Self, Utf8Error> {
        std::str::from_utf8(&bytes)?;
        Ok(Utf8Bytes(bytes))
    }
}

impl TryFrom<Vec<u8>> for Utf8Bytes {
    type Error = Utf8Error;

    fn try_from(bytes: Vec<u8>) -> Result<Self, Utf8Error> {
        Bytes::from(bytes).try_into()
    }
}

impl From<String> for Utf8Bytes {
    fn from(text: String) -> Self {
        Utf8Bytes(text.into())
    }
}

impl From<&str> for Utf8Bytes {
    fn from(text: &str) -> Self {
        Utf8Bytes(Bytes::copy_from_slice(text.as_bytes()))
    }
}

impl From<&String> for Utf8Bytes {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

impl From<Utf8Bytes> for Bytes {
    fn from(text: Utf8Bytes) -> Self {
        text.0
    }
}

impl<T> PartialEq<T> for Utf8Bytes
where
    for<'a> &'a str: PartialEq<T>,
{
    fn eq(&self, other: &T) -> bool {
        self.as_str() == *other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_utf8_comes_in() {
        assert_eq!(Utf8Bytes::try_from(b"\xc3\xa9".to_vec()).unwrap(), "é");
        assert!(Utf8Bytes::try_from(Bytes::from_static(b"\xc3")).is_err());
        assert_eq!(Utf8Bytes::from(&String::from("a")).to_string(), "a");
        assert_eq!(Bytes::from(Utf8Bytes::from_static("ab")), "ab");
        assert_eq!(Utf8Bytes::default(), "");
    }
}
