//! From a request to a WebSocket.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::future::Future;

use http::header::{
    CONNECTION, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_EXTENSIONS, SEC_WEBSOCKET_KEY,
    SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::request::Parts;
use http::{Method, StatusCode};

use super::codec::Role;
use super::config::WebSocketConfig;
use super::extension;
use super::handshake::{self, accept_key, header_is, list, list_has};
use super::rejection::{
    ConnectionNotUpgradable, InvalidConnectionHeader, InvalidUpgradeHeader,
    InvalidWebSocketKeyHeader, InvalidWebSocketVersionHeader, MethodNotGet,
    WebSocketKeyHeaderMissing, WebSocketUpgradeRejection,
};
use super::socket::line::Line;
use super::socket::web_socket::WebSocket;
use crate::Error;
use crate::body::Body;
use crate::extract::FromRequestParts;
use crate::h1::conn::upgrade::{self, OnUpgrade};
use crate::locals;
use crate::message::Response;

/// The extractor of a request for a WebSocket.
///
/// [`on_upgrade`](Self::on_upgrade) makes the response that agrees. Browsers ask with `GET`,
/// so the route is one of `get` or `any`.
///
/// ```
/// use server::Router;
/// use server::response::Response;
/// use server::routing::any;
/// use server::testing::TestClient;
/// use server::ws::{Message, WebSocket, WebSocketUpgrade};
///
/// async fn echo(upgrade: WebSocketUpgrade) -> Response {
///     let upgrade = upgrade.protocols(["echo.v2", "echo.v1"]).max_message_size(64 * 1024);
///     let upgrade = upgrade.on_failed_upgrade(|error| eprintln!("no WebSocket: {error}"));
///     upgrade.on_upgrade(|mut socket: WebSocket| async move {
///         while let Some(Ok(message)) = socket.recv().await {
///             if socket.send(message).await.is_err() {
///                 return;
///             }
///         }
///     })
/// }
///
/// # #[runtime::main(start_paused = true)] async fn main() -> Result<(), server::Error> {
/// let client = TestClient::new(Router::new().route("/echo", any(echo)));
/// let request = client.get("/echo").header("sec-websocket-protocol", "echo.v1");
/// let mut socket = request.websocket().await?;
/// assert_eq!(socket.protocol().unwrap(), "echo.v1");
/// socket.send(Message::text("tea?")).await?;
/// assert_eq!(socket.recv().await.unwrap()?, Message::text("tea?"));
/// # Ok(())
/// # }
/// ```
#[must_use]
pub struct WebSocketUpgrade<F = DefaultOnFailedUpgrade> {
    config: WebSocketConfig,
    key: HeaderValue,
    /// The protocol that was chosen.
    protocol: Option<HeaderValue>,
    /// Those that the client asked for.
    protocols: BTreeSet<HeaderValue>,
    /// What the client offers: how messages may be compressed.
    compression: Option<(u8, HeaderValue)>,
    on_upgrade: OnUpgrade,
    on_failed_upgrade: F,
}

impl<F> WebSocketUpgrade<F> {
    /// See [`WebSocketConfig::read_buffer_size`]. Its example is [`config`](Self::config)'s.
    pub fn read_buffer_size(mut self, size: usize) -> Self {
        self.config.read_buffer_size = size;
        self
    }

    /// See [`WebSocketConfig::write_buffer_size`]. Its example is [`config`](Self::config)'s.
    pub fn write_buffer_size(mut self, size: usize) -> Self {
        self.config.write_buffer_size = size;
        self
    }

    /// See [`WebSocketConfig::max_write_buffer_size`]. Its example is [`config`](Self::config)'s.
    pub fn max_write_buffer_size(mut self, max: usize) -> Self {
        self.config.max_write_buffer_size = max;
        self
    }

    /// See [`WebSocketConfig::max_message_size`]. Its example is [`WebSocketUpgrade`]'s.
    pub fn max_message_size(mut self, max: usize) -> Self {
        self.config.max_message_size = max;
        self
    }

    /// See [`WebSocketConfig::max_frame_size`]. Its example is [`config`](Self::config)'s.
    pub fn max_frame_size(mut self, max: usize) -> Self {
        self.config.max_frame_size = max;
        self
    }

    /// See [`WebSocketConfig::accept_unmasked_frames`]. Its example is [`config`](Self::config)'s.
    pub fn accept_unmasked_frames(mut self, accept: bool) -> Self {
        self.config.accept_unmasked_frames = accept;
        self
    }

    /// All limits and timeouts at once: also those that the crate axum does not have, such as
    /// [`compression`](WebSocketConfig::compression).
    ///
    /// ```
    /// use server::response::Response;
    /// use server::ws::{WebSocketConfig, WebSocketUpgrade};
    ///
    /// async fn careful(upgrade: WebSocketUpgrade) -> Response {
    ///     let mut config = WebSocketConfig::default();
    ///     config.compression = false;
    ///     let upgrade = upgrade
    ///         .config(config)
    ///         .read_buffer_size(4 * 1024)
    ///         .write_buffer_size(0)
    ///         .max_write_buffer_size(64 * 1024)
    ///         .max_frame_size(16 * 1024)
    ///         .accept_unmasked_frames(false);
    ///     upgrade.on_upgrade(async |mut socket| drop(socket.recv().await))
    /// }
    /// # let _ = careful;
    /// ```
    pub fn config(mut self, config: WebSocketConfig) -> Self {
        self.config = config;
        self
    }

    /// The protocols that the program speaks, the one that it likes best first. The first
    /// one that the client asked for is chosen; the answer names it.
    /// Its example is [`WebSocketUpgrade`]'s.
    pub fn protocols<I>(mut self, protocols: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<Cow<'static, str>>,
    {
        let values = protocols.into_iter().filter_map(|name| match name.into() {
            Cow::Borrowed(name) => HeaderValue::from_str(name).ok(),
            Cow::Owned(name) => HeaderValue::try_from(name).ok(),
        });
        let mut values = values;
        self.protocol = values.find(|value| self.protocols.contains(value));
        self
    }

    /// The protocols that the client asked for.
    /// Its example is [`set_selected_protocol`](Self::set_selected_protocol)'s.
    pub fn requested_protocols(&self) -> impl Iterator<Item = &HeaderValue> {
        self.protocols.iter()
    }

    /// Chooses a protocol.
    ///
    /// ```
    /// use server::response::Response;
    /// use server::ws::WebSocketUpgrade;
    ///
    /// /// Takes whatever the client likes.
    /// async fn any(mut upgrade: WebSocketUpgrade) -> Response {
    ///     let first = upgrade.requested_protocols().next().cloned();
    ///     if let Some(protocol) = first {
    ///         upgrade.set_selected_protocol(protocol);
    ///     }
    ///     upgrade.on_upgrade(async |socket| drop(socket))
    /// }
    /// # let _ = any;
    /// ```
    pub fn set_selected_protocol(&mut self, protocol: HeaderValue) {
        self.protocol = Some(protocol);
    }

    /// The protocol that was chosen.
    pub fn selected_protocol(&self) -> Option<&HeaderValue> {
        self.protocol.as_ref()
    }

    /// What to do if the connection is not handed over after all.
    /// Its example is [`WebSocketUpgrade`]'s.
    pub fn on_failed_upgrade<C>(self, callback: C) -> WebSocketUpgrade<C>
    where
        C: OnFailedUpgrade,
    {
        WebSocketUpgrade {
            config: self.config,
            key: self.key,
            protocol: self.protocol,
            protocols: self.protocols,
            compression: self.compression,
            on_upgrade: self.on_upgrade,
            on_failed_upgrade: callback,
        }
    }

    /// The response that agrees. When it has been sent, `callback` runs in a task of its own,
    /// with the WebSocket. Its example is [`WebSocketUpgrade`]'s.
    ///
    /// # Panics
    ///
    /// Outside a runtime, as the task is spawned.
    #[must_use = "the WebSocket begins when this response has been sent"]
    pub fn on_upgrade<C, Fut>(self, callback: C) -> Response
    where
        C: FnOnce(WebSocket) -> Fut + 'static,
        Fut: Future<Output = ()> + 'static,
        F: OnFailedUpgrade,
    {
        let compression = self.compression.filter(|_| self.config.compression);
        let (window, extension) = compression.unzip();
        let response = agree(&self.key, self.protocol.clone(), extension);
        let (config, protocol) = (self.config, self.protocol);
        let (on_upgrade, on_failed_upgrade) = (self.on_upgrade, self.on_failed_upgrade);
        runtime::spawn(async move {
            match on_upgrade.await {
                Ok(upgraded) => {
                    let line = Line::Upgraded(upgraded);
                    let socket = WebSocket::new(line, Role::Server, config, window);
                    callback(socket.with_protocol(protocol)).await;
                }
                Err(error) => on_failed_upgrade.call(Error::new(error)),
            }
        });
        response
    }
}

/// The server's half of the handshake (RFC 6455, section 4.2.2).
fn agree(
    key: &HeaderValue,
    protocol: Option<HeaderValue>,
    extension: Option<HeaderValue>,
) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_ACCEPT, accept_key(key.as_bytes()));
    if let Some(protocol) = protocol {
        headers.insert(SEC_WEBSOCKET_PROTOCOL, protocol);
    }
    if let Some(extension) = extension {
        headers.insert(SEC_WEBSOCKET_EXTENSIONS, extension);
    }
    response
}

