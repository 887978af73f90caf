//! Handing requests on to another server: what a gateway owes to both sides.
//!
//! A gateway (a *reverse proxy*) is a server to its clients and a client to the server behind it.
//! A handler can be one: it changes the request a little, sends it with
//! [`h1::client`](crate::h1::client), and returns the response. What it has to change stands in RFC
//! 9110, section 7.6, and is easily forgotten. [`Gateway`] does it.
//!
//! | what | why |
//! |---|---|
//! | `Connection`, the fields that it names, `Keep-Alive`, `TE`, `Upgrade` and their like go | they were for the hop that the message came from |
//! | the version becomes ours | it tells what the sender can do |
//! | the target becomes a path; its host stays in `Host`, even if `Connection` names that | so an origin server is asked |
//! | `Via` gets a member | each hop signs, and a request that goes in a circle is noticed |
//! | `Max-Forwards` is counted down | so TRACE and OPTIONS can ask a hop on the way |
//!
//! Conditions, ranges, `Authorization`, `Cookie` and bodies with their trailers pass as they are: the
//! server behind decides. The engine does the rest by itself: lengths, `Date`, the order of answers.
//!
//! Informational responses (103 Early Hints) of the server behind end here: a handler returns one response, and has no
//! way to give another one before it. The client loses a hint and no content. `100 Continue` is each hop's own: the
//! engine says it when the body is asked for.
//!
//! How it can go wrong: a request that goes in a circle. Two gateways that take each other for the
//! server behind would send it to and fro for ever. So a gateway that finds its own name in `Via`
//! answers 508.

use std::iter::once;

use http::header::{HeaderName, HeaderValue, MAX_FORWARDS, TE, VIA};
use http::uri::PathAndQuery;
use http::{HeaderMap, Method, StatusCode, Uri, Version};

use crate::h1::client;
use crate::h1::codec::decode::elements;
use crate::h1::codec::hop::strip;
use crate::message::{Request, Response};
use crate::response::IntoResponse;

/// What is done to messages that are handed on.
///
/// ```
/// # runtime::runtime::Runtime::new().unwrap().block_on(async {
/// use http::{Request, Response};
/// use runtime::io::duplex;
/// use server::gateway::Gateway;
/// use server::h1::{Endpoint, client};
/// use server::{Body, body::to_bytes};
///
/// // The server behind, which says who handed the request on.
/// let behind = Endpoint::new(|request: Request<Body>| async move {
///     let via = request.headers()["via"].to_str().unwrap().to_owned();
///     Response::new(Body::from(via))
/// });
///
/// let gateway = Gateway::new("front");
/// let mut request = Request::get("http://shop.example/tea").body(Body::empty()).unwrap();
/// let response = match gateway.forward(&mut request) {
///     Err(response) => *response,
///     Ok(()) => {
///         let (near, far) = duplex(1024);
///         runtime::spawn(behind.connection(far));
///         let (mut sender, connection) = client::handshake(near).await.unwrap();
///         runtime::spawn(connection);
///         match sender.send_request(request).await {
///             Ok(mut response) => {
///                 gateway.give_back(&mut response);
///                 response
///             }
///             Err(error) => Gateway::failed(&error),
///         }
///     }
/// };
/// assert_eq!(response.headers()["via"], "1.1 front");
/// assert_eq!(to_bytes(response.into_body(), 100).await.unwrap(), "1.1 front");
/// # });
/// ```
#[derive(Clone, Debug)]
pub struct Gateway {
    name: String,
}

impl Gateway {
    /// A gateway that signs with this name in `Via`.
    ///
    /// # Panics
    ///
    /// If the name is no token: empty, or with a blank or a sign like `,` or `"` in it.
    ///
    /// ```should_panic
    /// server::gateway::Gateway::new("two words");
    /// ```
    #[must_use]
    #[track_caller]
    pub fn new(name: &str) -> Self {
        // A method is a token, too.
        let is_token = Method::from_bytes(name.as_bytes()).is_ok();
        assert!(is_token, "the name of a gateway is a token: {name:?}");
        Gateway {
            name: name.to_owned(),
        }
    }

