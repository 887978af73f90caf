//! Why captures do not fit a type.

use std::fmt;

use http::StatusCode;

use super::super::rejection::refuse;
use crate::response::{IntoResponse, Response};

/// Why captures could not be read into a type. Its example is [`FailedToDeserializePathParams`]'s.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub enum ErrorKind {
    /// The type has room for another number of captures.
    WrongNumberOfParameters {
        /// Captures of the route.
        got: usize,
        /// Captures that the type has room for.
        expected: usize,
    },
    /// A capture, in a struct or a map, could not be parsed.
    ParseErrorAtKey {
        /// The capture's name.
        key: String,
        /// Its value.
        value: String,
        /// What it was to be.
        expected_type: &'static str,
    },
    /// A capture, in a tuple or a list, could not be parsed.
    ParseErrorAtIndex {
        /// Which it was, counted from 0.
        index: usize,
        /// Its value.
        value: String,
        /// What it was to be.
        expected_type: &'static str,
    },
    /// The only capture could not be parsed.
    ParseError {
        /// Its value.
        value: String,
        /// What it was to be.
        expected_type: &'static str,
    },
    /// A capture is not UTF-8 when it is decoded.
    InvalidUtf8InPathParam {
        /// The capture's name.
        key: String,
    },
    /// Captures cannot be of this type.
    UnsupportedType {
        /// The type's name.
        name: &'static str,
    },
    /// The type itself refused a capture.
    DeserializeError {
        /// The capture's name.
        key: String,
        /// Its value.
        value: String,
        /// What the type said.
        message: String,
    },
    /// Something else, in the type's own words.
    Message(String),
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ErrorKind::WrongNumberOfParameters { got, expected } => {
                wrong_number(f, *got, *expected)
            }
            ErrorKind::ParseErrorAtKey {
                key,
                value,
                expected_type,
            } => write!(
                f,
                "Cannot parse `{key}` with value `{value}` to a `{expected_type}`"
            ),
            ErrorKind::ParseErrorAtIndex {
                index,
                value,
                expected_type,
            } => write!(
                f,
                "Cannot parse value at index {index} with value `{value}` to a `{expected_type}`"
            ),
            ErrorKind::ParseError {
                value,
                expected_type,
            } => write!(f, "Cannot parse `{value}` to a `{expected_type}`"),
            ErrorKind::InvalidUtf8InPathParam { key } => write!(f, "Invalid UTF-8 in `{key}`"),
            ErrorKind::UnsupportedType { name } => write!(f, "Unsupported type `{name}`"),
            ErrorKind::DeserializeError {
                key,
                value,
                message,
            } => write!(f, "Cannot parse `{key}` with value `{value}`: {message}"),
            ErrorKind::Message(message) => f.write_str(message),
        }
    }
}

fn wrong_number(f: &mut fmt::Formatter<'_>, got: usize, expected: usize) -> fmt::Result {
    write!(
        f,
        "Wrong number of path arguments for `Path`. Expected {expected} but got {got}"
    )?;
    if expected == 1 {
        f.write_str(
            ". Note that multiple parameters must be extracted with a tuple `Path<(_, _)>` \
             or a struct `Path<YourParams>`",
        )?;
    }
    Ok(())
}

/// The error of our deserializer. It hides from programs that [`ErrorKind`] is one of
/// serde's.
#[derive(Debug)]
pub(crate) struct PathError(pub(crate) ErrorKind);

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for PathError {}

impl serde::de::Error for PathError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        PathError(ErrorKind::Message(message.to_string()))
    }
}

/// The captures do not fit the type that [`Path`](super::Path) was to be.
///
/// 400, as the client has sent them; 500 if the type can fit no request of the route.
///
/// ```
/// use server::extract::Path;
/// use server::extract::path::ErrorKind;
/// use server::extract::rejection::PathRejection;
/// use server::testing::TestClient;
/// use server::{Router, routing::get};
///
/// async fn item(id: Result<Path<u8>, PathRejection>) -> String {
///     match id {
///         Ok(Path(id)) => format!("item {id}"),
///         Err(PathRejection::FailedToDeserializePathParams(error)) => match error.kind() {
///             ErrorKind::ParseError { value, .. } => format!("{value} is no number"),
///             _ => error.body_text(),
///         },
///         Err(other) => other.body_text(),
///     }
/// }
///
/// # #[runtime::main(start_paused = true)] async fn main() {
/// let client = TestClient::new(Router::new().route("/{id}", get(item)));
/// assert_eq!(client.get("/x").await.text().await, "x is no number");
/// # }
/// ```
#[derive(Debug)]
pub struct FailedToDeserializePathParams(ErrorKind);

impl FailedToDeserializePathParams {
    pub(crate) fn new(kind: ErrorKind) -> Self {
        FailedToDeserializePathParams(kind)
    }

    /// What was wrong. Its example is [`FailedToDeserializePathParams`]'s.
    pub fn kind(&self) -> &ErrorKind {
        &self.0
    }

    /// What was wrong, taken out.
    pub fn into_kind(self) -> ErrorKind {
        self.0
    }

    /// The text of the response. Its example is [`FailedToDeserializePathParams`]'s.
    #[must_use]
    pub fn body_text(&self) -> String {
        if self.is_the_routes_fault() {
            return self.0.to_string();
        }
        format!("Invalid URL: {}", self.0)
    }

    /// The status of the response.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        if self.is_the_routes_fault() {
            return StatusCode::INTERNAL_SERVER_ERROR;
        }
        StatusCode::BAD_REQUEST
    }

    /// Whether no request could have fitted.
    fn is_the_routes_fault(&self) -> bool {
        matches!(
            self.0,
            ErrorKind::WrongNumberOfParameters { .. } | ErrorKind::UnsupportedType { .. }
        )
    }
}

impl fmt::Display for FailedToDeserializePathParams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for FailedToDeserializePathParams {}

impl IntoResponse for FailedToDeserializePathParams {
    fn into_response(self) -> Response {
        let text = self.body_text();
        refuse("FailedToDeserializePathParams", self.status(), text)
    }
}

/// A capture is not UTF-8 when it is decoded.
/// Its example is [`RawPathParams`](super::RawPathParams)'s.
#[derive(Debug)]
pub struct InvalidUtf8InPathParam {
    key: Box<str>,
}

impl InvalidUtf8InPathParam {
    pub(crate) fn new(key: &str) -> Self {
        InvalidUtf8InPathParam { key: key.into() }
    }

    /// The text of the response. Its example is [`rejection`](crate::extract::rejection)'s.
    #[must_use]
    pub fn body_text(&self) -> String {
        self.to_string()
    }

    /// The status of the response.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        StatusCode::BAD_REQUEST
    }
}

impl fmt::Display for InvalidUtf8InPathParam {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Invalid UTF-8 in `{}`", self.key)
    }
}

impl std::error::Error for InvalidUtf8InPathParam {}

impl IntoResponse for InvalidUtf8InPathParam {
    fn into_response(self) -> Response {
        let text = self.body_text();
        refuse("InvalidUtf8InPathParam", self.status(), text)
    }
}