impl<S> FromRequestParts<S> for WebSocketUpgrade {
    type Rejection = WebSocketUpgradeRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let headers = &parts.headers;
        if parts.method != Method::GET {
            return Err(MethodNotGet.into());
        }
        if !list_has(headers, CONNECTION, "upgrade") {
            return Err(InvalidConnectionHeader.into());
        }
        if !list_has(headers, UPGRADE, "websocket") {
            return Err(InvalidUpgradeHeader.into());
        }
        if !headers.contains_key(SEC_WEBSOCKET_KEY) {
            return Err(WebSocketKeyHeaderMissing.into());
        }
        if !header_is(headers, SEC_WEBSOCKET_VERSION, "13") {
            return Err(InvalidWebSocketVersionHeader.into());
        }
        let key = handshake::key(headers).cloned();
        let key = key.ok_or(InvalidWebSocketKeyHeader)?;
        let protocols = list(headers, SEC_WEBSOCKET_PROTOCOL).collect();
        let compression = extension::choose(headers.get_all(SEC_WEBSOCKET_EXTENSIONS));
        // The server's, which the engine has put beside the request.
        let config = locals::get::<WebSocketConfig>(&parts.extensions);
        let config = config.map_or_else(WebSocketConfig::default, |config| *config);
        let on_upgrade = upgrade::offered(parts).ok_or(ConnectionNotUpgradable)?;
        Ok(WebSocketUpgrade {
            config,
            key,
            protocol: None,
            protocols,
            compression,
            on_upgrade,
            on_failed_upgrade: DefaultOnFailedUpgrade,
        })
    }
}

impl<F> fmt::Debug for WebSocketUpgrade<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocketUpgrade")
            .field("config", &self.config)
            .field("protocol", &self.protocol)
            .field("protocols", &self.protocols)
            .finish_non_exhaustive()
    }
}

/// What to do with a connection that is not handed over. Every function of an [`Error`] is one.
/// Its example is [`WebSocketUpgrade`]'s.
pub trait OnFailedUpgrade: 'static {
    /// Takes the error. Its example is [`WebSocketUpgrade`]'s.
    fn call(self, error: Error);
}

impl<F> OnFailedUpgrade for F
where
    F: FnOnce(Error) + 'static,
{
    fn call(self, error: Error) {
        self(error);
    }
}

/// Does nothing. Its example is [`WebSocketUpgrade`]'s.
#[derive(Debug)]
#[non_exhaustive]
pub struct DefaultOnFailedUpgrade;

impl OnFailedUpgrade for DefaultOnFailedUpgrade {
    fn call(self, _: Error) {}
}
