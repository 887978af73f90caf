//! The type, and how it is made.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;

use bytes::Bytes;
use futures_core::Stream;
use futures_io::{AsyncRead, AsyncWrite};
use futures_sink::Sink;
use http::HeaderValue;
use runtime::sync::CancellationToken;
use runtime::time::Sleep;

use super::line::Line;
use super::stage::Stage;
use super::stall::Stall;
use super::wakers::Wakers;
use crate::Error;
use crate::h1::conn::write_buf::WriteBuf;
use crate::ws::codec::decode::Decoder;
use crate::ws::codec::encode::Encoder;
use crate::ws::codec::mask::Masks;
use crate::ws::codec::{Role, Rules};
use crate::ws::config::WebSocketConfig;
use crate::ws::message::Message;

/// A connection on which messages travel both ways.
///
/// It is a [`Stream`] of messages and a [`Sink`] for them, so it can be split in two, one half
/// for each of two tasks. The peer's pings and its close frame are answered by themselves
/// while messages are received.
///
/// What it promises:
///
/// * At most [`max_write_buffer_size`](WebSocketConfig::max_write_buffer_size) bytes, or one
///   message, wait for a peer that does not read. Then [`send`](Self::send) waits, and after
///   [`write_timeout`](WebSocketConfig::write_timeout) the connection is dropped.
/// * A peer that breaks the protocol is told which rule, by the code of a close frame.
/// * The end is bounded: a peer that does not answer a close frame is waited for as long as
///   [`close_timeout`](WebSocketConfig::close_timeout).
/// * When the server stops, a close frame with the code 1001 is sent.
///
/// # Panics
///
/// If it has to wait for a slow peer outside a runtime, as that needs a timer.
///
/// ```
/// # runtime::runtime::Runtime::new().unwrap().block_on(async {
/// use runtime::io::duplex;
/// use server::ws::{Message, WebSocket, WebSocketConfig};
///
/// let (near, far) = duplex(1024);
/// let mut client = WebSocket::client(near, WebSocketConfig::default());
/// let mut server = WebSocket::server(far, WebSocketConfig::default());
///
/// client.send(Message::text("tea?")).await.unwrap();
/// assert_eq!(server.recv().await.unwrap().unwrap(), Message::text("tea?"));
/// # });
/// ```
pub struct WebSocket {
    pub(super) io: Line,
    pub(super) role: Role,
    pub(super) config: WebSocketConfig,
    pub(super) stage: Stage,
    pub(super) decoder: Decoder,
    /// What has arrived and is not decoded.
    pub(super) rest: Bytes,
    pub(super) encoder: Encoder,
    pub(super) output: WriteBuf,
    /// The payload of the pong that has to be sent: of the last one, if several could not be.
    pub(super) owed_pong: Option<Bytes>,
    /// The close frame that has to be sent.
    pub(super) owed_close: Option<Message>,
    /// What the reader has to send is not all written.
    pub(super) reader_writes: bool,
    pub(super) wakers: Wakers,
    pub(super) stall: Stall,
    /// Runs from our close frame to the end.
    pub(super) deadline: Option<Box<Sleep>>,
    pub(super) shutdown: Option<Shutdown>,
    protocol: Option<HeaderValue>,
}

/// The signal that the program gives when it stops.
pub(super) struct Shutdown {
    pub(super) token: CancellationToken,
    pub(super) signal: Pin<Box<dyn Future<Output = ()>>>,
}

impl WebSocket {
    /// The server's end of a connection whose handshake is done. Its example is [`WebSocket`]'s.
    #[must_use]
    pub fn server<I>(io: I, config: WebSocketConfig) -> Self
    where
        I: AsyncRead + AsyncWrite + 'static,
    {
        WebSocket::new(Line::Other(Box::pin(io)), Role::Server, config, None)
    }

    /// The client's end of a connection whose handshake is done. Its example is [`WebSocket`]'s.
    #[must_use]
    pub fn client<I>(io: I, config: WebSocketConfig) -> Self
    where
        I: AsyncRead + AsyncWrite + 'static,
    {
        WebSocket::new(Line::Other(Box::pin(io)), Role::Client, config, None)
    }

