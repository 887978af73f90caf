//! Small things that programs written for Tokio name.
#![forbid(unsafe_code)]

use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::UnixStream;
use runtime::runtime::{Builder, Handle, LocalOptions, LocalRuntime, Runtime, RuntimeFlavor};
use runtime::time::error::Error;
use runtime::trace::Event;
use std::collections::HashSet;
use std::panic::catch_unwind;
use std::rc::Rc;

#[test]
fn a_handle_tells_runtimes_apart() {
    let (one, two) = (Runtime::new().unwrap(), Runtime::new().unwrap());
    let current = one.block_on(async { Handle::current().id() });
    assert_eq!(one.handle().id(), current);
    let ids = HashSet::from([one.handle().id(), two.handle().id(), current]);
    assert_eq!(ids.len(), 2);
    assert!(current.to_string().parse::<usize>().unwrap() > 0);
}

#[test]
fn the_flavor_is_always_the_one() {
    let runtime = Runtime::new().unwrap();
    let flavor = runtime.handle().runtime_flavor();
    assert_eq!(flavor, RuntimeFlavor::CurrentThread);
}

#[test]
fn a_local_runtime_is_a_runtime() {
    let mut builder = Builder::new_current_thread();
    let options = LocalOptions::default();
    let runtime: LocalRuntime = builder.enable_all().build_local(options).unwrap();
    let shared = Rc::new(1);
    let theirs = Rc::clone(&shared);
    let task = runtime.spawn_local(async move { *theirs + 1 });
    assert_eq!(runtime.block_on(task).unwrap(), 2);
    runtime.shutdown_background();
}

#[test]
fn no_more_events_are_taken_than_is_said() {
    let mut builder = Builder::new_current_thread();
    let runtime = builder
        .enable_all()
        .max_io_events_per_tick(2)
        .build()
        .unwrap();
    runtime.trace().start(10_000);
    runtime.block_on(async {
        let pairs: Vec<_> = (0..10).map(|_| UnixStream::pair().unwrap()).collect();
        let (near, far): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
        let reads = near
            .into_iter()
            .map(|mut stream| runtime::spawn(async move { stream.read_u8().await.unwrap() }));
        let reads: Vec<_> = reads.collect();
        runtime::task::yield_now().await;
        for mut stream in far {
            stream.write_u8(7).await.unwrap();
        }
        for read in reads {
            assert_eq!(read.await.unwrap(), 7);
        }
    });
    let records = runtime.trace().take();
    let events = records.iter().filter_map(|record| match record.event {
        Event::Turned { events, .. } => Some(events),
        _ => None,
    });
    assert_eq!(events.max(), Some(2));
    let zero = catch_unwind(|| {
        Builder::new_current_thread().max_io_events_per_tick(0);
    });
    assert!(zero.is_err());
}

#[test]
fn the_error_of_a_timer_has_its_three_kinds() {
    let kinds = |error: &Error| {
        (
            error.is_shutdown(),
            error.is_at_capacity(),
            error.is_invalid(),
        )
    };
    assert_eq!(kinds(&Error::shutdown()), (true, false, false));
    assert_eq!(kinds(&Error::at_capacity()), (false, true, false));
    assert_eq!(kinds(&Error::invalid()), (false, false, true));
    let boxed: Box<dyn std::error::Error + Send + Sync> = Box::new(Error::invalid());
    assert!(!boxed.to_string().is_empty());
}

#[test]
fn outside_of_all_runtimes_the_error_says_which_kind_it_is() {
    let error = Handle::try_current().unwrap_err();
    assert!(error.is_missing_context() && !error.is_thread_local_destroyed());
}
