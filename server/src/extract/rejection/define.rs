//! How a rejection is made: its status, its text, and the mark that it leaves.
//!
//! A rejection is a value until the handler's wrapper turns it into a response. The response
//! carries a [`Rejection`] among its extensions. So a layer further out can tell it from
//! any other response with that status, and word it otherwise.

use std::borrow::Cow;

use http::StatusCode;
use http::header::{ALLOW, HeaderName, HeaderValue, SEC_WEBSOCKET_VERSION, UPGRADE};

use crate::response::{IntoResponse, Response};

/// What a rejection leaves in the extensions of the response that it became.
///
/// ```
/// use server::extract::rejection::{MatchedPathMissing, Rejection};
/// use server::response::IntoResponse;
///
/// let response = MatchedPathMissing::default().into_response();
/// let rejection = response.extensions().get::<Rejection>().unwrap();
/// assert_eq!(rejection.status(), 500);
/// assert_eq!(rejection.name(), "MatchedPathMissing");
/// ```
#[derive(Debug, Clone)]
pub struct Rejection {
    name: &'static str,
    status: StatusCode,
    text: Cow<'static, str>,
}

impl Rejection {
    /// The name of the rejection's type, without its path. Its example is [`Rejection`]'s.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The status of the response. Its example is [`Rejection`]'s.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The text that the response has as its body.
    /// Its example is [`Router::on_rejection`](crate::Router::on_rejection)'s.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// The response of the rejection `name`.
pub(crate) fn refuse(
    name: &'static str,
    status: StatusCode,
    text: impl Into<Cow<'static, str>>,
) -> Response {
    let text = text.into();
    let mut response = (status, text.clone()).into_response();
    response
        .extensions_mut()
        .insert(Rejection { name, status, text });
    if let Some((name, value)) = demanded(name, status) {
        let headers = response.headers_mut();
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// What a response with this status must say besides (RFC 9110, sections 15.5.6 and 15.5.22), and one
/// that refuses a version of WebSockets (RFC 6455, section 4.4).
/// Only the rejections of a WebSocket have these: it is asked for by a GET.
fn demanded(name: &str, status: StatusCode) -> Option<(HeaderName, &'static str)> {
    match status {
        StatusCode::METHOD_NOT_ALLOWED => Some((ALLOW, "GET")),
        StatusCode::UPGRADE_REQUIRED => Some((UPGRADE, "websocket")),
        _ if name == "InvalidWebSocketVersionHeader" => Some((SEC_WEBSOCKET_VERSION, "13")),
        _ => None,
    }
}

/// A response that takes the place of a rejection's: it says what is demanded of that one, unless it
/// does so already.
pub(super) fn reworded(mut rejection: Response, mut response: Response) -> Response {
    for name in [ALLOW, UPGRADE, SEC_WEBSOCKET_VERSION] {
        if let Some(value) = rejection.headers_mut().remove(&name) {
            let headers = response.headers_mut();
            headers.entry(name).or_insert(value);
        }
    }
    response
}

/// Rejections of one cause each. A name with `(error)` behind it has the cause's own text
/// behind its text.
macro_rules! rejections {
    ($($(#[$meta:meta])* $name:ident $(($error:ident))? => $status:ident, $text:literal;)*) => {
        $($crate::extract::rejection::define::rejection! {
            $(#[$meta])* $name $(($error))? => $status, $text
        })*
    };
}

/// One rejection of [`rejections`].
macro_rules! rejection {
    ($(#[$meta:meta])* $name:ident => $status:ident, $text:literal) => {
        $(#[$meta])*
        ///
        /// The module [`rejection`](crate::extract::rejection) has an example.
        #[derive(Debug, Default)]
        #[non_exhaustive]
        pub struct $name;

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str($text)
            }
        }

        impl std::error::Error for $name {}

        $crate::extract::rejection::define::refusal!($name => $status);
    };
    ($(#[$meta:meta])* $name:ident (error) => $status:ident, $text:literal) => {
        $(#[$meta])*
        ///
        /// The module [`rejection`](crate::extract::rejection) has an example.
        #[derive(Debug)]
        pub struct $name($crate::body::BoxError);

        impl $name {
            pub(crate) fn from_err(error: impl Into<$crate::body::BoxError>) -> Self {
                $name(error.into())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!($text, ": {}"), self.0)
            }
        }

        impl std::error::Error for $name {
            fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
                Some(&*self.0)
            }
        }

        $crate::extract::rejection::define::refusal!($name => $status);
    };
}

/// The status and the response of a rejection whose text is what it displays.
macro_rules! refusal {
    ($name:ident => $status:ident) => {
        impl $name {
            /// The text of the response. Its example is [`rejection`](crate::extract::rejection)'s.
            #[must_use]
            pub fn body_text(&self) -> String {
                self.to_string()
            }

            /// The status of the response. Its example is [`rejection`](crate::extract::rejection)'s.
            #[must_use]
            pub fn status(&self) -> http::StatusCode {
                http::StatusCode::$status
            }
        }

        impl $crate::response::IntoResponse for $name {
            fn into_response(self) -> $crate::response::Response {
                let text = self.body_text();
                $crate::extract::rejection::define::refuse(stringify!($name), self.status(), text)
            }
        }
    };
}

/// A rejection that is one of several.
macro_rules! one_of {
    ($($(#[$meta:meta])* $name:ident { $($variant:ident),+ $(,)? })*) => {
        $(
            $(#[$meta])*
            ///
            /// The module [`rejection`](crate::extract::rejection) has an example.
            #[derive(Debug)]
            #[non_exhaustive]
            pub enum $name {
                $(
                    #[doc = concat!("See [`", stringify!($variant), "`].")]
                    $variant($variant),
                )+
            }

            impl $name {
                /// The text of the response. Its example is [`rejection`](crate::extract::rejection)'s.
                #[must_use]
                pub fn body_text(&self) -> String {
                    match self {
                        $($name::$variant(inner) => inner.body_text(),)+
                    }
                }

                /// The status of the response. Its example is [`rejection`](crate::extract::rejection)'s.
                #[must_use]
                pub fn status(&self) -> http::StatusCode {
                    match self {
                        $($name::$variant(inner) => inner.status(),)+
                    }
                }
            }

            impl $crate::response::IntoResponse for $name {
                fn into_response(self) -> $crate::response::Response {
                    match self {
                        $($name::$variant(inner) => inner.into_response(),)+
                    }
                }
            }

            impl std::fmt::Display for $name {
                fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    match self {
                        $($name::$variant(inner) => inner.fmt(f),)+
                    }
                }
            }

            impl std::error::Error for $name {
                fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
                    match self {
                        $($name::$variant(inner) => std::error::Error::source(inner),)+
                    }
                }
            }

            $(
                impl From<$variant> for $name {
                    fn from(inner: $variant) -> Self {
                        $name::$variant(inner)
                    }
                }
            )+
        )*
    };
}

pub(crate) use {one_of, refusal, rejection, rejections};
