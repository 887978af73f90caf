//! A client that asks too often.

use std::cell::RefCell;
use std::collections::HashMap;
use std::convert::Infallible;
use std::fmt;
use std::hash::Hash;
use std::rc::Rc;
use std::time::Duration;

use http::StatusCode;
use http::header::RETRY_AFTER;
use http::request::Parts;
use runtime::time::Instant;
use tower_layer::Layer;
use tower_service::Service;

use crate::message::Request;
use crate::response::IntoResponse;
use crate::routing::route::Route;

/// Allows each client so many requests in a time, and refuses the others: 429, with a
/// `Retry-After`.
///
/// Each client has a *token bucket*: it holds `burst` tokens at first, a request takes one,
/// and they come back evenly, `burst` of them in `per`. So a client may ask quickly now and
/// then, and steadily no faster than that.
///
/// Who a client is, a function of the request's head says. A request for which it gives
/// `None` is not limited.
///
/// At most 65,536 clients are remembered. When one more comes, those whose buckets are full
/// again are forgotten, which changes nothing for them; if there is none, the newcomer is
/// refused until one is: an attacker with many addresses must not make the server forget
/// whom it limits.
///
/// ```
/// use std::time::Duration;
/// use server::{Router, middleware::RateLimitLayer, routing::get};
///
/// let by_key = RateLimitLayer::new(100, Duration::from_secs(60), |parts| {
///     parts.headers.get("x-api-key").map(|key| key.as_bytes().to_vec())
/// });
/// let app: Router = Router::new().route("/", get(|| async { "hello" })).layer(by_key);
/// # let _ = app;
/// ```
pub struct RateLimitLayer<K> {
    key: Rc<Key<K>>,
    buckets: Rc<RefCell<Buckets<K>>>,
}

/// Tells which client a request is from.
type Key<K> = dyn Fn(&Parts) -> Option<K>;

/// Clients that are remembered.
const MOST: usize = 65_536;

impl<K: Eq + Hash> RateLimitLayer<K> {
    /// `burst` requests in `per` for each client, which `key` tells apart.
    ///
    /// # Panics
    ///
    /// If `burst` is 0 or `per` is zero.
    #[must_use]
    pub fn new(burst: u32, per: Duration, key: impl Fn(&Parts) -> Option<K> + 'static) -> Self {
        assert!(burst > 0 && per > Duration::ZERO, "a rate limit of nothing");
        RateLimitLayer {
            key: Rc::new(key),
            buckets: Rc::new(RefCell::new(Buckets {
                full_at: HashMap::new(),
                interval: per / burst,
                depth: per,
            })),
        }
    }
}

/// The buckets of all clients. A bucket is one point in time: when it will be full again. Each
/// token that is taken moves it by one interval. (Known as the generic cell rate algorithm.)
struct Buckets<K> {
    full_at: HashMap<K, Instant>,
    /// How long one token takes to come back.
    interval: Duration,
    /// How long an empty bucket takes to be full.
    depth: Duration,
}

impl<K: Eq + Hash> Buckets<K> {
    /// Takes a token of the client `key`.
    ///
    /// # Errors
    ///
    /// How long the client has to wait for one.
    fn take(&mut self, key: K) -> Result<(), Duration> {
        let now = Instant::now();
        if self.full_at.len() >= MOST && !self.full_at.contains_key(&key) {
            self.full_at.retain(|_, full_at| *full_at > now);
            if self.full_at.len() >= MOST {
                return Err(self.depth);
            }
        }
        let full_at = self.full_at.entry(key).or_insert(now);
        let after = (*full_at).max(now) + self.interval;
        let empty_at = now + self.depth;
        if after > empty_at {
            return Err(after - empty_at);
        }
        *full_at = after;
        Ok(())
    }
}

impl<K> Clone for RateLimitLayer<K> {
    fn clone(&self) -> Self {
        RateLimitLayer {
            key: self.key.clone(),
            buckets: self.buckets.clone(),
        }
    }
}

impl<K> fmt::Debug for RateLimitLayer<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let buckets = self.buckets.borrow();
        f.debug_struct("RateLimitLayer")
            .field("interval", &buckets.interval)
            .field("depth", &buckets.depth)
            .finish_non_exhaustive()
    }
}

impl<K, I> Layer<I> for RateLimitLayer<K>
where
    K: Eq + Hash + 'static,
    I: Service<Request, Error = Infallible> + Clone + 'static,
    I::Response: IntoResponse + 'static,
    I::Future: 'static,
{
    type Service = Route;

    fn layer(&self, inner: I) -> Route {
        let (inner, limit) = (Route::new(inner), self.clone());
        Route::from_fn(move |request| {
            let (parts, body) = request.into_parts();
            // The key is the program's code, and so is its comparison: nothing is borrowed
            // while the first runs, and the second is `Eq` and `Hash` of a plain value.
            let key = (limit.key)(&parts);
            let taken = key.map_or(Ok(()), |key| limit.buckets.borrow_mut().take(key));
            let request = Request::from_parts(parts, body);
            let answer = taken.map(|()| inner.call_inner(request));
            async move {
                match answer {
                    Ok(answer) => answer.await,
                    Err(wait) => Ok(refusal(wait)),
                }
            }
        })
    }
}

/// 429, and after how many whole seconds to ask again (RFC 6585, section 4).
fn refusal(wait: Duration) -> crate::message::Response {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    let mut response = StatusCode::TOO_MANY_REQUESTS.into_response();
    response.headers_mut().insert(RETRY_AFTER, seconds.into());
    response
}
