//! Responses before the response (1xx).
//!
//! A server may say something before it answers: that it works on it (102), or what the client
//! may fetch meanwhile (103). A client that is not interested skips them (RFC 9110, section 15.2).

use std::fmt;
use std::rc::Rc;

use http::{Extensions, Request, Response};

use crate::locals;

/// What is called with each informational response.
#[derive(Clone)]
pub(super) struct OnInformational(Rc<dyn Fn(Response<()>)>);

impl OnInformational {
    pub(super) fn call(&self, response: Response<()>) {
        (self.0)(response);
    }
}

impl fmt::Debug for OnInformational {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnInformational").finish_non_exhaustive()
    }
}

/// Has `callback` called with each informational response (1xx) to this request, 101 excepted,
/// while the request is under way. Without it they are skipped.
///
/// ```
/// use std::cell::Cell;
/// use std::rc::Rc;
/// use http::{Request, StatusCode};
/// use server::h1::client::on_informational;
///
/// let hints = Rc::new(Cell::new(0));
/// let mut request = Request::new(server::Body::empty());
/// on_informational(&mut request, {
///     let hints = hints.clone();
///     move |response| {
///         if response.status() == StatusCode::EARLY_HINTS {
///             hints.set(hints.get() + 1);
///         }
///     }
/// });
/// ```
pub fn on_informational<B>(request: &mut Request<B>, callback: impl Fn(Response<()>) + 'static) {
    let callback = OnInformational(Rc::new(callback));
    drop(locals::insert(request.extensions_mut(), callback));
}

/// What was asked for, if it was.
pub(super) fn take_callback(extensions: &mut Extensions) -> Option<OnInformational> {
    let callback = locals::remove::<OnInformational>(extensions);
    callback.map(|callback| (*callback).clone())
}
