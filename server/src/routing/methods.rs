//! `get`, `post` and the others: the beginnings of a [`MethodRouter`], and what continues one.

use std::convert::Infallible;

use tower_service::Service;

use super::method_filter::MethodFilter;
use super::method_router::MethodRouter;
use crate::handler::Handler;
use crate::message::Request;
use crate::response::IntoResponse;

/// For each method: a function that begins, a function that begins with a service, and two
/// methods that continue.
macro_rules! methods {
    ($($name:ident, $service:ident, $METHOD:ident, $note:literal;)*) => {
        $(
            #[doc = concat!("Answers `", stringify!($METHOD), "` with `handler`.", $note)]
            ///
            /// ```
            #[doc = concat!("use server::{Router, routing::", stringify!($name), "};")]
            ///
            #[doc = concat!("let app: Router = Router::new().route(\"/\", ", stringify!($name), "(|| async {}));")]
            /// # let _ = app;
            /// ```
            #[track_caller]
            pub fn $name<H, T, S>(handler: H) -> MethodRouter<S, Infallible>
            where
                H: Handler<T, S>,
                T: 'static,
                S: Clone + 'static,
            {
                on(MethodFilter::$METHOD, handler)
            }

            #[doc = concat!("Answers `", stringify!($METHOD), "` with `service`.", $note)]
            #[track_caller]
            pub fn $service<T, S>(service: T) -> MethodRouter<S, T::Error>
            where
                T: Service<Request> + Clone + 'static,
                T::Response: IntoResponse + 'static,
                T::Future: 'static,
                T::Error: 'static,
                S: Clone + 'static,
            {
                on_service(MethodFilter::$METHOD, service)
            }
        )*

        impl<S> MethodRouter<S>
        where
            S: Clone + 'static,
        {
            $(
                #[doc = concat!("Answers `", stringify!($METHOD), "` with `handler`.", $note)]
                ///
                /// # Panics
                ///
                /// If the method has a handler already.
                #[track_caller]
                pub fn $name<H, T>(self, handler: H) -> Self
                where
                    H: Handler<T, S>,
                    T: 'static,
                {
                    self.on(MethodFilter::$METHOD, handler)
                }
            )*
        }

        impl<S, E> MethodRouter<S, E>
        where
            S: Clone + 'static,
            E: 'static,
        {
            $(
                #[doc = concat!("Answers `", stringify!($METHOD), "` with `service`.", $note)]
                ///
                /// # Panics
                ///
                /// If the method has a handler already.
                #[track_caller]
                pub fn $service<T>(self, service: T) -> Self
                where
                    T: Service<Request, Error = E> + Clone + 'static,
                    T::Response: IntoResponse + 'static,
                    T::Future: 'static,
                {
                    self.on_service(MethodFilter::$METHOD, service)
                }
            )*
        }
    };
}

methods! {
    connect, connect_service, CONNECT, "";
    delete, delete_service, DELETE, "";
    get, get_service, GET, " `HEAD` too, unless something else does: its response is the same without the body.";
    head, head_service, HEAD, "";
    options, options_service, OPTIONS, "";
    patch, patch_service, PATCH, "";
    post, post_service, POST, "";
    put, put_service, PUT, "";
    query, query_service, QUERY, "";
    trace, trace_service, TRACE, "";
}

/// Answers the methods of `filter` with `handler`.
///
/// ```
/// use server::Router;
/// use server::routing::{MethodFilter, on};
/// use server::testing::TestClient;
///
/// let app: Router = Router::new().route("/", on(MethodFilter::POST, || async { "made" }));
/// # #[runtime::main(start_paused = true)] async fn test(app: Router) {
/// assert_eq!(TestClient::new(app).post("/").await.text().await, "made");
/// # }
/// # test(app);
/// ```
#[track_caller]
pub fn on<H, T, S>(filter: MethodFilter, handler: H) -> MethodRouter<S, Infallible>
where
    H: Handler<T, S>,
    T: 'static,
    S: Clone + 'static,
{
    MethodRouter::new().on(filter, handler)
}

/// Answers the methods of `filter` with `service`.
///
/// ```
/// use server::Router;
/// use server::files::ServeFile;
/// use server::routing::{MethodFilter, on_service};
///
/// let file = on_service(MethodFilter::GET, ServeFile::new("public/form.html"));
/// let app: Router = Router::new().route("/form", file);
/// # let _ = app;
/// ```
#[track_caller]
pub fn on_service<T, S>(filter: MethodFilter, service: T) -> MethodRouter<S, T::Error>
where
    T: Service<Request> + Clone + 'static,
    T::Response: IntoResponse + 'static,
    T::Future: 'static,
    T::Error: 'static,
    S: Clone + 'static,
{
    MethodRouter::new().on_service(filter, service)
}

/// Answers every method with `handler`. More handlers may be chained, for some of them.
///
/// ```
/// use server::{Router, routing::any};
/// use server::testing::TestClient;
///
/// let app: Router = Router::new().route("/", any(|| async { "whatever you say" }));
/// # #[runtime::main(start_paused = true)] async fn test(app: Router) {
/// assert_eq!(TestClient::new(app).delete("/").await.text().await, "whatever you say");
/// # }
/// # test(app);
/// ```
pub fn any<H, T, S>(handler: H) -> MethodRouter<S, Infallible>
where
    H: Handler<T, S>,
    T: 'static,
    S: Clone + 'static,
{
    MethodRouter::new().fallback(handler).skip_allow_header()
}

/// Answers every method with `service`.
///
/// ```
/// use server::Router;
/// use server::files::ServeFile;
/// use server::routing::any_service;
///
/// let app: Router = Router::new().route("/", any_service(ServeFile::new("public/index.html")));
/// # let _ = app;
/// ```
pub fn any_service<T, S>(service: T) -> MethodRouter<S, T::Error>
where
    T: Service<Request> + Clone + 'static,
    T::Response: IntoResponse + 'static,
    T::Future: 'static,
    T::Error: 'static,
    S: Clone + 'static,
{
    MethodRouter::new()
        .fallback_service(service)
        .skip_allow_header()
}
