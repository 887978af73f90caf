//! A client that asks too often.

use std::cell::RefCell;
use std::collections::HashMap;
use std::convert::Infallible;
use std::fmt;
use std::hash::Hash;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

use http::StatusCode;
use http::header::RETRY_AFTER;
use http::request::Parts;
use runtime::time::Instant;
use tower_layer::Layer;
use tower_service::Service;

use crate::extract::ConnectInfo;
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
/// refused until one is: an attacker with many names must not make the server forget whom it
/// limits. How long a name is, the function decides: one that takes it from the request as it
/// stands lets a client fill the memory.
///
/// ```
/// use std::time::Duration;
/// use runtime::time::sleep;
/// use server::{Router, middleware::RateLimitLayer, routing::get};
/// use server::testing::TestClient;
///
/// let by_account = RateLimitLayer::new(2, Duration::from_secs(60), |parts| {
///     parts.headers.get("x-account")?.to_str().ok()?.parse::<u64>().ok()
/// });
/// let app: Router = Router::new().route("/", get(|| async { "hello" })).layer(by_account);
/// # #[runtime::main(start_paused = true)] async fn test(app: Router) {
/// let client = TestClient::new(app);
/// for expected in [200, 200, 429] {
///     assert_eq!(client.get("/").header("x-account", 7).await.status(), expected);
/// }
/// sleep(Duration::from_secs(30)).await;
/// assert_eq!(client.get("/").header("x-account", 7).await.status(), 200);
/// # }
/// # test(app);
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
    /// Its example is [`RateLimitLayer`]'s.
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
                full_until: None,
            })),
        }
    }
}

impl RateLimitLayer<IpAddr> {
    /// `burst` requests in `per` for each address that a connection comes from
    /// ([`ConnectInfo`]). Addresses of IPv6 count as one if they share their first 64 bits,
    /// which is what one customer of a provider gets.
    ///
    /// A server behind a proxy sees the proxy's address only: give [`new`](Self::new) a function
    /// that reads what the proxy says.
    ///
    /// The service must be made with
    /// [`into_make_service_with_connect_info`](crate::Router::into_make_service_with_connect_info);
    /// a request without an address is not limited.
    ///
    /// # Panics
    ///
    /// As [`new`](Self::new).
    ///
    /// ```
    /// use std::net::SocketAddr;
    /// use std::time::Duration;
    /// use server::{Router, middleware::RateLimitLayer, routing::get};
    ///
    /// let app = Router::new()
    ///     .route("/", get(|| async { "hello" }))
    ///     .layer(RateLimitLayer::by_peer(100, Duration::from_secs(60)))
    ///     .into_make_service_with_connect_info::<SocketAddr>();
    /// # let _ = app;
    /// ```
    #[must_use]
    pub fn by_peer(burst: u32, per: Duration) -> Self {
        RateLimitLayer::new(burst, per, |parts| {
            let ConnectInfo(peer) = parts.extensions.get::<ConnectInfo<SocketAddr>>()?;
            Some(match peer.ip().to_canonical() {
                IpAddr::V6(address) => {
                    IpAddr::from((u128::from(address) >> 64 << 64).to_be_bytes())
                }
                address => address,
            })
        })
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
    /// Until then nothing can be forgotten: all buckets have been looked at, and none was full.
    full_until: Option<Instant>,
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
            self.forget(now)?;
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

    /// Forgets the clients whose buckets are full.
    ///
    /// # Errors
    ///
    /// How long it takes until one is full. Till then nothing is looked at again: newcomers that
    /// are refused must cost little.
    fn forget(&mut self, now: Instant) -> Result<(), Duration> {
        if let Some(until) = self.full_until
            && until > now
        {
            return Err(until - now);
        }
        self.full_at.retain(|_, full_at| *full_at > now);
        self.full_until = match self.full_at.len() {
            MOST.. => self.full_at.values().min().copied(),
            _ => None,
        };
        match self.full_until {
            Some(until) => Err(until - now),
            None => Ok(()),
        }
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
