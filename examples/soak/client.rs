//! A good client: one connection that is kept, and every answer checked.

use std::net::SocketAddr;
use std::rc::Rc;

use http::{HeaderMap, Request, StatusCode};
use runtime::net::TcpStream;
use runtime::time::{Instant, timeout};
use serde_json::Value;
use server::Body;
use server::body::to_bytes;
use server::h1::client::{SendRequest, handshake};

use crate::PATIENCE;
use crate::table::Table;

/// The longest answer that is taken.
const LONGEST: usize = 4 << 20;

pub(crate) struct Client {
    pub(crate) address: SocketAddr,
    pub(crate) table: Rc<Table>,
    sender: Option<SendRequest>,
}

/// An answer, whole.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Result<Value, String> {
        serde_json::from_slice(&self.body).map_err(|error| format!("no JSON: {error}"))
    }

    /// A header's value. An answer without it gives an empty one.
    pub(crate) fn header(&self, name: &str) -> String {
        let value = self.headers.get(name).and_then(|it| it.to_str().ok());
        value.unwrap_or_default().to_owned()
    }
}

impl Client {
    pub(crate) fn new(address: SocketAddr, table: &Rc<Table>) -> Self {
        Client {
            address,
            table: table.clone(),
            sender: None,
        }
    }

    /// Asks for `path`, and expects status 200.
    pub(crate) async fn get(&mut self, route: &'static str, path: &str) -> Result<Answer, String> {
        self.send("GET", route, path, &[], "", &[200]).await
    }

    /// Sends JSON, and expects one of these statuses.
    pub(crate) async fn post(
        &mut self,
        route: &'static str,
        path: &str,
        body: &str,
        expected: &[u16],
    ) -> Result<Answer, String> {
        let json = [("content-type", "application/json")];
        let body = body.to_owned();
        self.send("POST", route, path, &json, body, expected).await
    }

    /// Sends a request, counts it under `route`, and expects one of these statuses.
    pub(crate) async fn send(
        &mut self,
        method: &str,
        route: &'static str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
        expected: &[u16],
    ) -> Result<Answer, String> {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request
            .header("host", "soak")
            .body(body.into())
            .map_err(|error| error.to_string())?;
        let began = Instant::now();
        let answer = timeout(PATIENCE, self.exchange(request)).await;
        let answer = answer.unwrap_or_else(|_| Err("no answer in time".to_owned()));
        let answer = answer.and_then(|answer| {
            let status = answer.status.as_u16();
            match expected.contains(&status) {
                true => Ok(answer),
                false => Err(format!(
                    "{status} instead of {expected:?}: {}",
                    String::from_utf8_lossy(&answer.body)
                )),
            }
        });
        if answer.is_err() {
            self.sender = None;
        }
        self.table.good(method, route, began.elapsed(), answer)
    }

    async fn exchange(&mut self, request: Request<Body>) -> Result<Answer, String> {
        // A connection that the server has closed meanwhile is no longer ready.
        let mut kept = self.sender.take();
        if let Some(sender) = &mut kept
            && sender.ready().await.is_err()
        {
            kept = None;
        }
        let mut sender = match kept {
            Some(sender) => sender,
            None => connect(self.address).await?,
        };
        sender.ready().await.map_err(text)?;
        let response = sender.send_request(request).await.map_err(text)?;
        let (head, body) = response.into_parts();
        let body = to_bytes(body, LONGEST).await.map_err(text)?;
        self.sender = Some(sender);
        Ok(Answer {
            status: head.status,
            headers: head.headers,
            body: body.to_vec(),
        })
    }
}

async fn connect(address: SocketAddr) -> Result<SendRequest, String> {
    let stream = TcpStream::connect(address).await.map_err(text)?;
    let (sender, connection) = handshake(stream).await.map_err(text)?;
    runtime::spawn(connection);
    Ok(sender)
}

pub(crate) fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// An error with this text, unless it is so.
pub(crate) fn check(is_so: bool, what: &str) -> Result<(), String> {
    is_so.then_some(()).ok_or_else(|| what.to_owned())
}
