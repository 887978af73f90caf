//! Bodies in chunks, to the letter of the grammar.

use std::cell::RefCell;
use std::rc::Rc;

use http::{Request, Response};
use server::Body;
use server::body::to_bytes;

use crate::answers;
use crate::reference::{self, Body as Read};
use crate::wire::{Packets, converse};

const HEAD: &[u8] = b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
                      Transfer-Encoding: chunked\r\n\r\n";

/// The bytes are the chunked body of a request, cut into packets.
///
/// The handler gets the body if the grammar of RFC 9112, section 7.1, finds one, with the same
/// data, and an error if not; and a client that has sent all of it, or what no body begins with, gets
/// an answer.
///
/// # Panics
///
/// If one of this does not hold.
pub fn chunked_body(data: &[u8]) {
    let (packets, wire) = Packets::from(data);
    let got = Rc::new(RefCell::new(None));
    let place = got.clone();
    let received = converse(
        move |request| read(request, place.clone()),
        &packets.after(HEAD),
    );
    let got = got.take();
    let body = reference::chunked(wire);
    if let Read::Complete { data, .. } = &body {
        assert_eq!(
            got.as_ref(),
            Some(&Ok(data.clone())),
            "{}",
            wire.escape_ascii()
        );
    } else {
        let refused = matches!(got, None | Some(Err(_)));
        assert!(refused, "{got:?} of {}", wire.escape_ascii());
    }
    let answers = answers::read(&received, |_, _| true);
    // A client that goes in the middle of its body is not answered.
    let least = usize::from(!matches!(body, Read::Incomplete { .. }));
    assert!(
        (least..=1).contains(&answers.len()),
        "{}",
        received.escape_ascii()
    );
    assert!(answers.iter().all(|answer| answer.complete), "{answers:?}");
}

type Got = Rc<RefCell<Option<Result<Vec<u8>, String>>>>;

/// The handler.
async fn read(request: Request<Body>, place: Got) -> Response<Body> {
    let body = to_bytes(request.into_body(), usize::MAX).await;
    let body = body.map(|bytes| bytes.to_vec());
    place.replace(Some(body.map_err(|error| error.to_string())));
    Response::new(Body::from("read"))
}
