//! The parts of a request's head, as they are.

use std::convert::Infallible;

use http::request::Parts;
use http::{Extensions, HeaderMap, Method, Uri, Version};

use super::from_request::FromRequestParts;

/// Types that are a clone of something in the head.
macro_rules! clones {
    ($($type:ty: |$parts:ident| $part:expr;)*) => {
        $(
            impl<S> FromRequestParts<S> for $type {
                type Rejection = Infallible;

                async fn from_request_parts(
                    $parts: &mut Parts,
                    _: &S,
                ) -> Result<Self, Infallible> {
                    Ok($part)
                }
            }
        )*
    };
}

clones! {
    Method: |parts| parts.method.clone();
    Uri: |parts| parts.uri.clone();
    Version: |parts| parts.version;
    HeaderMap: |parts| parts.headers.clone();
    Extensions: |parts| parts.extensions.clone();
    Parts: |parts| parts.clone();
}
