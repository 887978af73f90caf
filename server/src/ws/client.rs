//! The client's side of the handshake.

use std::future::poll_fn;
use std::pin::Pin;

use bytes::Bytes;
use futures_io::{AsyncRead, AsyncWrite};
use http::header::{
    CONNECTION, HOST, HeaderName, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_EXTENSIONS,
    SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::{Method, Request, Response, StatusCode};

use super::codec::Role;
use super::codec::mask::Masks;
use super::config::WebSocketConfig;
use super::error::WebSocketError;
use super::extension;
use super::handshake::{accept_key, encode_key, header_is, list, list_has};
use super::socket::line::Line;
use super::socket::web_socket::WebSocket;
use crate::Error;
use crate::h1::codec::buffer_pool::BufferPool;
use crate::h1::codec::decode::ResponseReader;
use crate::h1::codec::encode::line;

/// Bytes of an answer's head.
const HEAD: usize = 16 * 1024;

/// Asks a server to make a WebSocket of `io`. The request gives the target and the headers, with
/// `Host` if the target does not have it; the headers of the handshake are added. Protocols
/// are asked for with `Sec-WebSocket-Protocol`.
///
/// # Errors
///
/// The connection broke, or the server did not agree: then the error's inside is
/// [`WebSocketError::Refused`].
///
/// # Cancel safety
///
/// Dropping the future drops the connection.
///
/// ```
/// # #[runtime::main(start_paused = true)] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use http::Request;
/// use server::Router;
/// use server::routing::any;
/// use server::testing::TestServer;
/// use server::ws::{Message, WebSocketConfig, WebSocketUpgrade, connect};
///
/// let greet = |upgrade: WebSocketUpgrade| async {
///     upgrade.on_upgrade(async |mut socket| drop(socket.send(Message::text("hello")).await))
/// };
/// let server = TestServer::new(Router::new().route("/greet", any(greet)));
///
/// let stream = server.connect()?; // Or a TcpStream.
/// let request = Request::get("ws://localhost/greet").body(())?;
/// let (mut socket, _) = connect(stream, request, WebSocketConfig::default()).await?;
/// assert_eq!(socket.recv().await.unwrap()?, Message::text("hello"));
/// # Ok(())
/// # }
/// ```
pub async fn connect<I>(
    io: I,
    request: Request<()>,
    config: WebSocketConfig,
) -> Result<(WebSocket, Response<()>), Error>
where
    I: AsyncRead + AsyncWrite + 'static,
{
    connect_with(io, request, config, Masks::new()).await
}

/// As [`connect`]; the key and the masks come from `masks`.
pub(crate) async fn connect_with<I>(
    io: I,
    request: Request<()>,
    config: WebSocketConfig,
    mut masks: Masks,
) -> Result<(WebSocket, Response<()>), Error>
where
    I: AsyncRead + AsyncWrite + 'static,
{
    let mut io = Box::pin(io);
    let key = encode_key(std::array::from_fn(|_| masks.draw()[0]));
    let head = request_head(&request, &key, &config);
    write_all(io.as_mut(), &head).await.map_err(Error::new)?;
    let (response, rest) = read_head(io.as_mut()).await.map_err(Error::new)?;
    let window = check(&request, &response, &key, &config).map_err(Error::new)?;
    let protocol = response.headers().get(SEC_WEBSOCKET_PROTOCOL).cloned();
    let socket = WebSocket::new(Line::Other(io), Role::Client, config, window);
    Ok((
        socket
            .with_masks(masks)
            .with_rest(rest)
            .with_protocol(protocol),
        response,
    ))
}

/// What is sent.
fn request_head(request: &Request<()>, key: &str, config: &WebSocketConfig) -> Vec<u8> {
    let uri = request.uri();
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let mut head = format!("GET {path} HTTP/1.1\r\n").into_bytes();
    let mut line = |name: &HeaderName, value: &[u8]| line(&mut head, name.as_str(), value);
    if let Some(authority) = uri
        .authority()
        .filter(|_| !request.headers().contains_key(HOST))
    {
        let host = authority.as_str().rsplit('@').next().unwrap_or_default();
        line(&HOST, host.as_bytes());
    }
    line(&UPGRADE, b"websocket");
    line(&CONNECTION, b"Upgrade");
    line(&SEC_WEBSOCKET_VERSION, b"13");
    line(&SEC_WEBSOCKET_KEY, key.as_bytes());
    if config.compression {
        line(&SEC_WEBSOCKET_EXTENSIONS, extension::OFFER.as_bytes());
    }
    for (name, value) in request.headers() {
        line(name, value.as_bytes());
    }
    head.extend_from_slice(b"\r\n");
    head
}

/// Whether the server agreed (section 4.1, the numbered list at its end); the window for
/// compression, if there is any.
fn check(
    request: &Request<()>,
    response: &Response<()>,
    key: &str,
    config: &WebSocketConfig,
) -> Result<Option<u8>, WebSocketError> {
    let refused = |why| Err(WebSocketError::Refused(response.status(), why));
    let headers = response.headers();
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        return refused("its status is not 101");
    }
    if !header_is(headers, UPGRADE, "websocket") || !list_has(headers, CONNECTION, "upgrade") {
        return refused("it does not upgrade to a WebSocket");
    }
    if headers.get(SEC_WEBSOCKET_ACCEPT) != Some(&accept_key(key.as_bytes())) {
        return refused("its `Sec-WebSocket-Accept` does not go with the key");
    }
    if let Some(protocol) = headers.get(SEC_WEBSOCKET_PROTOCOL) {
        let mut asked = list(request.headers(), SEC_WEBSOCKET_PROTOCOL);
        if !asked.any(|asked| asked == protocol) {
            return refused("its protocol was not asked for");
        }
    }
    match extension::answered(headers.get_all(SEC_WEBSOCKET_EXTENSIONS)) {
        Ok(window) if window.is_none() || config.compression => Ok(window),
        _ => refused("its extension was not offered"),
    }
}

async fn write_all<I: AsyncWrite>(
    mut io: Pin<&mut I>,
    mut bytes: &[u8],
) -> Result<(), WebSocketError> {
    while !bytes.is_empty() {
        let count = poll_fn(|cx| io.as_mut().poll_write(cx, bytes)).await?;
        if count == 0 {
            return Err(WebSocketError::Reset);
        }
        bytes = &bytes[count..];
    }
    Ok(poll_fn(|cx| io.as_mut().poll_flush(cx)).await?)
}

/// The head of the answer, and what came behind it.
async fn read_head<I: AsyncRead>(
    mut io: Pin<&mut I>,
) -> Result<(Response<()>, Bytes), WebSocketError> {
    let (mut reader, mut pool) = (ResponseReader::default(), BufferPool::default());
    let mut bytes = Vec::new();
    let mut piece = [0; 1024];
    loop {
        let count = poll_fn(|cx| io.as_mut().poll_read(cx, &mut piece)).await?;
        if count == 0 {
            return Err(WebSocketError::Reset);
        }
        bytes.extend_from_slice(&piece[..count]);
        let read = reader.read(&bytes, &Method::GET, HEAD, &mut pool);
        if let Some((response, _, end)) = read.map_err(|_| WebSocketError::BadHead)? {
            return Ok((response, Bytes::copy_from_slice(&bytes[end..])));
        }
    }
}
