//! What all requests to the proxy share.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::rc::Rc;
use std::sync::Arc;

use runtime::sync::Semaphore;
use server::gateway::Gateway;

use super::backend::Backend;
use super::balance::Balancer;
use super::failure::Failure;
use super::options::Options;
use super::queue::Queue;
use crate::metrics::{Kind, Text};

/// See the file's heading.
pub(crate) struct Proxy {
    pub(crate) options: Rc<Options>,
    pub(crate) balancer: Balancer,
    pub(crate) queue: Rc<Queue>,
    pub(crate) gateway: Gateway,
    /// Places for WebSockets.
    pub(crate) tunnels: Arc<Semaphore>,
    /// How often a request was tried on another backend.
    pub(crate) retries: Cell<u64>,
    /// Requests that were answered by the proxy itself, by reason.
    failures: RefCell<BTreeMap<&'static str, u64>>,
}

impl Proxy {
    pub(crate) fn new(backends: Vec<Rc<Backend>>, options: Rc<Options>, queue: Rc<Queue>) -> Self {
        let tunnels = options.tunnels(backends.len());
        Proxy {
            balancer: Balancer::new(backends, options.balance),
            tunnels: Arc::new(Semaphore::new(tunnels)),
            options,
            queue,
            gateway: Gateway::new(&name()),
            retries: Cell::new(0),
            failures: RefCell::default(),
        }
    }

    /// The proxy has answered in the place of a backend.
    pub(crate) fn note(&self, failure: &Failure) {
        *self
            .failures
            .borrow_mut()
            .entry(failure.reason())
            .or_default() += 1;
    }

    /// The numbers, for `GET /metrics`.
    pub(crate) fn collect(&self, text: &mut Text) {
        type Number = fn(&Backend) -> u64;
        let families: [(&str, Kind, &str, Number); 6] = [
            (
                "proxy_backend_up",
                Kind::Gauge,
                "Whether a backend gets requests.",
                |backend| backend.health.is_up().into(),
            ),
            (
                "proxy_backend_connections_in_use",
                Kind::Gauge,
                "Connections that serve a request.",
                |backend| backend.in_use() as u64,
            ),
            (
                "proxy_backend_connections_idle",
                Kind::Gauge,
                "Connections that wait for a request.",
                |backend| backend.idle() as u64,
            ),
            (
                "proxy_backend_connects_total",
                Kind::Counter,
                "Connections that were made, with those of health checks.",
                |backend| backend.counts.connections.get(),
            ),
            (
                "proxy_backend_requests_total",
                Kind::Counter,
                "Requests that were sent to a backend.",
                |backend| backend.counts.requests.get(),
            ),
            (
                "proxy_backend_failures_total",
                Kind::Counter,
                "Requests that got no answer from a backend, or half of one.",
                |backend| backend.counts.failures.get(),
            ),
        ];
        for (name, kind, help, number) in families {
            text.family(name, kind, help);
            for backend in self.balancer.backends() {
                text.sample(name, &[("backend", &backend.name)], number(backend));
            }
        }
        self.collect_own(text);
    }

    fn collect_own(&self, text: &mut Text) {
        let help = "Requests that wait for a backend with a connection to spare.";
        text.single("proxy_waiting", Kind::Gauge, help, self.queue.waiting());
        let retries = self.retries.get();
        let help = "Requests that were tried on another backend.";
        text.single("proxy_retries_total", Kind::Counter, help, retries);
        let help = "Requests that the proxy answered in the place of a backend.";
        text.family("proxy_failures_total", Kind::Counter, help);
        for (reason, count) in &*self.failures.borrow() {
            text.sample("proxy_failures_total", &[("reason", reason)], count);
        }
    }
}

/// How this process signs in `Via`. Another process has another name: a request may well pass two
/// of them, and one that comes back to the first goes in a circle.
fn name() -> String {
    format!(
        "treadle-{:016x}",
        RandomState::new().build_hasher().finish()
    )
}
