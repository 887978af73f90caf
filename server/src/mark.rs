//! What each request of one connection carries.

use http::Request;

use crate::body::Body;

/// Something about a connection that its requests are to know: where it comes from, who is at the
/// other end. `()` is nothing, and costs nothing.
///
/// ```
/// use http::Request;
/// use server::{Body, h1::Mark};
///
/// struct From(&'static str);
///
/// impl Mark for From {
///     fn mark(&self, request: &mut Request<Body>) {
///         request.extensions_mut().insert(self.0);
///     }
/// }
/// # let _ = From("here");
/// ```
pub trait Mark: 'static {
    /// Called with each request of the connection, before the service gets it.
    /// Its example is [`Mark`]'s.
    fn mark(&self, request: &mut Request<Body>);
}

impl Mark for () {
    #[inline]
    fn mark(&self, _: &mut Request<Body>) {}
}
