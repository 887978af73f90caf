//! Two futures, of which the first to finish decides.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

/// Waits for one of the two; the other is dropped where it stands.
pub(crate) async fn race<T>(one: impl Future<Output = T>, other: impl Future<Output = T>) -> T {
    let (mut one, mut other) = (pin!(one), pin!(other));
    poll_fn(|cx| match one.as_mut().poll(cx) {
        Poll::Ready(value) => Poll::Ready(value),
        Poll::Pending => other.as_mut().poll(cx),
    })
    .await
}
