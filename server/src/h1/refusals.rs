//! How often the engine has said no, and why: for metrics.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::codec::refusal::Refusal;

/// Counts what the engine refuses. A clone is another handle to the same count, and may be read on
/// another thread.
///
/// The kinds of refusals are few and the engine's own, so the count stays small whatever clients
/// send. What a service refuses is not counted here.
///
/// ```
/// # runtime::runtime::Runtime::new().unwrap().block_on(async {
/// use http::{Request, Response};
/// use runtime::io::{AsyncWriteExt, duplex};
/// use server::{Body, Config, h1::Endpoint};
///
/// let config = Config::default();
/// let refusals = config.refusals.clone();
/// let service = |_: Request<Body>| async { Response::new(Body::empty()) };
/// let endpoint = Endpoint::with_config(service, config);
/// let (mut client, socket) = duplex(1024);
/// client.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
/// client.shutdown().await.unwrap();
/// endpoint.connection(socket).await.unwrap_err();
///
/// let (refusal, times) = refusals.all()[0];
/// assert_eq!((refusal.reason(), times), ("the Host header is missing", 1));
/// assert_eq!(refusal.rule(), Some("RFC 9112, section 3.2"));
/// # });
/// ```
#[derive(Clone, Debug, Default)]
pub struct Refusals(Arc<Mutex<HashMap<Refusal, u64>>>);

impl Refusals {
    /// Each refusal that has happened, and how often; the most frequent one first.
    #[must_use]
    pub fn all(&self) -> Vec<(Refusal, u64)> {
        let mut all: Vec<_> = self
            .lock()
            .iter()
            .map(|(why, times)| (*why, *times))
            .collect();
        all.sort_by_key(|(why, times)| (u64::MAX - times, why.reason()));
        all
    }

    /// How many requests were refused, in all.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.lock().values().sum()
    }

    pub(crate) fn count(&self, refusal: Refusal) {
        *self.lock().entry(refusal).or_default() += 1;
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Refusal, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
