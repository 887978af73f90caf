//! What all requests of a router share.

use std::convert::Infallible;
use std::ops::{Deref, DerefMut};

use http::request::Parts;

use super::from_ref::FromRef;
use super::from_request::FromRequestParts;

/// The router's state, or a part of it that [`FromRef`] makes.
///
/// That the state is there is checked when the program is compiled: a router whose handlers
/// ask for a state can be served only behind `with_state`. The state is cloned for
/// each request, so it is usually an `Rc`, or a struct of them. It need not be `Send`.
///
/// ```
/// use std::cell::Cell;
/// use std::rc::Rc;
/// use server::extract::State;
/// use server::{Router, routing::get};
/// use server::testing::TestClient;
///
/// type Visits = Rc<Cell<u64>>;
///
/// async fn count(State(visits): State<Visits>) -> String {
///     visits.set(visits.get() + 1);
///     format!("visit {}", visits.get())
/// }
///
/// let app: Router = Router::new().route("/", get(count)).with_state(Visits::default());
/// # #[runtime::main(start_paused = true)] async fn test(app: Router) {
/// let client = TestClient::new(app);
/// assert_eq!(client.get("/").await.text().await, "visit 1");
/// assert_eq!(client.get("/").await.text().await, "visit 2");
/// # }
/// # test(app);
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct State<S>(pub S);

impl<S, T: FromRef<S>> FromRequestParts<S> for State<T> {
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, state: &S) -> Result<Self, Infallible> {
        Ok(State(T::from_ref(state)))
    }
}

impl<S> Deref for State<S> {
    type Target = S;

    fn deref(&self) -> &S {
        &self.0
    }
}

impl<S> DerefMut for State<S> {
    fn deref_mut(&mut self) -> &mut S {
        &mut self.0
    }
}
