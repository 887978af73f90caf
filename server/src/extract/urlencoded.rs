//! Reading `application/x-www-form-urlencoded`, which queries and forms share.

use serde::de::DeserializeOwned;
use serde_html_form::Deserializer;

/// The error of a text that does not fit a type: where in the type, and why.
pub(crate) type Misfit = serde_path_to_error::Error<serde_html_form::de::Error>;

/// Reads `text` into a `T`.
pub(crate) fn read<T: DeserializeOwned>(text: &[u8]) -> Result<T, Misfit> {
    serde_path_to_error::deserialize(Deserializer::from_bytes(text))
}
