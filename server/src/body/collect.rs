//! A whole body in one piece.
//!
//! Most handlers do not want pieces: they want a form, or a document, all of it. To collect
//! it is a loop, and two things are easy to forget in it: a limit (a body may be endless), and
//! that a body which fits into one piece need not be copied at all.
//!
//! What is collected of a request is memory that its client has filled, so it counts among the
//! bodies that the endpoint holds (see [`held`](super::held)).

use bytes::{Bytes, BytesMut};

use super::{Body, BodyError};

/// Collects a whole body, if it has at most `limit` bytes.
///
/// # Errors
///
/// [`BodyError`]: the body broke off, was malformed, came too slowly
/// ([`is_timeout`](BodyError::is_timeout)) or was longer than `limit` bytes
/// ([`is_too_large`](BodyError::is_too_large)), or all bodies together were too large
/// ([`is_overloaded`](BodyError::is_overloaded)).
///
/// # Cancel safety
///
/// Not cancel safe: what had been collected is lost with the future.
///
/// ```
/// # runtime::runtime::Runtime::new().unwrap().block_on(async {
/// use server::body::{Body, to_bytes};
///
/// assert_eq!(to_bytes(Body::from("short"), 100).await.unwrap(), "short");
/// assert!(to_bytes(Body::from("too long"), 3).await.unwrap_err().is_too_large());
/// # });
/// ```
pub async fn to_bytes(mut body: Body, limit: usize) -> Result<Bytes, BodyError> {
    if body
        .exact_length()
        .is_some_and(|length| length > limit as u64)
    {
        return Err(BodyError::too_large());
    }
    let Some(first) = body.chunk().await.transpose()? else {
        return Ok(Bytes::new());
    };
    let Some(second) = within(first.len(), limit, body.chunk().await)? else {
        return Ok(first);
    };
    // Room for the rest, if that is known: a buffer that grows is copied each time. But what was only
    // promised gets no more than eight times the room of what came.
    let here = first.len() + second.len();
    let rest = body.exact_length().unwrap_or(0);
    let rest = usize::try_from(rest).map_or(here, |rest| rest.min(7 * here));
    let mut all = BytesMut::with_capacity(here + rest);
    let mut share = body.share();
    let mut collect = |piece: Bytes| {
        if let Some(share) = &mut share {
            share.grow(piece.len());
        }
        all.extend_from_slice(&piece);
        all.len()
    };
    collect(first);
    let mut collected = collect(second);
    while let Some(piece) = within(collected, limit, body.chunk().await)? {
        collected = collect(piece);
    }
    let all = all.freeze();
    Ok(match share {
        Some(share) => share.attach(all),
        None => all,
    })
}

/// Passes `next` on, unless what is already there is too much.
fn within(
    collected: usize,
    limit: usize,
    next: Option<Result<Bytes, BodyError>>,
) -> Result<Option<Bytes>, BodyError> {
    let next = next.transpose()?;
    let total = collected.saturating_add(next.as_ref().map_or(0, Bytes::len));
    if total > limit {
        return Err(BodyError::too_large());
    }
    Ok(next)
}
