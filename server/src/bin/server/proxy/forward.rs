//! One request, from the client to a backend and its answer back.
//!
//! ```text
//!   request ─▶ made ready ─▶ choose a backend ─▶ lease a connection ─▶ send ─▶ answer made ready
//!                                 ▲                    │                 │
//!                                 └──── another one ◀──┴──── failed ◀────┘
//! ```
//!
//! # When a request is tried again
//!
//! | what has happened | tried again |
//! |---|---|
//! | no connection could be made | any request: nothing has left |
//! | the connection was closed before anything of the request had left | any request |
//! | a kept connection ended before a byte of an answer | on a new connection to the same backend, if it may be sent twice |
//! | anything else before the head of an answer | on another backend, if it may be sent twice |
//! | the head of an answer has come | never |
//!
//! A request may be sent twice if its method is idempotent (RFC 9110, section 9.2.2) and it has no
//! body: a body that has been read from the client is gone. How it can go wrong: an order that is
//! placed twice, because the first answer was late. So a POST that has left is never sent again.
//!
//! Another way: a request that makes every backend fail, and is tried on all of them. So the tries
//! are counted (`--backend-tries`).

use std::net::SocketAddr;
use std::rc::Rc;

use http::header::HOST;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use server::body::Body;
use server::extract::{ConnectInfo, Request};
use server::h1::client::{self, Retry};
use server::response::Response;
use server::upgrade;

use super::backend::{Backend, Lease};
use super::failure::{self, Failure};
use super::state::Proxy;
use super::{answer, forwarded, location, tunnel};
use crate::pages::AsItIs;

/// Hands a request on, and gives the answer back.
pub(crate) async fn forward(proxy: &Proxy, mut request: Request) -> Response {
    let upgrade = tunnel::asked(&mut request);
    if let Err(response) = make_ready(proxy, &mut request) {
        return failure::refused(*response);
    }
    if upgrade.is_some() {
        tunnel::ask(request.headers_mut());
    }
    let client = upgrade.map(|client| tunnel::Client::new(client, &proxy.tunnels));
    let client = match client.transpose() {
        Ok(client) => client,
        Err(failure) => return refuse(proxy, &failure),
    };
    let host = request.headers().get(HOST).cloned();
    match send(proxy, request).await {
        Ok((response, lease)) => give_back(proxy, response, lease, client, host.as_ref()),
        Err(failure) => refuse(proxy, &failure),
    }
}

/// The answer in the place of a backend's.
fn refuse(proxy: &Proxy, failure: &Failure) -> Response {
    proxy.note(failure);
    failure.answer()
}

/// Makes the request one for the backend. The router has taken `/proxy` from its target.
fn make_ready(proxy: &Proxy, request: &mut Request) -> Result<(), Box<Response>> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map(|ConnectInfo(peer)| peer.ip());
    proxy.gateway.forward(request)?;
    let is_trusted = proxy.options.trust_forwarded;
    forwarded::tell(request.headers_mut(), peer, is_trusted);
    request.body_mut().set_limit(proxy.options.backend_max_body);
    Ok(())
}

/// A request that got no answer, and the one to try again with, if it may be.
struct Failed {
    why: Failure,
    again: Option<Request>,
}

/// Sends a request to one backend after the other, until one has answered.
async fn send(proxy: &Proxy, mut request: Request) -> Result<(Response, Lease), Failure> {
    let spare = Spare::of(&request);
    let mut tried = Vec::new();
    let mut backend = first(proxy).await?;
    loop {
        let failed = match send_to(&backend, request, spare.as_ref()).await {
            Ok(answered) => return Ok(answered),
            Err(failed) => failed,
        };
        backend.failed(&failed.why);
        tried.push(backend.clone());
        let may_go_on = tried.len() < proxy.options.backend_tries.get();
        let again = failed.again.filter(|_| may_go_on);
        match again.and_then(|again| Some((again, proxy.balancer.choose(&tried)?))) {
            Some(next) => (request, backend) = next,
            None => return Err(failed.why),
        }
        proxy.retries.set(proxy.retries.get() + 1);
    }
}

