//! What our client makes of the bytes of a server.

use http::{Method, Request};
use runtime::io::{AsyncReadExt, duplex, split};
use runtime::time::{Duration, sleep};
use server::Body;
use server::body::to_bytes;
use server::h1::client::{Config, handshake};

use crate::choices::Choices;
use crate::machine::run;
use crate::reference::{self, Body as Read};
use crate::wire::Packets;

const LENGTH: &str = "content-length";
const CODING: &str = "transfer-encoding";

/// What the caller got.
#[derive(Debug, PartialEq, Eq)]
enum Got {
    Whole {
        status: u16,
        body: Vec<u8>,
    },
    /// The head came, and the body was no whole one.
    Half(u16),
    Nothing,
}

/// The bytes say which method a request has, and what the server answers, cut into packets.
///
/// The caller gets the same however the bytes are cut. If it gets a whole response, another parser
/// and the grammar find that response there; and what they find without any doubt, it gets.
///
/// # Panics
///
/// If one of this does not hold.
pub fn client_response(data: &[u8]) {
    let mut choices = Choices::new(data);
    let method = match choices.below(3) {
        0 => Method::HEAD,
        _ => Method::GET,
    };
    let (packets, wire) = Packets::from(choices.rest());
    let whole = ask(&method, &Packets::whole(wire));
    let cut = ask(&method, &packets);
    assert_eq!(whole, cut, "{method}: {}", wire.escape_ascii());
    let read = read(&method, wire);
    match (&whole, &read) {
        (Got::Whole { .. }, Some((got, _))) => assert_eq!(&whole, got, "{}", wire.escape_ascii()),
        (_, Some((got, true))) => assert_eq!(&whole, got, "{}", wire.escape_ascii()),
        (Got::Whole { .. }, None) => panic!("{whole:?} of {}", wire.escape_ascii()),
        _ => {}
    }
}

/// Sends one request, and the server's bytes back.
fn ask(method: &Method, packets: &Packets<'_>) -> Got {
    run(async {
        let (near, far) = duplex(4 * 1024);
        let (mut sender, connection) = handshake(near).await.expect("it does not fail");
        let connection = runtime::spawn(connection);
        let request = Request::builder().method(method).uri("/");
        let request = request.body(Body::empty()).expect("a request");
        let (mut receiving, mut sending) = split(far);
        let serve = async {
            let mut head = [0; 256];
            receiving
                .read(&mut head)
                .await
                .expect("reading memory does not fail");
            packets.send(&mut sending).await;
            // A response that ends with the connection has its end now.
            sleep(Duration::from_millis(1)).await;
        };
        let got = async {
            let Ok(response) = sender.send_request(request).await else {
                return Got::Nothing;
            };
            let status = response.status().as_u16();
            match to_bytes(response.into_body(), usize::MAX).await {
                Ok(body) => Got::Whole {
                    status,
                    body: body.to_vec(),
                },
                Err(_) => Got::Half(status),
            }
        };
        let ((), got) = runtime::join!(serve, got);
        drop((sender, receiving, sending));
        let _ = connection.await.expect("the client does not panic");
        got
    })
}

/// The response that another parser finds, and whether no strict reader may refuse it.
fn read(method: &Method, mut wire: &[u8]) -> Option<(Got, bool)> {
    let mut is_plain = true;
    let mut informational = 0;
    loop {
        let mut table = [httparse::EMPTY_HEADER; 128];
        let mut head = httparse::Response::new(&mut table);
        let Ok(httparse::Status::Complete(length)) = head.parse(wire) else {
            return None;
        };
        let (status, headers) = (head.code?, reference::headers(head.headers));
        is_plain &= is_clean(&wire[..length]) && status >= 100 && status != 101;
        is_plain &= head.version == Some(1);
        wire = &wire[length..];
        if (100..200).contains(&status) {
            informational += 1;
            is_plain &= length_lines(&headers).is_empty();
            is_plain &= informational <= Config::default().max_informational;
            continue;
        }
        let bodiless = *method == Method::HEAD || status == 204 || status == 304;
        let lines = length_lines(&headers);
        let body = match lines[..] {
            [] if bodiless => Some(Vec::new()),
            [] => Some(wire.to_vec()),
            [(CODING, ref name)] if name == "chunked" && bodiless => Some(Vec::new()),
            [(CODING, ref name)] if name == "chunked" => match reference::chunked(wire) {
                Read::Complete { data, .. } => Some(data),
                _ => None,
            },
            [(LENGTH, ref text)] => {
                let length: usize = text.parse().ok()?;
                is_plain &= text.bytes().all(|byte| byte.is_ascii_digit());
                let length = if bodiless { 0 } else { length };
                wire.get(..length).map(<[u8]>::to_vec)
            }
            _ => return None,
        };
        let got = match body {
            Some(body) => Got::Whole { status, body },
            None => Got::Half(status),
        };
        return Some((got, is_plain));
    }
}

/// Whether every line ends in CR LF, and nothing stands before the first.
fn is_clean(head: &[u8]) -> bool {
    let ends_well = |at: usize| at > 0 && head[at - 1] == b'\r';
    let mut ends = (0..head.len()).filter(|at| head[*at] == b'\n');
    head.starts_with(b"HTTP/1.") && ends.all(ends_well)
}

/// The lines that say where the body ends: their names, and their values in small letters.
fn length_lines(headers: &[(String, Vec<u8>)]) -> Vec<(&'static str, String)> {
    let mut lines = Vec::new();
    for (name, value) in headers {
        let value = std::str::from_utf8(value).unwrap_or("?");
        match name.as_str() {
            LENGTH => lines.push((LENGTH, value.trim().to_owned())),
            CODING => lines.push((CODING, elements(value))),
            _ => {}
        }
    }
    lines
}

/// The elements of a list, without the empty ones (RFC 9110, section 5.6.1.2). The name of a coding
/// is the same in capitals (RFC 9112, section 7).
fn elements(list: &str) -> String {
    let elements = list.split(',').map(str::trim);
    let elements: Vec<_> = elements.filter(|element| !element.is_empty()).collect();
    elements.join(",").to_ascii_lowercase()
}
