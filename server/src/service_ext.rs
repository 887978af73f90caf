//! What every service of `tower` can do: be served, and have its errors answered.

use std::convert::Infallible;

use tower_layer::Layer;
use tower_service::Service;

use crate::error_handling::{HandleError, HandleErrorLayer};
use crate::extract::connect_info::IntoMakeServiceWithConnectInfo;
use crate::message::Request;
use crate::middleware::arguments::FunctionOfError;
use crate::response::IntoResponse;
use crate::routing::{IntoMakeService, Route};

/// Methods of services.
///
/// They serve what stands *around* a router: a layer that changes the path must do so before a
/// route is looked for, so it wraps the whole router.
///
/// ```
/// use runtime::net::TcpListener;
/// use server::{Router, ServiceExt, extract::Request, routing::get};
/// use tower_layer::Layer;
/// # #[derive(Clone)] struct NormalizePathLayer;
/// # impl<S> Layer<S> for NormalizePathLayer { type Service = S; fn layer(&self, s: S) -> S { s } }
///
/// # async fn serves() -> std::io::Result<()> {
/// let app = NormalizePathLayer.layer(Router::new().route("/", get(|| async { "hello" })));
/// let listener = TcpListener::bind("127.0.0.1:3000").await?;
/// server::serve(listener, ServiceExt::<Request>::into_make_service(app)).await
/// # }
/// ```
pub trait ServiceExt<R>: Service<R> + Sized {
    /// A maker of services that gives this one to every connection.
    /// Its example is [`ServiceExt`]'s.
    fn into_make_service(self) -> IntoMakeService<Route>
    where
        Self: Service<Request, Error = Infallible> + Clone + 'static,
        <Self as Service<Request>>::Response: IntoResponse + 'static,
        <Self as Service<Request>>::Future: 'static,
    {
        IntoMakeService::new(Route::new(self))
    }

    /// A maker of services that gives this one to every connection; its requests carry a
    /// [`ConnectInfo`](crate::extract::ConnectInfo) of `C`.
    fn into_make_service_with_connect_info<C>(self) -> IntoMakeServiceWithConnectInfo<Route, C>
    where
        Self: Service<Request, Error = Infallible> + Clone + 'static,
        <Self as Service<Request>>::Response: IntoResponse + 'static,
        <Self as Service<Request>>::Future: 'static,
    {
        IntoMakeServiceWithConnectInfo::new(Route::new(self))
    }

    /// This service, with `function` to make a response of each of its errors:
    /// [`HandleErrorLayer`] around it.
    /// Its example is [`HandleErrorLayer`]'s.
    fn handle_error<F, T>(self, function: F) -> HandleError
    where
        Self: Service<Request> + Clone + 'static,
        F: FunctionOfError<<Self as Service<Request>>::Error, T>,
        T: 'static,
        <Self as Service<Request>>::Response: IntoResponse + 'static,
        <Self as Service<Request>>::Error: 'static,
        <Self as Service<Request>>::Future: 'static,
    {
        HandleErrorLayer::new(function).layer(self)
    }
}

impl<S, R> ServiceExt<R> for S where S: Service<R> {}
