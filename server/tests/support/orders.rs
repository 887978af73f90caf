//! A client of the orders.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::{Value, json};

/// Status and JSON of an answer; `None` if the connection broke before its end.
pub(crate) fn ask(addr: SocketAddr, head: &str, body: &str) -> Option<(u16, Value)> {
    let mut stream = TcpStream::connect(addr).ok()?;
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .ok()?;
    let length = body.len();
    let request = format!(
        "{head}Host: x\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    // A body that is cut is no JSON.
    Some((status, serde_json::from_str(body).ok()?))
}

/// Orders. The key is the customer's name, too.
pub(crate) fn post_order(addr: SocketAddr, key: &str, quantity: i64) -> Option<(u16, Value)> {
    let head = format!("POST /orders HTTP/1.1\r\nIdempotency-Key: {key}\r\n");
    let new = json!({"customer": key, "product": "warp", "quantity": quantity});
    ask(addr, &head, &new.to_string())
}
