//! One test, many seeds.

use std::thread;
use std::time::Duration;

use runtime::runtime::Builder;
use runtime::time::timeout;

/// Virtual time after which a test counts as one that hangs.
const PATIENCE: Duration = Duration::from_secs(60 * 60);

/// Runs `test` with each seed, on a runtime of its own whose clock is paused and whose choices
/// (`select!`) come from the seed.
///
/// # Panics
///
/// If `test` does, or has not ended after an hour of virtual time. The seed is printed to
/// standard error.
///
/// ```
/// use server::Router;
/// use server::routing::get;
/// use server::testing::{Faults, TestServer, with_seeds};
///
/// with_seeds(0..5, async |seed| {
///     let app = Router::new().route("/", get(|| async { "hello" }));
///     let server = TestServer::builder().faults(Faults::seed(seed)).serve(app);
///     assert_eq!(server.client().get("/").await.text().await, "hello");
/// });
/// ```
pub fn with_seeds(seeds: impl IntoIterator<Item = u64>, test: impl AsyncFn(u64)) {
    for seed in seeds {
        let _tell = Tell(seed);
        let mut builder = Builder::new_current_thread();
        let runtime = builder
            .enable_all()
            .start_paused(true)
            .rng_seed(seed)
            .build();
        let runtime = runtime.expect("a runtime");
        let outcome = runtime.block_on(async { timeout(PATIENCE, test(seed)).await });
        assert!(
            outcome.is_ok(),
            "after {PATIENCE:?} of virtual time it has not ended"
        );
    }
}

/// Says which seed it was, when a test panics.
struct Tell(u64);

impl Drop for Tell {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("it was with seed {}", self.0);
        }
    }
}
