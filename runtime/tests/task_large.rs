//! Large futures and closures: 384 KiB through each function that takes one, on a thread with a
//! stack of 2 MiB, which is what threads have unless a program says otherwise.
//!
//! A function that passes a value on may hold a copy of it on the stack, so eight of them in a row
//! would fill it. An overflow of the stack ends the process, and no panic tells of it. So each test
//! runs itself once more in a process of its own, and fails by name if that process does not end
//! well.
#![forbid(unsafe_code)]

use runtime::runtime::Runtime;
use runtime::task::{self, JoinSet, yield_now};
use std::env;
use std::future::Future;
use std::pin::Pin;
use std::process::Command;
use std::task::{Context, Poll};
use std::thread;

const SIZE: usize = 384 * 1024;
const STACK: usize = 2 * 1024 * 1024;
/// Set for a child: the test that it runs.
const CHILD: &str = "LARGE_FUTURE_TEST";

/// A future of [`SIZE`] bytes and a little, which is pending once and then ready with the 7 in it.
struct Large {
    bytes: [u8; SIZE],
    polled: bool,
}

impl Large {
    fn new() -> Large {
        Large {
            bytes: [7; SIZE],
            polled: false,
        }
    }
}

impl Future for Large {
    type Output = u8;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<u8> {
        if std::mem::replace(&mut self.polled, true) {
            return Poll::Ready(self.bytes[SIZE / 2]);
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Runs `work` in a child process, on a thread with a small stack.
fn with_small_stack(test: &str, work: fn(&Runtime)) {
    if env::var(CHILD).is_ok_and(|name| name == test) {
        let thread = thread::Builder::new().stack_size(STACK);
        let worked = thread.spawn(move || work(&Runtime::new().unwrap()));
        return worked.unwrap().join().unwrap();
    }
    let child = Command::new(env::current_exe().unwrap())
        .args([test, "--exact"])
        .env(CHILD, test)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(
        child.status.success() && said.contains("1 passed"),
        "{test} in a process of its own: {}\n{said}{}",
        child.status,
        String::from_utf8_lossy(&child.stderr)
    );
}

/// A test for each function. Each has a function of its own, so that the values which one of them
/// holds on the stack are not those of all.
macro_rules! through {
    ($($test:ident: |$runtime:ident| $work:block)*) => {$(
        #[test]
        fn $test() {
            fn work($runtime: &Runtime) $work
            with_small_stack(stringify!($test), work);
        }
    )*};
}

through! {
    runtime_block_on: |runtime| {
        assert_eq!(runtime.block_on(Large::new()), 7);
    }
    runtime_spawn: |runtime| {
        let task = runtime.spawn(Large::new());
        assert_eq!(runtime.block_on(task).unwrap(), 7);
    }
    runtime_spawn_blocking: |runtime| {
        let large = Large::new();
        let job = runtime.spawn_blocking(move || large.bytes[9]);
        assert_eq!(runtime.block_on(job).unwrap(), 7);
    }
    handle_spawn: |runtime| {
        let task = runtime.handle().spawn(Large::new());
        assert_eq!(runtime.block_on(task).unwrap(), 7);
    }
    handle_spawn_with: |runtime| {
        let task = runtime.handle().spawn_with(Large::new);
        assert_eq!(runtime.block_on(task).unwrap(), 7);
    }
    handle_spawn_with_a_large_closure: |runtime| {
        let large = Large::new();
        let task = runtime.handle().spawn_with(move || async move { large.bytes[9] });
        assert_eq!(runtime.block_on(task).unwrap(), 7);
    }
    handle_spawn_blocking: |runtime| {
        let large = Large::new();
        let job = runtime.handle().spawn_blocking(move || large.bytes[9]);
        assert_eq!(runtime.block_on(job).unwrap(), 7);
    }
    spawn: |runtime| {
        assert_eq!(runtime.block_on(async { task::spawn(Large::new()).await.unwrap() }), 7);
    }
    spawn_detached: |runtime| {
        let (tx, rx) = runtime::sync::oneshot::channel();
        let ends = async move { assert!(tx.send(Large::new().await).is_ok()) };
        runtime.block_on(async { task::spawn_detached(ends) });
        assert_eq!(runtime.block_on(rx), Ok(7));
    }
    spawn_local: |runtime| {
        assert_eq!(runtime.block_on(async { task::spawn_local(Large::new()).await.unwrap() }), 7);
    }
    spawn_blocking: |runtime| {
        let _inside = runtime.enter();
        let large = Large::new();
        let job = task::spawn_blocking(move || large.bytes[9]);
        assert_eq!(runtime.block_on(job).unwrap(), 7);
    }
    builder_spawn: |runtime| {
        let _inside = runtime.enter();
        let task = task::Builder::new().spawn(Large::new()).unwrap();
        assert_eq!(runtime.block_on(task).unwrap(), 7);
    }
    builder_spawn_with_a_name: |runtime| {
        let _inside = runtime.enter();
        let task = task::Builder::new().name("large").spawn(Large::new()).unwrap();
        assert_eq!(runtime.block_on(task).unwrap(), 7);
    }
    set_spawn: |runtime| {
        let _inside = runtime.enter();
        let mut set = JoinSet::new();
        set.spawn(Large::new());
        assert_eq!(runtime.block_on(set.join_all()), [7]);
    }
    set_spawn_local: |runtime| {
        let _inside = runtime.enter();
        let mut set = JoinSet::new();
        set.spawn_local(Large::new());
        assert_eq!(runtime.block_on(set.join_all()), [7]);
    }
    set_spawn_on: |runtime| {
        let mut set = JoinSet::new();
        set.spawn_on(Large::new(), runtime.handle());
        assert_eq!(runtime.block_on(set.join_all()), [7]);
    }
    set_build_task: |runtime| {
        let _inside = runtime.enter();
        let mut set = JoinSet::new();
        set.build_task().name("large").spawn(Large::new()).unwrap();
        assert_eq!(runtime.block_on(set.join_all()), [7]);
    }
    set_extend: |runtime| {
        let _inside = runtime.enter();
        let mut set = JoinSet::new();
        set.extend((0..2).map(|_| Large::new()));
        assert_eq!(runtime.block_on(set.join_all()), [7, 7]);
    }
    set_collect: |runtime| {
        let _inside = runtime.enter();
        let set: JoinSet<u8> = (0..2).map(|_| Large::new()).collect();
        assert_eq!(runtime.block_on(set.join_all()), [7, 7]);
    }
    set_spawn_blocking: |runtime| {
        let _inside = runtime.enter();
        let (mut set, large) = (JoinSet::new(), Large::new());
        set.spawn_blocking(move || large.bytes[9]);
        assert_eq!(runtime.block_on(set.join_all()), [7]);
    }
    set_spawn_blocking_on: |runtime| {
        let (mut set, large) = (JoinSet::new(), Large::new());
        set.spawn_blocking_on(move || large.bytes[9], runtime.handle());
        assert_eq!(runtime.block_on(set.join_all()), [7]);
    }
    main_attribute: |_runtime| {
        assert_eq!(large_main(), 7);
    }
}

#[runtime::main]
async fn large_main() -> u8 {
    let bytes = [7_u8; SIZE];
    yield_now().await;
    bytes[SIZE / 2]
}

/// Its own thread is the test's, which has 2 MiB. The message of an overflow names the thread.
#[runtime::test]
async fn test_attribute() {
    let bytes = [7_u8; SIZE];
    yield_now().await;
    assert_eq!(bytes[SIZE / 2], 7);
}
