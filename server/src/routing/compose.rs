//! Routers in routers: nesting and merging.

use std::convert::Infallible;

use tower_service::Service;

use super::method_filter::METHODS;
use super::method_router::MethodRouter;
use super::path_router::FALLBACK_CAPTURE;
use super::route::Route;
use super::router::{Router, not_found};
use super::stated::Fallback;
use crate::message::Request;
use crate::response::IntoResponse;

impl<S> Router<S>
where
    S: Clone + 'static,
{
    /// Adds the routes of `router` below `prefix`. Its handlers see paths without the prefix;
    /// [`OriginalUri`](crate::extract::OriginalUri) has the whole.
    ///
    /// Its own fallback answers what is below the prefix and no route; if it has none, this
    /// router's does.
    ///
    /// # Panics
    ///
    /// If the prefix is empty or `/`, has a `{*wildcard}`, or a route is in the way.
    ///
    /// ```
    /// use server::{Router, routing::get};
    /// use server::testing::TestClient;
    ///
    /// let users = Router::new().route("/{id}", get(|| async { "one" }));
    /// let app: Router = Router::new().nest("/users", users);
    /// # #[runtime::main(start_paused = true)] async fn test(app: Router) {
    /// assert_eq!(TestClient::new(app).get("/users/7").await.text().await, "one");
    /// # }
    /// # test(app);
    /// ```
    #[track_caller]
    pub fn nest(self, prefix: &str, router: Router<S>) -> Self {
        assert!(
            !matches!(prefix, "" | "/"),
            "Nesting at the root is no longer supported. Use merge instead.",
        );
        let other = router.into_inner();
        self.try_change(|inner| {
            inner.paths.nest(prefix, other.paths)?;
            let mut fallbacks = other.nested_fallbacks;
            if let Fallback::Custom(stated) = other.fallback {
                let methods = MethodRouter::of_fallback(stated);
                fallbacks.route("/", methods.clone())?;
                fallbacks.route(FALLBACK_CAPTURE, methods)?;
            }
            inner.nested_fallbacks.nest(prefix, fallbacks)
        })
    }

    /// Adds a service that answers everything below `prefix`, and `prefix` itself. It sees
    /// paths without the prefix. Its example is [`files`](crate::files)'s.
    ///
    /// # Panics
    ///
    /// As [`nest`](Self::nest).
    #[track_caller]
    pub fn nest_service<T>(self, prefix: &str, service: T) -> Self
    where
        T: Service<Request, Error = Infallible> + Clone + 'static,
        T::Response: IntoResponse + 'static,
        T::Future: 'static,
    {
        assert!(
            !matches!(prefix, "" | "/"),
            "Nesting at the root is no longer supported. Use fallback_service instead.",
        );
        let route = Route::new(service);
        self.try_change(|inner| inner.paths.nest_service(prefix, route))
    }

    /// Adds the routes of `other` to those of this router, and its fallback if it has one.
    ///
    /// # Panics
    ///
    /// If a route of one is in the way of a route of the other, or both have a fallback.
    ///
    /// ```
    /// use server::{Router, routing::get};
    /// use server::testing::TestClient;
    ///
    /// let users = Router::new().route("/users", get(|| async { "users" }));
    /// let teams = Router::new().route("/teams", get(|| async { "teams" }));
    /// let app: Router = Router::new().merge(users).merge(teams);
    /// # #[runtime::main(start_paused = true)] async fn test(app: Router) {
    /// assert_eq!(TestClient::new(app).get("/teams").await.text().await, "teams");
    /// # }
    /// # test(app);
    /// ```
    #[track_caller]
    pub fn merge<R>(self, other: R) -> Self
    where
        R: Into<Router<S>>,
    {
        let other = other.into().into_inner();
        self.try_change(|inner| {
            inner.paths.merge(other.paths)?;
            inner.nested_fallbacks.merge(other.nested_fallbacks)?;
            inner.fallback = std::mem::replace(&mut inner.fallback, not_found())
                .merge(other.fallback)
                .ok_or("Cannot merge two `Router`s that both have a fallback")?;
            Ok(())
        })
    }
}

impl<S, E> MethodRouter<S, E>
where
    S: Clone + 'static,
    E: 'static,
{
    /// Adds the handlers of `other`.
    ///
    /// # Panics
    ///
    /// If both have a handler for the same method, or both a fallback.
    ///
    /// ```
    /// use server::routing::{MethodRouter, get, post};
    ///
    /// let both: MethodRouter = get(|| async { "all" }).merge(post(|| async { "made" }));
    /// # let _ = both;
    /// ```
    #[track_caller]
    pub fn merge(self, other: Self) -> Self {
        match self.merge_for_path(None, other) {
            Ok(merged) => merged,
            Err(message) => panic!("{message}"),
        }
    }

    /// Adds the handlers of `other`; `path` is for the message if that cannot be.
    pub(super) fn merge_for_path(
        mut self,
        path: Option<&str>,
        other: Self,
    ) -> Result<Self, String> {
        for (place, (mine, theirs)) in self.endpoints.iter_mut().zip(other.endpoints).enumerate() {
            let Some(theirs) = theirs else { continue };
            if mine.is_some() {
                return Err(overlap(METHODS[place], path));
            }
            *mine = Some(theirs);
        }
        self.fallback = self
            .fallback
            .merge(other.fallback)
            .ok_or("Cannot merge two `MethodRouter`s that both have a fallback")?;
        self.allow = self.allow.merge(other.allow);
        Ok(self)
    }
}

fn overlap(method: &str, path: Option<&str>) -> String {
    match path {
        Some(path) => {
            format!("Overlapping method route. Handler for `{method} {path}` already exists")
        }
        None => format!(
            "Overlapping method route. Cannot merge two method routes that both define `{method}`"
        ),
    }
}