    /// Makes a request ready for the server behind. A client that reads trailers
    /// (`TE: trailers`) gets those of the server behind. Its example is [`Gateway`]'s.
    ///
    /// A gateway that adds fields of its own, such as `X-Forwarded-For`, adds them afterwards: the
    /// client may have named them in `Connection`, and what `Connection` names is taken out here.
    ///
    /// # Errors
    ///
    /// The response to give in place of the one behind: 508, if the request has passed here before;
    /// 200 to an OPTIONS and 405 to a TRACE that may not be handed on (`Max-Forwards: 0`); 400 if
    /// that number is none.
    pub fn forward<B>(&self, request: &mut Request<B>) -> Result<(), Box<Response>> {
        if self.has_signed(request.headers()) {
            return Err(Box::new(StatusCode::LOOP_DETECTED.into_response()));
        }
        if matches!(*request.method(), Method::OPTIONS | Method::TRACE) {
            count_down(request)?;
        }
        let version = std::mem::replace(request.version_mut(), Version::HTTP_11);
        if request.uri().authority().is_some() && request.method() != Method::CONNECT {
            *request.uri_mut() = without_host(request.uri());
        }
        let headers = request.headers_mut();
        let takes_trailers = says(headers, &TE, b"trailers");
        strip(headers);
        if takes_trailers {
            headers.insert(TE, HeaderValue::from_static("trailers"));
        }
        self.sign(headers, version);
        Ok(())
    }

    /// Makes the response of the server behind ready for the client. Its example is [`Gateway`]'s.
    pub fn give_back<B>(&self, response: &mut Response<B>) {
        let version = std::mem::replace(response.version_mut(), Version::HTTP_11);
        let headers = response.headers_mut();
        strip(headers);
        self.sign(headers, version);
    }

    /// What the client gets when the server behind has not answered: 504 if it was too slow, else
    /// 502.
    ///
    /// The example is [`Gateway`]'s.
    #[must_use]
    pub fn failed(error: &client::Error) -> Response {
        match error.is_timeout() {
            true => StatusCode::GATEWAY_TIMEOUT.into_response(),
            false => StatusCode::BAD_GATEWAY.into_response(),
        }
    }

    /// Adds this hop to `Via`: the version that the message came with, and who took it.
    fn sign(&self, headers: &mut HeaderMap, version: Version) {
        let version = match version {
            Version::HTTP_10 => "1.0",
            _ => "1.1",
        };
        let mine = format!("{version} {}", self.name);
        headers.extend(HeaderValue::from_str(&mine).map(|mine| (VIA, mine)).ok());
    }

    /// Whether a member of `Via` is this gateway's.
    fn has_signed(&self, headers: &HeaderMap) -> bool {
        let values = headers.get_all(VIA).into_iter();
        let mut members = values.flat_map(|value| elements(value.as_bytes()));
        members.any(|member| {
            let mut words = member.split(u8::is_ascii_whitespace).skip(1);
            let by = words.find(|word| !word.is_empty());
            by.is_some_and(|by| by.eq_ignore_ascii_case(self.name.as_bytes()))
        })
    }
}

/// The path of an address, and its query. An empty path is a slash (RFC 9112, section 3.2.1).
fn without_host(address: &Uri) -> Uri {
    let target = address.path_and_query().map_or("/", PathAndQuery::as_str);
    let target = match target.starts_with('?') {
        true => format!("/{target}").parse(),
        false => target.parse(),
    };
    target.unwrap_or(Uri::from_static("/"))
}

/// Counts `Max-Forwards` down; at nought, the request is answered here.
fn count_down<B>(request: &mut Request<B>) -> Result<(), Box<Response>> {
    let Some(value) = request.headers().get(MAX_FORWARDS) else {
        return Ok(());
    };
    let is_number = value.as_bytes().iter().all(u8::is_ascii_digit);
    let digits = value.to_str().ok().filter(|_| is_number);
    let status = match digits.and_then(|digits| digits.parse().ok()) {
        Some(0_u64) if request.method() == Method::OPTIONS => StatusCode::OK,
        Some(0) => StatusCode::METHOD_NOT_ALLOWED,
        Some(left) => {
            let headers = request.headers_mut();
            headers.insert(MAX_FORWARDS, (left - 1).into());
            return Ok(());
        }
        None => StatusCode::BAD_REQUEST,
    };
    let allow = HeaderValue::from_static("OPTIONS");
    let head = HeaderMap::from_iter(once((http::header::ALLOW, allow)));
    Err(Box::new((status, head).into_response()))
}

/// Whether a list has this element.
fn says(headers: &HeaderMap, name: &HeaderName, element: &[u8]) -> bool {
    let values = headers.get_all(name).into_iter();
    let mut all = values.flat_map(|value| elements(value.as_bytes()));
    all.any(|one| one.eq_ignore_ascii_case(element))
}
