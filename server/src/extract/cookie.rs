//! Cookies: those that a request has, and those that a response sets.

use std::convert::Infallible;
use std::fmt;

use http::HeaderMap;
use http::header::{COOKIE, HeaderValue, SET_COOKIE};
use http::request::Parts;

use super::from_request::FromRequestParts;
use crate::response::{IntoResponse, IntoResponseParts, Response, ResponseParts};

pub use cookie::{Cookie, Expiration, SameSite};

/// The cookies of a request. What is added or removed becomes `Set-Cookie` headers when the
/// jar is returned.
///
/// A jar that is not returned sets nothing. The values are neither signed nor encrypted: what
/// a client must not change does not belong in there. A name or a value with characters that a
/// cookie may not have is percent-encoded.
///
/// ```
/// use server::extract::cookie::{Cookie, CookieJar};
/// use server::response::Redirect;
/// use server::testing::TestClient;
/// use server::{Router, routing::get};
///
/// async fn log_out(jar: CookieJar) -> (CookieJar, Redirect) {
///     (jar.remove("session"), Redirect::to("/"))
/// }
///
/// async fn visit(jar: CookieJar) -> (CookieJar, String) {
///     let visits = jar.get("visits").and_then(|cookie| cookie.value().parse().ok());
///     let visits: u64 = visits.unwrap_or(0) + 1;
///     let jar = jar.add(Cookie::new("visits", visits.to_string()));
///     (jar, format!("visit {visits}"))
/// }
///
/// let app: Router = Router::new().route("/", get(visit)).route("/out", get(log_out));
/// # #[runtime::main(start_paused = true)] async fn test(app: Router) {
/// let client = TestClient::new(app);
/// let response = client.get("/").header("cookie", "visits=6").await;
/// assert_eq!(response.header("set-cookie"), Some("visits=7"));
/// let response = client.get("/out").header("cookie", "session=x").await;
/// assert!(response.header("set-cookie").unwrap().starts_with("session=; Max-Age=0"));
/// # }
/// # test(app);
/// ```
#[derive(Clone, Default)]
#[must_use = "a jar sets its cookies only if it is returned"]
pub struct CookieJar {
    jar: cookie::CookieJar,
}

impl CookieJar {
    /// An empty jar.
    ///
    /// ```
    /// use server::extract::cookie::{Cookie, CookieJar};
    /// use server::response::IntoResponse;
    ///
    /// let response = CookieJar::new().add(Cookie::new("a", "1")).into_response();
    /// assert_eq!(response.headers()["set-cookie"], "a=1");
    /// ```
    pub fn new() -> Self {
        CookieJar::default()
    }

    /// The cookies in the `Cookie` headers. What is no cookie is left out.
    ///
    /// ```
    /// use http::{HeaderMap, header::COOKIE};
    /// use server::extract::cookie::CookieJar;
    ///
    /// let headers = HeaderMap::from_iter([(COOKIE, "a=1; b=2".parse().unwrap())]);
    /// let jar = CookieJar::from_headers(&headers);
    /// assert_eq!(jar.get("b").unwrap().value(), "2");
    /// assert_eq!(jar.iter().count(), 2);
    /// ```
    pub fn from_headers(headers: &HeaderMap) -> Self {
        let mut jar = cookie::CookieJar::new();
        let values = headers.get_all(COOKIE).iter();
        let pairs = values
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'));
        for pair in pairs {
            if let Ok(cookie) = Cookie::parse_encoded(pair.to_owned()) {
                jar.add_original(cookie);
            }
        }
        CookieJar { jar }
    }

    /// The cookie of that name. Its example is [`CookieJar`]'s.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Cookie<'static>> {
        self.jar.get(name)
    }

    /// Sets a cookie. Its example is [`CookieJar`]'s.
    #[allow(
        clippy::should_implement_trait,
        reason = "so it is called in axum-extra"
    )]
    pub fn add(mut self, cookie: impl Into<Cookie<'static>>) -> Self {
        self.jar.add(cookie);
        self
    }

    /// Takes a cookie away from the client. Path and domain must be those that it was set
    /// with. Its example is [`CookieJar`]'s.
    pub fn remove(mut self, cookie: impl Into<Cookie<'static>>) -> Self {
        self.jar.remove(cookie);
        self
    }

    /// All cookies, in no order. Its example is [`from_headers`](Self::from_headers)'s.
    pub fn iter(&self) -> impl Iterator<Item = &Cookie<'static>> {
        self.jar.iter()
    }
}

impl<S> FromRequestParts<S> for CookieJar {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(CookieJar::from_headers(&parts.headers))
    }
}

impl IntoResponseParts for CookieJar {
    type Error = Infallible;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Infallible> {
        for cookie in self.jar.delta() {
            if let Ok(value) = HeaderValue::try_from(cookie.encoded().to_string()) {
                parts.headers_mut().append(SET_COOKIE, value);
            }
        }
        Ok(parts)
    }
}

impl IntoResponse for CookieJar {
    fn into_response(self) -> Response {
        (self, ()).into_response()
    }
}

impl fmt::Debug for CookieJar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.iter().map(Cookie::name))
            .finish()
    }
}
