//! The runtime on which the bodies' conversations run.

use std::future::Future;

use runtime::runtime::{Builder, Runtime};

thread_local! {
    /// It is made once: to make one takes longer than most conversations.
    static RUNTIME: &'static Runtime = {
        let mut builder = Builder::new_current_thread();
        let runtime = builder.enable_time().start_paused(true).build();
        Box::leak(Box::new(runtime.expect("a runtime")))
    };
}

/// Runs a conversation on a paused clock. What it began has ended when it ends: the next one finds
/// the runtime as this one found it, but for the time.
///
/// # Panics
///
/// If a task is left.
pub(crate) fn run<F: Future>(conversation: F) -> F::Output {
    let runtime = RUNTIME.with(|runtime| *runtime);
    let answer = runtime.block_on(conversation);
    let left = runtime.snapshot().tasks.len();
    assert_eq!(left, 0, "each task of the conversation has ended");
    answer
}
