//! What bad clients do. Whatever they do, the good ones must not notice.

use std::io;
use std::net::SocketAddr;
use std::rc::Rc;

use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::TcpStream;
use runtime::task::JoinSet;
use runtime::time::{Duration, Instant, sleep, timeout};

use crate::table::Table;

/// How long a bad client stays, at most.
const STAY: Duration = Duration::from_millis(1500);

/// What a bad client does after its bytes.
#[derive(Clone, Copy)]
enum Then {
    /// Waits for the answer and reads it.
    Reads,
    /// Reads nothing, and stays.
    Stays,
    /// Leaves at once.
    Leaves,
    /// Leaves when the answer has begun: what it has not read makes its system reset the connection.
    Resets,
    /// Sends these bytes again and again.
    Drips(&'static str),
}

const WEBSOCKET: &str = "Host: soak\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/// Kinds of bad clients that are one text and what comes then.
const KINDS: [(&str, &str, Then); 11] = [
    ("connects and leaves", "", Then::Leaves),
    ("connects and says nothing", "", Then::Stays),
    (
        "a head that never ends",
        "GET / HTTP/1.1\r\nHost: soak\r\n",
        Then::Drips("X: y\r\n"),
    ),
    (
        "half a body",
        "POST /api/echo HTTP/1.1\r\nHost: soak\r\nContent-Length: 100\r\n\r\nhalf",
        Then::Stays,
    ),
    (
        "half a body, and leaves",
        "POST /proxy/api/echo HTTP/1.1\r\nHost: soak\r\nContent-Length: 100\r\n\r\nhalf",
        Then::Leaves,
    ),
    (
        "half an upload, and leaves",
        "POST /upload HTTP/1.1\r\nHost: soak\r\nContent-Length: 9999\r\n\
         Content-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\n\
         Content-Disposition: form-data; name=\"file\"; filename=\"half.txt\"\r\n\r\nhalf a file",
        Then::Leaves,
    ),
    (
        "broken multipart",
        "POST /upload HTTP/1.1\r\nHost: soak\r\nContent-Length: 15\r\nConnection: close\r\n\
         Content-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\nno headers",
        Then::Reads,
    ),
    (
        "broken chunks",
        "POST /api/echo HTTP/1.1\r\nHost: soak\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nbody\r\n",
        Then::Reads,
    ),
    (
        "an event stream that is not read",
        "GET /proxy/events HTTP/1.1\r\nHost: soak\r\n\r\n",
        Then::Stays,
    ),
    (
        "garbage",
        "\u{1}\u{2}\u{3} all is well \r\n\r\n\u{7f}\r\n",
        Then::Reads,
    ),
    (
        "an order, and leaves before the answer",
        // Not one that is taken: orders are kept for ever.
        "POST /orders HTTP/1.1\r\nHost: soak\r\nContent-Type: application/json\r\n\
         Content-Length: 2\r\n\r\n{}",
        Then::Leaves,
    ),
];

pub(crate) fn begin(
    clients: &mut JoinSet<()>,
    address: SocketAddr,
    table: &Rc<Table>,
    until: Instant,
) {
    let mut again = |kind: &'static str, bytes: Vec<u8>, then: Then| {
        let table = table.clone();
        clients.spawn(async move {
            while Instant::now() < until {
                // Whether the server answers, refuses or cuts is its own affair.
                drop(timeout(STAY, once(address, &bytes, then)).await);
                table.bad(kind);
                sleep(Duration::from_millis(20)).await;
            }
        });
    };
    for (kind, text, then) in KINDS {
        again(kind, text.into(), then);
    }
    let long = format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(1 << 20));
    again("a head of a megabyte", long.into(), Then::Reads);
    let pages = "GET /assets/style.css HTTP/1.1\r\nHost: soak\r\n\r\n".repeat(1000);
    again(
        "a reader that reads nothing",
        pages.clone().into(),
        Then::Stays,
    );
    again("a reset in mid-answer", pages.into(), Then::Resets);
    // A frame without a mask, one of a reserved kind, and a length beyond every limit.
    for (kind, frame) in [
        ("WebSocket: no mask", &b"\x81\x02hi"[..]),
        ("WebSocket: reserved kind", b"\x83\x80\0\0\0\0"),
        (
            "WebSocket: endless frame",
            b"\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0",
        ),
    ] {
        for path in ["/ws/echo", "/ws/chat?name=bad", "/proxy/ws/echo"] {
            let mut bytes = format!("GET {path} HTTP/1.1\r\n{WEBSOCKET}").into_bytes();
            bytes.extend_from_slice(frame);
            again(kind, bytes, Then::Reads);
        }
    }
    let mut quiet = "GET /ws/chat?name=quiet HTTP/1.1\r\n".to_owned();
    quiet += WEBSOCKET;
    again(
        "a chat member that reads nothing",
        quiet.into(),
        Then::Stays,
    );
}

async fn once(address: SocketAddr, bytes: &[u8], then: Then) -> io::Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(bytes).await?;
    match then {
        Then::Reads => drop(stream.read_to_end(&mut Vec::new()).await?),
        Then::Stays => std::future::pending().await,
        Then::Leaves => {}
        Then::Resets => stream.readable().await?,
        Then::Drips(drop) => loop {
            stream.write_all(drop.as_bytes()).await?;
            sleep(Duration::from_millis(100)).await;
        },
    }
    Ok(())
}
