//! Programs as guides to Tokio and axum have them run here after two words were changed.
//!
//! Each program in `tests/guides/` is compiled twice from the same text: with `axum` and `tokio`
//! naming axum and Tokio, and with `axum` naming `server` and `tokio` naming `runtime`. Both are
//! asked the same over TCP, and must answer the same: status, headers and body.
#![forbid(unsafe_code)]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

/// The programs with axum and Tokio. Their captures are written as axum 0.8 wants them.
mod theirs {
    pub(crate) mod items {
        const ITEM: &str = "/items/{id}";
        include!("guides/items.rs");
    }

    pub(crate) mod orders {
        const ORDER: &str = "/orders/{id}";
        const SHIPPED: &str = "/orders/{id}/shipped";
        include!("guides/orders.rs");
    }
}

/// The same programs with the server and the runtime. Guides to axum 0.7 write captures with a
/// colon; here that is read too.
mod ours {
    pub(crate) mod items {
        use runtime as tokio;
        use server as axum;
        const ITEM: &str = "/items/:id";
        include!("guides/items.rs");
    }

    pub(crate) mod orders {
        use runtime as tokio;
        use server as axum;
        const ORDER: &str = "/orders/:id";
        const SHIPPED: &str = "/orders/{id}/shipped";
        include!("guides/orders.rs");
    }
}

/// One request: method, target, and JSON if it has a body.
type Asked = (&'static str, &'static str, Option<&'static str>);

/// Runs a program on a thread of its own, asks it, and returns the answers when it has ended.
macro_rules! answers {
    ($runtime:expr, $run:path, $asked:expr) => {{
        let (port, ports) = std::sync::mpsc::channel();
        let (stop, stopped) = async_channel::bounded::<()>(1);
        let server = thread::spawn(move || {
            let stop = async move {
                let _ = stopped.recv().await;
            };
            $runtime.unwrap().block_on($run(port, stop));
        });
        let port = ports.recv().expect("the program listens");
        let answers: Vec<String> = $asked.iter().map(|&asked| ask(port, asked)).collect();
        drop(stop);
        server.join().expect("the program ends when it is told to");
        answers
    }};
}

macro_rules! compare {
    ($program:ident, $asked:expr) => {{
        let theirs = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let theirs = answers!(theirs, theirs::$program::run, $asked);
        let ours = answers!(
            runtime::runtime::Runtime::new(),
            ours::$program::run,
            $asked
        );
        for (asked, (ours, theirs)) in $asked.iter().zip(ours.iter().zip(&theirs)) {
            assert_eq!(ours, theirs, "{asked:?}");
        }
        ours
    }};
}

/// Asks on a connection of its own. The answer's head in alphabetical order, without the date, and
/// its body.
fn ask(port: u16, (method, target, json): Asked) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    let body = json.unwrap_or_default();
    let kind = json.map_or("", |_| "content-type: application/json\r\n");
    let length = body.len();
    let head = format!("{method} {target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{kind}");
    let request = format!("{head}content-length: {length}\r\n\r\n{body}");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    let mut lines: Vec<&str> = head.lines().collect();
    lines.retain(|line| !line.starts_with("date: "));
    lines[1..].sort_unstable();
    format!("{}\n\n{body}", lines.join("\n"))
}

#[test]
fn the_items_service_answers_as_with_axum() {
    let answers = compare!(
        items,
        [
            ("GET", "/items", None),
            ("POST", "/items", Some(r#"{"name":"wool","price":3}"#)),
            ("POST", "/items", Some(r#"{"name":"silk"}"#)),
            ("POST", "/items", Some(r#"{"name":"felt","price":null}"#)),
            ("GET", "/items", None),
            ("GET", "/items?offset=1&limit=1", None),
            ("GET", "/items?limit=many", None),
            ("GET", "/items/2", None),
            ("HEAD", "/items/2", None),
            ("GET", "/items/7", None),
            ("GET", "/items/two", None),
            ("DELETE", "/items/2", None),
            ("DELETE", "/items/2", None),
            ("POST", "/items", Some(r#"{"name":"#)),
            ("POST", "/items", Some(r#"{"price":3}"#)),
            ("POST", "/items", Some(r#"{"name":"wool","price":-3}"#)),
            ("POST", "/items", None),
            ("PATCH", "/items", None),
            ("PUT", "/items/1", None),
            ("GET", "/item", None),
            ("GET", "/items/", None),
        ]
    );
    assert!(
        answers[1].starts_with("HTTP/1.1 201 Created") && answers[1].contains("location: /items/1")
    );
    assert!(answers[4].ends_with(r#"{"id":3,"name":"felt","price":null}]"#));
}

#[test]
fn the_order_service_answers_as_with_axum() {
    let answers = compare!(
        orders,
        [
            (
                "POST",
                "/orders",
                Some(r#"{"product":"wool","quantity":3}"#)
            ),
            ("GET", "/orders/1/shipped", None),
            ("GET", "/orders/1", None),
            ("DELETE", "/orders/1", None),
            ("DELETE", "/orders/2", None),
            (
                "POST",
                "/orders",
                Some(r#"{"product":"wool","quantity":0}"#)
            ),
            ("POST", "/orders", Some(r#"{"product":"wool"}"#)),
            ("POST", "/orders", Some("wool")),
            ("GET", "/orders/one", None),
            ("GET", "/orders", None),
            ("GET", "/", None),
        ]
    );
    assert!(answers[1].ends_with(r#""status":"shipped"}"#));
    assert!(answers[3].starts_with("HTTP/1.1 409 Conflict"));
    assert!(
        answers
            .iter()
            .all(|answer| answer.contains("order service") || answer.starts_with("HTTP/1.1 404"))
    );
}
