//! Bodies of other crates, and ours in their hands.

mod support;

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use futures_lite::StreamExt as _;
use http::{HeaderMap, Request, Response};
use http_body::{Body as _, Frame, SizeHint};
use server::Body;
use server::body::{BodyError, BoxError, to_bytes};
use support::connect;

/// A body of these frames.
struct Frames(VecDeque<Result<Frame<Bytes>, BoxError>>);

impl http_body::Body for Frames {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        Poll::Ready(self.0.pop_front())
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_empty()
    }
}

fn data(text: &'static str) -> Result<Frame<Bytes>, BoxError> {
    Ok(Frame::data(Bytes::from_static(text.as_bytes())))
}

fn trailers(lines: &[(&'static str, &str)]) -> Result<Frame<Bytes>, BoxError> {
    let mut map = HeaderMap::new();
    for (name, value) in lines {
        map.insert(*name, value.parse().unwrap());
    }
    Ok(Frame::trailers(map))
}

/// Two pieces, an empty one, and trailers.
fn with_trailers() -> Body {
    let end = trailers(&[("x-sum", "42"), ("content-length", "1")]);
    Body::new(Frames([data("one "), data(""), data("two"), end].into()))
}

/// All of the answer to a request with these lines.
async fn ask(version: &str, lines: &str, body: fn() -> Body) -> String {
    let mut peer = connect(move |_: Request<Body>| async move { Response::new(body()) });
    peer.send(format!("GET / HTTP/{version}\r\nHost: x\r\n{lines}\r\n"))
        .await;
    peer.finish_sending().await;
    peer.rest().await
}

#[runtime::test(start_paused = true)]
async fn trailers_reach_a_client_that_reads_them() {
    for lines in ["TE: trailers\r\n", "te: gzip;q=0.5, Trailers\r\n"] {
        let answer = ask("1.1", lines, with_trailers).await;
        assert!(
            answer.ends_with("4\r\none \r\n3\r\ntwo\r\n0\r\nx-sum: 42\r\n\r\n"),
            "{answer:?}"
        );
    }
}

#[runtime::test(start_paused = true)]
async fn trailers_are_left_out_for_a_client_that_does_not_read_them() {
    for lines in ["", "TE: gzip\r\n"] {
        let answer = ask("1.1", lines, with_trailers).await;
        assert!(answer.ends_with("3\r\ntwo\r\n0\r\n\r\n"), "{answer:?}");
    }
    let old = ask("1.0", "TE: trailers\r\n", with_trailers).await;
    assert!(old.ends_with("\r\n\r\none two"), "{old:?}");
}

#[runtime::test(start_paused = true)]
async fn trailers_do_not_end_a_body_that_has_promised_more() {
    struct Promise(Frames);
    impl http_body::Body for Promise {
        type Data = Bytes;
        type Error = BoxError;
        fn poll_frame(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
            Pin::new(&mut self.0).poll_frame(cx)
        }
        fn size_hint(&self) -> SizeHint {
            SizeHint::with_exact(100)
        }
    }
    let frames = || Frames([data("short"), trailers(&[])].into());
    let mut peer =
        connect(move |_: Request<Body>| async move { Response::new(Body::new(Promise(frames()))) });
    peer.send("GET / HTTP/1.1\r\nHost: x\r\nTE: trailers\r\n\r\n")
        .await;
    let answer = peer.rest().await;
    assert!(
        answer.ends_with("content-length: 100\r\n\r\nshort"),
        "{answer:?}"
    );
    assert!(peer.end().await.unwrap_err().is_response_body());
}

#[runtime::test]
async fn what_is_read_of_a_foreign_body_is_its_data() {
    assert_eq!(to_bytes(with_trailers(), 100).await.unwrap(), "one two");
}

/// Layers of others hand our errors on in a box; they keep their kind and their status.
#[runtime::test]
async fn an_error_of_ours_is_ours_again_behind_a_foreign_body() {
    let ours = to_bytes(Body::from("four"), 3).await.unwrap_err();
    let body = Body::new(Frames([Err(ours.into())].into()));
    let error: BodyError = to_bytes(body, 100).await.unwrap_err();
    assert!(error.is_too_large());
    let body = Body::new(Frames([Err("the disk is full".into())].into()));
    let error = to_bytes(body, 100).await.unwrap_err();
    assert!(error.to_string().contains("the disk is full"));
}

#[test]
fn a_body_says_how_long_it_is_and_when_it_is_over() {
    assert!(Body::empty().is_end_stream() && Body::from("").is_end_stream());
    let mut body = Body::from("four");
    assert!(!body.is_end_stream());
    assert_eq!(body.size_hint().exact(), Some(4));
    let mut cx = Context::from_waker(Waker::noop());
    let Poll::Ready(Some(Ok(frame))) = Pin::new(&mut body).poll_frame(&mut cx) else {
        panic!("all of it is here");
    };
    assert_eq!(frame.into_data().unwrap(), "four");
    assert!(body.is_end_stream());
    assert_eq!(body.size_hint().exact(), Some(0));
    let foreign = with_trailers();
    assert!(!foreign.is_end_stream());
    assert_eq!(foreign.size_hint().exact(), None);
}

#[runtime::test(start_paused = true)]
async fn a_request_body_says_when_it_is_over() {
    let mut peer = connect(|request: Request<Body>| async move {
        let mut body = request.into_body();
        let mut said = vec![body.is_end_stream()];
        while body.chunk().await.is_some() {
            said.push(body.is_end_stream());
        }
        Response::new(Body::from(format!("{said:?}")))
    });
    peer.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nabc")
        .await;
    runtime::task::yield_now().await;
    peer.send("def").await;
    assert_eq!(peer.answer().await.text(), "[false, false, true]");
}

/// A body in a box in a box would be one more call for each piece.
#[test]
fn a_body_of_ours_is_not_wrapped_again() {
    let plain = format!("{:?}", Body::from("text"));
    assert_eq!(format!("{:?}", Body::new(Body::from("text"))), plain);
}

/// The error of a program that was written for axum.
struct Failed(server::Error);

impl From<server::Error> for Failed {
    fn from(error: server::Error) -> Self {
        Failed(error)
    }
}

/// How much of a body there is, read as a program for axum reads it: whole, or piece by piece.
async fn count(body: Body, whole: bool) -> Result<usize, Failed> {
    if whole {
        return Ok(to_bytes(body, 4).await?.len());
    }
    let mut count = 0;
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        count += piece?.len();
    }
    Ok(count)
}

#[runtime::test(start_paused = true)]
async fn the_error_of_a_body_is_the_crates_error_and_holds_what_went_wrong() {
    for whole in [true, false] {
        let frames = VecDeque::from([data("ab"), Err("the disk is full".into())]);
        let failed = count(Body::new(Frames(frames)), whole).await;
        let Err(Failed(error)) = failed else {
            panic!("half a body was taken for a whole one");
        };
        assert_eq!(error.to_string(), "the disk is full");
        assert_eq!(error.into_inner().to_string(), "the disk is full");
    }
    let Err(Failed(long)) = count(Body::from("four and more"), true).await else {
        panic!("a limit was passed");
    };
    assert!(long.is_too_large());
    // Wrapped once more, it says the same.
    assert!(server::Error::new(long.into_inner()).is_too_large());
}
