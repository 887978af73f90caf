//! A pool that never has a thread: a simulation does the work, when its time has come.

use std::sync::Arc;

use super::{Limits, Pool, Work};

impl Pool {
    /// A pool that gives its work to `later`.
    pub(crate) fn simulated(later: impl Fn(Arc<dyn Work>) + Send + Sync + 'static) -> Pool {
        let mut pool = Pool::new(Limits::default());
        if let Some(shared) = Arc::get_mut(&mut pool.0) {
            shared.later = Some(Box::new(later));
        }
        pool
    }
}
