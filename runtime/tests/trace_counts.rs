//! What a runtime counts while it is observed.

use std::time::Duration;

use runtime::runtime::Builder;
use runtime::time::{sleep, timeout};
use runtime::trace::Counts;

#[test]
fn the_counts_are_those_of_what_happened() {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.trace().observe();
    runtime.block_on(async {
        let slept = runtime::spawn(sleep(Duration::from_secs(3)));
        let dropped = timeout(Duration::from_secs(60), sleep(Duration::from_secs(2)));
        dropped.await.unwrap();
        slept.await.unwrap();
    });
    let counts = runtime.trace().counts();
    assert_eq!((counts.tasks_spawned, counts.tasks_ended), (2, 2));
    assert_eq!(
        (
            counts.timers_set,
            counts.timers_fired,
            counts.timers_dropped
        ),
        (3, 2, 1)
    );
    assert_eq!(
        counts.parked,
        Duration::from_secs(3),
        "the paused clock jumped so far"
    );
    assert_eq!((counts.parks, counts.jobs_queued), (2, 0));
    // Both tasks are polled at the start and after their timer, and `block_on`'s when the other has ended.
    assert_eq!((counts.polls, counts.wakes), (5, 5));
}

#[test]
fn a_runtime_that_nothing_observes_counts_nothing() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(runtime::task::yield_now());
    assert_eq!(runtime.trace().counts(), Counts::default());
    runtime.trace().observe();
    runtime.block_on(runtime::task::yield_now());
    assert_ne!(runtime.trace().counts().polls, 0);
    runtime.trace().stop();
    assert_eq!(runtime.trace().counts(), Counts::default());
}
