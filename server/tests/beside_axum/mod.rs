//! The same program with our crate and with axum, and whether they answer the same.

#![allow(dead_code, reason = "each file of tests uses its part of this")]

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, Uri};
use tower_service::Service as _;

/// What can be seen of a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

pub(crate) async fn seen_of_ours(response: impl server::response::IntoResponse) -> Seen {
    let (parts, body) = response.into_response().into_parts();
    Seen {
        status: parts.status,
        headers: parts.headers,
        body: server::body::to_bytes(body, usize::MAX).await.unwrap(),
    }
}

pub(crate) async fn seen_of_axums(response: impl axum::response::IntoResponse) -> Seen {
    let (parts, body) = response.into_response().into_parts();
    Seen {
        status: parts.status,
        headers: parts.headers,
        body: axum::body::to_bytes(body, usize::MAX).await.unwrap(),
    }
}

/// A request that both understand.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
}

impl Ask {
    pub(crate) fn get(uri: &str) -> Self {
        Ask {
            method: Method::GET,
            uri: uri.parse().unwrap(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
        }
    }

    pub(crate) fn post(body: impl Into<Bytes>) -> Self {
        Ask {
            method: Method::POST,
            body: body.into(),
            ..Ask::get("/")
        }
    }

    pub(crate) fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    pub(crate) fn to(mut self, uri: &str) -> Self {
        self.uri = uri.parse().unwrap();
        self
    }

    pub(crate) fn of_type(self, kind: &'static str) -> Self {
        self.header("content-type", kind)
    }

    pub(crate) fn header(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.insert(name, value.parse().unwrap());
        self
    }

    fn with<B>(&self, body: B) -> http::Request<B> {
        let mut request = http::Request::new(body);
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.headers.clone();
        request
    }

    pub(crate) fn ours(&self) -> server::extract::Request {
        self.with(server::Body::from(self.body.clone()))
    }

    pub(crate) fn axums(&self) -> axum::extract::Request {
        self.with(axum::body::Body::from(self.body.clone()))
    }
}

/// Our extractor as it is printed, or its refusal.
pub(crate) async fn extracted_by_ours<E, M>(ask: &Ask) -> Result<String, Seen>
where
    E: server::extract::FromRequest<(), M> + std::fmt::Debug,
{
    match E::from_request(ask.ours(), &()).await {
        Ok(made) => Ok(format!("{made:?}")),
        Err(rejection) => Err(seen_of_ours(rejection).await),
    }
}

/// axum's extractor as it is printed, or its refusal.
pub(crate) async fn extracted_by_axums<E, M>(ask: &Ask) -> Result<String, Seen>
where
    E: axum::extract::FromRequest<(), M> + std::fmt::Debug,
{
    match E::from_request(ask.axums(), &()).await {
        Ok(made) => Ok(format!("{made:?}")),
        Err(rejection) => Err(seen_of_axums(rejection).await),
    }
}

pub(crate) async fn answered_by_ours(app: &server::Router, ask: &Ask) -> Seen {
    let response = server::Service::call(app, ask.ours()).await;
    seen_of_ours(response).await
}

pub(crate) async fn answered_by_axums(app: &axum::Router, ask: &Ask) -> Seen {
    let Ok(mut response) = app.clone().call(ask.axums()).await;
    // Ours is written by the engine.
    response.headers_mut().remove("content-length");
    seen_of_axums(response).await
}
