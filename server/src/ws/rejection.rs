//! Why a request does not become a WebSocket.

use crate::extract::rejection::{one_of, rejections};

rejections! {
    /// The request's method is not `GET`.
    MethodNotGet => METHOD_NOT_ALLOWED, "Request method must be `GET`";
    /// The request's method is not `CONNECT`. Only HTTP/2 asks for it, which is not served.
    MethodNotConnect => METHOD_NOT_ALLOWED, "Request method must be `CONNECT`";
    /// The header `Connection` does not have `upgrade`.
    InvalidConnectionHeader => BAD_REQUEST, "Connection header did not include 'upgrade'";
    /// The header `Upgrade` does not have `websocket`.
    InvalidUpgradeHeader => BAD_REQUEST, "`Upgrade` header did not include 'websocket'";
    /// The pseudo-header `:protocol` is not `websocket`. Only HTTP/2 has it.
    InvalidProtocolPseudoheader => BAD_REQUEST,
        "`:protocol` pseudo-header did not include 'websocket'";
    /// The header `Sec-WebSocket-Version` is not `13`. The answer says that it should be.
    InvalidWebSocketVersionHeader => BAD_REQUEST,
        "`Sec-WebSocket-Version` header did not include '13'";
    /// There is no header `Sec-WebSocket-Key`.
    WebSocketKeyHeaderMissing => BAD_REQUEST, "`Sec-WebSocket-Key` header missing";
    /// The header `Sec-WebSocket-Key` is not sixteen bytes in base64, or stands there twice.
    InvalidWebSocketKeyHeader => BAD_REQUEST,
        "`Sec-WebSocket-Key` header is not one key of 16 bytes in base64";
    /// The connection cannot leave HTTP: HTTP/1.0, or not a connection of this server.
    ConnectionNotUpgradable => UPGRADE_REQUIRED,
        "WebSocket request couldn't be upgraded since no upgrade state was present";
}

one_of! {
    /// Why a [`WebSocketUpgrade`](super::WebSocketUpgrade) could not be made.
    WebSocketUpgradeRejection {
        MethodNotGet, MethodNotConnect, InvalidConnectionHeader, InvalidUpgradeHeader,
        InvalidProtocolPseudoheader, InvalidWebSocketVersionHeader, WebSocketKeyHeaderMissing,
        InvalidWebSocketKeyHeader, ConnectionNotUpgradable,
    }
}
