//! Services of other crates around and beside ours: what stands around a router is served, and
//! bodies of other types are taken.

mod support;

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::net::SocketAddr;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::Full;
use runtime::net::{TcpListener, TcpStream};
use server::extract::ConnectInfo;
use server::handler::HandlerWithoutStateExt;
use server::response::Response;
use server::routing::{get, post};
use server::{Body, Router, ServiceExt, serve};
use support::tcp::{ask, read_until};
use tower_service::Service;

/// Asks its router for another path than the client did.
#[derive(Clone)]
struct Instead(Router);

impl Service<Request<Body>> for Instead {
    type Response = Response;
    type Error = Infallible;
    type Future = <Router as Service<Request<Body>>>::Future;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        *request.uri_mut() = "/inside".parse().unwrap();
        self.0.call(request)
    }
}

#[runtime::test]
async fn a_service_around_a_router_changes_the_path_before_a_route_is_looked_for() {
    let app = Router::new().route("/inside", get(|| async { "found" }));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let app = ServiceExt::<Request<Body>>::into_make_service(Instead(app));
    runtime::spawn(async { serve(listener, app).await });
    let mut stream = TcpStream::connect(addr).await.unwrap();
    ask(&mut stream, "/outside").await;
    read_until(&mut stream, "found").await;
}

#[runtime::test]
async fn a_service_around_a_router_may_be_told_where_requests_come_from() {
    type Info = ConnectInfo<SocketAddr>;
    let from = |ConnectInfo(addr): Info| async move { format!("from {addr}") };
    let app = Instead(Router::new().route("/inside", get(from)));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let app = ServiceExt::<Request<Body>>::into_make_service_with_connect_info::<SocketAddr>(app);
    runtime::spawn(async { serve(listener, app).await });
    let mut stream = TcpStream::connect(addr).await.unwrap();
    ask(&mut stream, "/").await;
    let expected = format!("from {}", stream.local_addr().unwrap());
    read_until(&mut stream, &expected).await;
}

#[runtime::test]
async fn another_server_makes_a_service_for_each_connection_and_a_handler_reads_through_its_address()
 {
    let port = |addr: ConnectInfo<SocketAddr>| async move { addr.port().to_string() };
    let app: Router = Router::new().route("/", get(port));
    let mut make = app.into_make_service_with_connect_info::<SocketAddr>();
    for port in [7, 8] {
        let addr = SocketAddr::from(([127, 0, 0, 1], port));
        let mut service = make.call(addr).await.unwrap();
        let answer = service.call(Request::new(Body::empty())).await.unwrap();
        let body = server::body::to_bytes(answer.into_body(), 100)
            .await
            .unwrap();
        assert_eq!(body, port.to_string());
    }
}

/// Fails.
#[derive(Clone)]
struct Fails;

impl Service<Request<Body>> for Fails {
    type Response = Response;
    type Error = &'static str;
    type Future = Ready<Result<Response, &'static str>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), &'static str>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Body>) -> Self::Future {
        ready(Err("it broke"))
    }
}

#[runtime::test]
async fn the_errors_of_any_service_become_responses() {
    let mut service = Fails.handle_error(|error| async move { (StatusCode::BAD_GATEWAY, error) });
    let response = service.call(Request::new(Body::empty())).await.unwrap();
    assert_eq!(response.status(), StatusCode::BAD_GATEWAY);
    let body = server::body::to_bytes(response.into_body(), 100).await;
    assert_eq!(body.unwrap(), "it broke");
}

/// What a service answers to a body of another crate's type.
async fn echoed<S>(mut service: S) -> Bytes
where
    S: Service<Request<Full<Bytes>>, Response = Response, Error = Infallible>,
{
    let request = Request::post("/").body(Full::from("other"));
    let response = service.call(request.unwrap()).await.unwrap();
    let body = server::body::to_bytes(response.into_body(), 100).await;
    body.unwrap()
}

#[runtime::test]
async fn routers_handlers_and_routes_take_bodies_of_any_type() {
    async fn echo(body: String) -> String {
        body
    }
    assert_eq!(echoed(post(echo)).await, "other");
    assert_eq!(echoed(echo.into_service()).await, "other");
    assert_eq!(echoed(Router::new().route("/", post(echo))).await, "other");
}

#[runtime::test]
async fn a_server_that_will_stop_knows_its_address() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let server = serve(listener, Router::new()).with_graceful_shutdown(ready(()));
    assert_eq!(server.local_addr().unwrap(), addr);
}
