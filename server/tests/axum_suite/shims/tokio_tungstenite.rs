//! `tokio_tungstenite`, as `async-tungstenite` on the runtime of the tests: the same protocol by
//! the same hands, over the traits of `futures-io`.

#![forbid(unsafe_code)]

pub use async_tungstenite::{WebSocketStream, tungstenite};

use runtime::net::TcpStream;
use tungstenite::client::IntoClientRequest;
use tungstenite::error::{Error, UrlError};
use tungstenite::handshake::client::Response;

/// Connects, and shakes hands.
pub async fn connect_async(
    request: impl IntoClientRequest + Unpin,
) -> Result<(WebSocketStream<TcpStream>, Response), Error> {
    let request = request.into_client_request()?;
    let authority = request.uri().authority().ok_or(UrlError::NoHostName)?;
    let stream = TcpStream::connect(authority.as_str()).await?;
    async_tungstenite::client_async(request, stream).await
}
