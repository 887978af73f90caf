//! The floor of HTTP: httparse for the head, and an answer that was made beforehand.
//!
//! Every request in the buffer is parsed in full (all its headers) and answered with the same
//! bytes, in which only the date changes, once a second. It looks at neither method nor path, and
//! takes no bodies.

use super::server;
use crate::kit::work::{HELLO, Ports};
use httparse::{EMPTY_HEADER, Request, Status};
use std::cell::RefCell;
use std::io;
use std::time::{Duration, Instant, SystemTime};

/// Serves HTTP on this thread for ever; `ready` gets the two ports once they listen.
///
/// # Errors
///
/// If a port cannot be had.
pub(crate) fn serve(ready: impl FnOnce(Ports)) -> io::Result<()> {
    let ready_made = RefCell::new(ReadyMade::new());
    server::serve(ready, move |input: &[u8], output: &mut Vec<u8>| {
        let mut ready_made = ready_made.borrow_mut();
        ready_made.refresh();
        let mut used = 0;
        while used < input.len() {
            let mut headers = [EMPTY_HEADER; 32];
            match Request::new(&mut headers).parse(&input[used..]) {
                Ok(Status::Complete(head)) => used += head,
                Ok(Status::Partial) => break,
                Err(_) => return None,
            }
            output.extend_from_slice(&ready_made.bytes);
        }
        Some(used)
    })
}

/// The whole answer, made once a second.
struct ReadyMade {
    bytes: Vec<u8>,
    made: Instant,
}

impl ReadyMade {
    fn new() -> Self {
        Self {
            bytes: Self::make(),
            made: Instant::now(),
        }
    }

    fn refresh(&mut self) {
        if self.made.elapsed() >= Duration::from_secs(1) {
            *self = Self::new();
        }
    }

    fn make() -> Vec<u8> {
        let date = httpdate::fmt_http_date(SystemTime::now());
        let length = HELLO.len();
        format!(
            "HTTP/1.1 200 OK\r\ncontent-type: text/plain; charset=utf-8\r\n\
             content-length: {length}\r\ndate: {date}\r\n\r\n{HELLO}"
        )
        .into_bytes()
    }
}