    /// `window` is the window for compressed messages, as a power of two, if the two ends agreed
    /// on compression.
    pub(crate) fn new(io: Line, role: Role, config: WebSocketConfig, window: Option<u8>) -> Self {
        let mut rules = rules(role, &config);
        rules.compression = window.is_some();
        WebSocket {
            io,
            role,
            config,
            stage: Stage::Open,
            decoder: Decoder::new(rules),
            rest: Bytes::new(),
            encoder: Encoder::new(&rules, window),
            output: WriteBuf::default(),
            owed_pong: None,
            owed_close: None,
            reader_writes: false,
            wakers: Wakers::default(),
            stall: Stall::default(),
            deadline: None,
            shutdown: None,
            protocol: None,
        }
    }

    /// Takes the masks of what is sent from there.
    #[must_use]
    pub(crate) fn with_masks(mut self, masks: Masks) -> Self {
        self.encoder.set_masks(masks);
        self
    }

    /// What the peer sent behind its handshake, and was read with it.
    #[must_use]
    pub(crate) fn with_rest(mut self, rest: Bytes) -> Self {
        self.rest = rest;
        self
    }

    /// The protocol that was agreed on.
    #[must_use]
    pub(crate) fn with_protocol(mut self, protocol: Option<HeaderValue>) -> Self {
        self.protocol = protocol;
        self
    }

    /// A close frame with the code 1001 is sent when `token` is cancelled. What the peer sends
    /// until it answers is received. A WebSocket of a server of ours does the same when
    /// the server stops, without a token.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new().unwrap().block_on(async {
    /// use runtime::io::duplex;
    /// use runtime::sync::CancellationToken;
    /// use server::ws::{Message, WebSocket, WebSocketConfig};
    ///
    /// let (near, far) = duplex(1024);
    /// let stop = CancellationToken::new();
    /// let mut client = WebSocket::client(near, WebSocketConfig::default());
    /// let server = WebSocket::server(far, WebSocketConfig::default());
    /// let mut server = server.with_shutdown(stop.clone());
    /// runtime::spawn(async move { server.recv().await });
    ///
    /// stop.cancel();
    /// let Some(Ok(Message::Close(Some(frame)))) = client.recv().await else { panic!() };
    /// assert_eq!(frame.code, 1001);
    /// # });
    /// ```
    #[must_use]
    pub fn with_shutdown(mut self, token: CancellationToken) -> Self {
        let signal = Box::pin(token.clone().cancelled_owned());
        self.shutdown = Some(Shutdown { token, signal });
        self
    }

    /// The next message; `None` at the end. Its example is [`WebSocket`]'s.
    ///
    /// An error comes last; after it there is only `None`. The peer's close frame is the last
    /// message. Receive until `None`: that ends the connection in order, in a bounded time.
    ///
    /// # Errors
    ///
    /// The peer broke the protocol, or ended the connection without a close frame, or the
    /// connection broke; see [`WebSocketError`](crate::ws::WebSocketError).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: no message is lost.
    pub async fn recv(&mut self) -> Option<Result<Message, Error>> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// Sends a message, and waits until all of it has been written. Its example is [`WebSocket`]'s.
    ///
    /// A close frame does nothing if one has been received: that one has been answered.
    ///
    /// # Errors
    ///
    /// The connection is closed or broke, or the peer did not read for too long; see
    /// [`WebSocketError`](crate::ws::WebSocketError).
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped, the message is not sent at all, or it waits to be written with
    /// the next one or with the next [flush](Sink::poll_flush).
    pub async fn send(&mut self, message: Message) -> Result<(), Error> {
        poll_fn(|cx| Pin::new(&mut *self).poll_ready(cx)).await?;
        Pin::new(&mut *self).start_send(message)?;
        poll_fn(|cx| Pin::new(&mut *self).poll_flush(cx)).await
    }

    /// The protocol that was agreed on (`Sec-WebSocket-Protocol`).
    /// Its example is [`WebSocketUpgrade`](crate::ws::WebSocketUpgrade)'s.
    #[must_use]
    pub fn protocol(&self) -> Option<&HeaderValue> {
        self.protocol.as_ref()
    }
}

impl fmt::Debug for WebSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocket")
            .field("role", &self.role)
            .field("stage", &self.stage)
            .field("protocol", &self.protocol)
            .finish_non_exhaustive()
    }
}

/// What the codec is told of the limits.
fn rules(role: Role, config: &WebSocketConfig) -> Rules {
    Rules {
        role,
        max_frame: config.max_frame_size,
        max_message: config.max_message_size,
        compression: config.compression,
        accept_unmasked: config.accept_unmasked_frames,
    }
}
