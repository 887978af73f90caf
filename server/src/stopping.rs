//! A task that a server waits for when it stops.
//!
//! It goes on when the connection has gone for which it was begun. So the server counts it like a
//! connection, and drops it when it is cut off.

use std::rc::Rc;

use runtime::task::JoinHandle;

use crate::current::{self, Stops};

/// A task that the server waits for when it stops, as it does for a connection.
pub(crate) struct Task(Option<(Rc<dyn Stops>, usize)>);

impl Task {
    /// A task of the server whose connection is being polled. If there is none, no server waits for it.
    pub(crate) fn begin() -> Self {
        Task(current::server().map(|server| {
            let key = server.begin_task();
            (server, key)
        }))
    }

    /// Spawns `work`, which goes on until it is done, or until the server is cut off: then it is
    /// dropped.
    pub(crate) fn spawn<T: 'static>(
        self,
        work: impl Future<Output = T> + 'static,
    ) -> JoinHandle<T> {
        let place = self.0.clone();
        let task = runtime::spawn(async move {
            let output = work.await;
            drop(self);
            output
        });
        if let Some((server, key)) = place {
            server.abort_with(key, task.abort_handle());
        }
        task
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        if let Some((server, key)) = &self.0 {
            server.end_task(*key);
        }
    }
}
