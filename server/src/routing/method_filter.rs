//! Sets of methods.

use std::fmt;

use http::Method;

/// Which methods a handler answers: one, or several joined with [`or`](Self::or).
///
/// ```
/// use server::routing::{MethodFilter, on};
/// use server::Router;
/// use server::testing::TestClient;
///
/// let app: Router = Router::new()
///     .route("/", on(MethodFilter::PUT.or(MethodFilter::PATCH), || async { "changed" }));
/// # #[runtime::main(start_paused = true)] async fn test(app: Router) {
/// let client = TestClient::new(app);
/// assert_eq!(client.patch("/").await.text().await, "changed");
/// assert_eq!(client.post("/").await.header("allow"), Some("PUT,PATCH"));
/// # }
/// # test(app);
///
/// let unknown = MethodFilter::try_from(server::http::Method::from_bytes(b"BREW").unwrap());
/// assert_eq!(unknown.unwrap_err().method(), "BREW");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MethodFilter(u16);

/// The methods that a router knows, in the order in which a filter of several of them is
/// registered. A filter's bit is the method's place here.
pub(super) const METHODS: [&str; 10] = [
    "GET", "HEAD", "TRACE", "PUT", "POST", "PATCH", "OPTIONS", "DELETE", "CONNECT", "QUERY",
];

/// The place of HEAD, which GET answers too.
pub(super) const HEAD: usize = 1;

/// The place of GET.
pub(super) const GET: usize = 0;

/// The place of `method` in [`METHODS`], if a router knows it.
pub(super) fn place(method: &Method) -> Option<usize> {
    Some(match *method {
        Method::GET => GET,
        Method::HEAD => HEAD,
        Method::TRACE => 2,
        Method::PUT => 3,
        Method::POST => 4,
        Method::PATCH => 5,
        Method::OPTIONS => 6,
        Method::DELETE => 7,
        Method::CONNECT => 8,
        _ if method.as_str() == "QUERY" => 9,
        _ => return None,
    })
}

impl MethodFilter {
    /// `GET`, and `HEAD` where nothing else answers it.
    pub const GET: Self = MethodFilter(1);
    /// `HEAD`.
    pub const HEAD: Self = MethodFilter(1 << 1);
    /// `TRACE`.
    pub const TRACE: Self = MethodFilter(1 << 2);
    /// `PUT`.
    pub const PUT: Self = MethodFilter(1 << 3);
    /// `POST`.
    pub const POST: Self = MethodFilter(1 << 4);
    /// `PATCH`.
    pub const PATCH: Self = MethodFilter(1 << 5);
    /// `OPTIONS`.
    pub const OPTIONS: Self = MethodFilter(1 << 6);
    /// `DELETE`.
    pub const DELETE: Self = MethodFilter(1 << 7);
    /// `CONNECT`.
    pub const CONNECT: Self = MethodFilter(1 << 8);
    /// `QUERY`: safe as GET, with a body.
    pub const QUERY: Self = MethodFilter(1 << 9);

    /// The methods of both.
    ///
    /// ```
    /// use server::routing::MethodFilter;
    ///
    /// let both = MethodFilter::GET.or(MethodFilter::POST);
    /// assert_eq!(both, MethodFilter::POST.or(MethodFilter::GET));
    /// ```
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        MethodFilter(self.0 | other.0)
    }

    /// The method at `place` of [`METHODS`].
    pub(super) fn at(place: usize) -> Self {
        MethodFilter(1 << place)
    }

    /// Whether the method at `place` of [`METHODS`] is in the set.
    pub(super) fn has(self, place: usize) -> bool {
        self.0 & (1 << place) != 0
    }
}

/// A router knows no such method. From `MethodFilter::try_from`. Its example is [`MethodFilter`]'s.
#[derive(Debug)]
pub struct NoMatchingMethodFilter {
    method: Method,
}

impl NoMatchingMethodFilter {
    /// The method. Its example is [`MethodFilter`]'s.
    pub fn method(&self) -> &Method {
        &self.method
    }
}

impl fmt::Display for NoMatchingMethodFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no `MethodFilter` for the method `{}`", self.method)
    }
}

impl std::error::Error for NoMatchingMethodFilter {}

impl TryFrom<Method> for MethodFilter {
    type Error = NoMatchingMethodFilter;

    fn try_from(method: Method) -> Result<Self, NoMatchingMethodFilter> {
        match place(&method) {
            Some(place) => Ok(MethodFilter::at(place)),
            None => Err(NoMatchingMethodFilter { method }),
        }
    }
}
