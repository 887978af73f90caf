//! What there is to visit: one path for each kind of handler.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use http::{HeaderValue, Request, Response, StatusCode, header};
use runtime::time::sleep;
use server::Body;
use server::body::to_bytes;

/// Answers by path.
pub(crate) async fn site(request: Request<Body>) -> Response<Body> {
    let path = request.uri().path().to_owned();
    match path.as_str() {
        "/echo" => echo(request.into_body()).await,
        "/stream-echo" => Response::new(request.into_body()),
        "/ignore" => text("ignored"),
        "/slow" => {
            sleep(Duration::from_secs(5)).await;
            text("at last")
        }
        "/slow-echo" => {
            sleep(Duration::from_secs(5)).await;
            echo(request.into_body()).await
        }
        "/panic" => panic!("as asked"),
        "/late-panic" => {
            sleep(Duration::from_secs(1)).await;
            panic!("as asked")
        }
        "/numbers" => Response::new(pieces(["one ", "two ", "three"])),
        "/broken" => Response::new(Body::from_stream(Items(vec![
            Ok(Bytes::from_static(b"half")),
            Err(io::Error::other("no more")),
        ]))),
        "/close" => with(text("bye"), header::CONNECTION, "close"),
        "/no-content" => status(StatusCode::NO_CONTENT),
        "/not-modified" => status(StatusCode::NOT_MODIFIED),
        "/informational" => status(StatusCode::SWITCHING_PROTOCOLS),
        _ => text(&format!("{} {path}", request.method())),
    }
}

/// A body made of these pieces, one after the other.
pub(crate) fn pieces<const N: usize>(pieces: [&'static str; N]) -> Body {
    let items = pieces
        .into_iter()
        .map(|piece| Ok::<_, Infallible>(Bytes::from_static(piece.as_bytes())));
    Body::from_stream(Items(items.collect()))
}

async fn echo(body: Body) -> Response<Body> {
    match to_bytes(body, usize::MAX).await {
        Ok(bytes) => Response::new(bytes.into()),
        Err(error) => text(&format!("the handler saw: {error}")),
    }
}

fn text(text: &str) -> Response<Body> {
    Response::new(Body::from(text.to_owned()))
}

fn status(status: StatusCode) -> Response<Body> {
    let mut response = text("this body must not be sent");
    *response.status_mut() = status;
    response
}

fn with(
    mut response: Response<Body>,
    name: header::HeaderName,
    value: &'static str,
) -> Response<Body> {
    response
        .headers_mut()
        .insert(name, HeaderValue::from_static(value));
    response
}

/// A stream of what is there already.
struct Items<E>(Vec<Result<Bytes, E>>);

impl<E> Unpin for Items<E> {}

impl<E> Stream for Items<E> {
    type Item = Result<Bytes, E>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = (!self.0.is_empty()).then(|| self.0.remove(0));
        Poll::Ready(next)
    }
}
