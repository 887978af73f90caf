//! A reverse proxy: `/proxy/REST` is answered by a server behind, which is asked for `/REST`.
//!
//! ```text
//! $ python3 -m http.server 8000 &
//! $ cargo run --release -p server -- --backend 127.0.0.1:8000 --backend 127.0.0.1:8001
//! $ curl -i http://127.0.0.1:3000/proxy/
//! ```
//!
//! Several backends share the work. One that does not answer is left out until it is well again. The
//! proxy holds no message as a whole: bytes are read from one side when the other has taken the last
//! ones. Read in this order:
//!
//! | file | what it is about |
//! |---|---|
//! | `forward` | **one request**: to a backend and back, and when it is tried again |
//! | `backend`, `connect`, `queue` | connections, how they are kept, and who waits for one |
//! | `balance`, `health`, `checks` | which backend gets a request |
//! | `answer`, `tunnel` | bodies, and WebSockets |
//! | `forwarded`, `location` | headers |
//! | `failure` | 502, 503 and 504, and what the log says of it |
//! | `state`, `status`, `options` | what is shared, shown and set |
//!
//! What it does not do: it has no cache, it speaks no HTTP/2 and no TLS to a backend, and a backend's 103 (Early Hints)
//! does not reach the client ([`server::gateway`] says why).
//!
//! How it can go wrong: each file says it for its part. The whole has one danger of its own: a proxy
//! makes a stranger's request its own. So the client cannot choose the backend, nor speak to it
//! outside of HTTP, nor say where it comes from.

mod answer;
mod backend;
mod balance;
mod checks;
mod connect;
mod failure;
mod forward;
mod forwarded;
mod health;
mod location;
mod options;
mod queue;
mod state;
mod status;
mod tunnel;

use std::rc::Rc;

use http::header::{ALLOW, HeaderValue};
use http::{Method, StatusCode};
use server::Router;
use server::extract::{OriginalUri, Request, State};
use server::response::{IntoResponse, Response};
use server::routing::any;

use crate::background::Background;
use crate::metrics::Metrics;
use crate::pages::{Problem, script};
use backend::Backend;
use location::PREFIX;
pub(crate) use location::pattern;
pub(crate) use options::Options;
use queue::Queue;
use state::Proxy;

/// The proxy to the backends of the command line.
pub(crate) fn routes(options: &Options, background: &Background, metrics: &Metrics) -> Router {
    let options = Rc::new(options.clone());
    let addresses = options.backends.iter();
    let queue = Rc::new(Queue::new(&options));
    let backends = addresses.map(|address| {
        let connect = Box::new(address.clone());
        Rc::new(Backend::new(address.to_string(), connect, &options, &queue))
    });
    let backends: Vec<_> = backends.collect();
    checks::begin(&backends, &options, background);
    to_backends(backends, options, queue, metrics)
}

fn to_backends(
    backends: Vec<Rc<Backend>>,
    options: Rc<Options>,
    queue: Rc<Queue>,
    metrics: &Metrics,
) -> Router {
    let proxy = Rc::new(Proxy::new(backends, options, queue));
    let counted = proxy.clone();
    metrics.register(move |text| counted.collect(text));
    Router::new()
        .nest_service("/proxy", any(handle).with_state(proxy))
        .route("/assets/proxy.js", script(include_str!("page.js")))
}

async fn handle(
    State(proxy): State<Rc<Proxy>>,
    OriginalUri(asked): OriginalUri,
    request: Request,
) -> Response {
    if asked.path() == PREFIX {
        return overview(&proxy, &request);
    }
    if proxy.balancer.backends().is_empty() {
        let text = "This server has no backends. Start it with one, for example \
                    --backend 127.0.0.1:8000.";
        return Problem::new(StatusCode::SERVICE_UNAVAILABLE, text).into_response();
    }
    forward::forward(&proxy, request).await
}

/// `/proxy` itself, without a slash behind it, is ours.
fn overview(proxy: &Proxy, request: &Request) -> Response {
    match *request.method() {
        Method::GET | Method::HEAD => status::show(proxy, request.headers()),
        _ => {
            let text = "The backends can be looked at (GET), and not changed here.";
            let allow = [(ALLOW, HeaderValue::from_static("GET, HEAD"))];
            let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, text);
            (allow, problem).into_response()
        }
    }
}

#[cfg(test)]
mod tests;