/// The first backend for a request. If all are full, the request waits for one.
async fn first(proxy: &Proxy) -> Result<Rc<Backend>, Failure> {
    let next_check = proxy.options.backend_health_interval.as_secs().max(1);
    if !proxy.balancer.is_any_up() {
        return Err(Failure::NoneHealthy(next_check));
    }
    match proxy.queue.take(|| proxy.balancer.choose(&[])).await {
        Some(backend) => Ok(backend),
        None if proxy.balancer.is_any_up() => Err(Failure::AllFull),
        None => Err(Failure::NoneHealthy(next_check)),
    }
}

/// Sends a request to one backend. If a kept connection was dead already, the request is sent once more, on
/// a new one.
async fn send_to(
    backend: &Rc<Backend>,
    request: Request,
    spare: Option<&Spare>,
) -> Result<(Response, Lease), Box<Failed>> {
    let lease = lease_for(request, backend.lease().await)?;
    let was_kept = lease.0.is_reused;
    let (error, again) = match send_on(lease, spare).await {
        Ok(answered) => return Ok(answered),
        Err(failed) => failed,
    };
    match again {
        Some(again) if was_kept && error.retry() != Retry::Never => {
            let lease = lease_for(again, backend.lease_fresh().await)?;
            let answered = send_on(lease, spare).await;
            answered.map_err(|(error, again)| Failed::new(error.into(), again))
        }
        again => Err(Failed::new(error.into(), again)),
    }
}

/// A request and its connection. Without one, the request has not been used.
fn lease_for(
    request: Request,
    lease: Result<Lease, Failure>,
) -> Result<(Lease, Request), Box<Failed>> {
    match lease {
        Ok(lease) => Ok((lease, request)),
        Err(why) => Err(Failed::new(why, Some(request))),
    }
}

/// Sends a request on a connection. A failure comes with the request to try again with.
async fn send_on(
    (mut lease, mut request): (Lease, Request),
    spare: Option<&Spare>,
) -> Result<(Response, Lease), (client::Error, Option<Request>)> {
    let sent = &lease.backend().counts.requests;
    sent.set(sent.get() + 1);
    let host = request.headers_mut().entry(HOST);
    host.or_insert_with(|| lease.backend().host().clone());
    match lease.line().sender.try_send_request(request).await {
        Ok(response) => Ok((response, lease)),
        Err(mut failed) => {
            let unused = failed.take_message();
            let error = failed.into_error();
            let again = match error.is_user() {
                true => None,
                false => unused.or_else(|| spare.and_then(|spare| spare.again(error.retry()))),
            };
            Err((error, again))
        }
    }
}

impl Failed {
    fn new(why: Failure, again: Option<Request>) -> Box<Self> {
        Box::new(Failed { why, again })
    }
}

/// The head of a request without a body, to send it once more.
struct Spare {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
}

impl Spare {
    fn of(request: &Request) -> Option<Self> {
        (request.body().exact_length() == Some(0)).then(|| Spare {
            method: request.method().clone(),
            uri: request.uri().clone(),
            headers: request.headers().clone(),
        })
    }

    /// The request once more, if it may be sent twice, or has not been sent.
    fn again(&self, retry: Retry) -> Option<Request> {
        if retry != Retry::Safe && !self.method.is_idempotent() {
            return None;
        }
        let mut request = Request::new(Body::empty());
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.headers.clone();
        Some(request)
    }
}

/// Makes the answer one for the client.
fn give_back(
    proxy: &Proxy,
    mut response: Response,
    lease: Lease,
    client: Option<tunnel::Client>,
    host: Option<&HeaderValue>,
) -> Response {
    let is_switch = response.status() == StatusCode::SWITCHING_PROTOCOLS;
    let behind = is_switch.then(|| upgrade::on(&mut response));
    proxy.gateway.give_back(&mut response);
    let host = host.and_then(|host| host.to_str().ok());
    let hosts = [lease.backend().name.as_str(), host.unwrap_or_default()];
    location::rewrite(response.headers_mut(), &hosts);
    response.extensions_mut().insert(AsItIs);
    let options = &proxy.options;
    match client.zip(behind) {
        Some((client, behind)) => {
            tunnel::ask(response.headers_mut());
            lease.backend().requested(true);
            tunnel::open(client, behind, lease, options.backend_tunnel_timeout);
            response
        }
        None => response.map(|body| answer::through(body, lease, options.backend_body_timeout)),
    }
}
