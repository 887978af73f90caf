//! Every timer and every source knows the line of the program that made it, and every lock and permit the
//! line that took it, through every function that makes or takes one.

#[path = "support/machine.rs"]
mod machine;
#[path = "support/net.rs"]
mod net;

use std::future::{pending, poll_fn};
use std::sync::Arc;
use std::time::Duration;

use machine::{block_on, live, paused, poll_here};
use net::ANY;
use runtime::net::{TcpListener, TcpSocket, TcpStream};
use runtime::runtime::Runtime;
use runtime::signal::{ctrl_c, unix};
use runtime::sync::{Mutex, RwLock, Semaphore, mpsc};
use runtime::task::{spawn, yield_now};
use runtime::time::{Instant, interval, sleep, sleep_until, timeout, timeout_at};
use runtime::trace::{Event, Place, Wait};
use runtime::{join, select};

const MS: Duration = Duration::from_millis(1);

/// Where the timers and sources were made, and locks and permits taken, that were told of since the last look. Those that
/// the support of the tests makes for itself do not count.
fn made(runtime: &Runtime) -> Vec<Place> {
    let at = |event: Event| match event {
        Event::TimerSet { at, .. } | Event::SourceRegistered { at, .. } => Some(at),
        Event::Taken { at, .. } => Some(at),
        _ => None,
    };
    let records = runtime.trace().take().into_iter();
    let places = records.filter_map(|record| at(record.event));
    places.filter(|at| at.file == file!()).collect()
}

/// What `$expression` makes is made on its line.
macro_rules! made_here {
    ($runtime:ident, $expression:expr) => {{
        made(&$runtime);
        let result = $expression;
        let places = made(&$runtime);
        let here = (file!(), line!());
        let found: Vec<_> = places.iter().map(|at| (at.file, at.line)).collect();
        assert_eq!(found, [here], "{}", stringify!($expression));
        result
    }};
}

#[test]
fn a_timer_knows_who_made_it_not_who_polled_it() {
    let runtime = paused();
    runtime.block_on(async {
        let now = Instant::now();
        made_here!(runtime, sleep(MS).await);
        made_here!(runtime, sleep_until(now + 2 * MS).await);
        made_here!(runtime, timeout(MS, pending::<()>()).await).unwrap_err();
        made_here!(runtime, timeout_at(now + 9 * MS, pending::<()>()).await).unwrap_err();
        let mut nap = (sleep(MS), line!());
        assert!(poll_here(&mut nap.0).await.is_pending());
        assert_eq!(made(&runtime)[0].line, nap.1);
        let mut ticker = (interval(MS), line!());
        ticker.0.tick().await;
        ticker.0.tick().await;
        assert_eq!(made(&runtime)[0].line, ticker.1);
    });
}

#[test]
fn a_source_knows_who_made_it() {
    let runtime = live();
    block_on(&runtime, async {
        let listener = made_here!(runtime, TcpListener::bind(ANY).await).unwrap();
        let addr = listener.local_addr().unwrap();
        let near = made_here!(runtime, TcpStream::connect(addr).await).unwrap();
        let (far, _) = made_here!(runtime, listener.accept().await).unwrap();
        let std = near.into_std().unwrap();
        let _near = made_here!(runtime, TcpStream::from_std(std)).unwrap();
        let socket = TcpSocket::new_v4().unwrap();
        let _near = made_here!(runtime, socket.connect(addr).await).unwrap();
        let _far = made_here!(runtime, poll_fn(|cx| listener.poll_accept(cx)).await).unwrap();
        let std = listener.into_std().unwrap();
        let _listener = made_here!(runtime, TcpListener::from_std(std)).unwrap();
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(ANY.parse().unwrap()).unwrap();
        let _listener = made_here!(runtime, socket.listen(8)).unwrap();
        let _signal = made_here!(runtime, unix::signal(unix::SignalKind::hangup())).unwrap();
        let _ctrl_c = made_here!(runtime, ctrl_c());
        drop(far);
    });
}

/// Where the program waits for the ends of tasks, in the events since the last look.
fn waits_for_tasks(runtime: &Runtime) -> Vec<Option<u32>> {
    let at = |event: Event| match event {
        Event::Waiting {
            on: Wait::Task(_),
            at,
        } => {
            assert!(at.is_none_or(|at| at.file == file!()), "{at:?}");
            Some(at.map(|at| at.line))
        }
        _ => None,
    };
    let records = runtime.trace().take().into_iter();
    records.filter_map(|record| at(record.event)).collect()
}

#[test]
fn a_wait_for_the_end_of_a_task_has_the_line_of_its_await() {
    let runtime = paused();
    runtime.block_on(async {
        let task = || spawn(yield_now());
        let handle = task();
        let _ = (handle.await, line!());
        assert_eq!(waits_for_tasks(&runtime), [Some(line!() - 1)]);

        let _ = join!(task(), task());
        assert_eq!(waits_for_tasks(&runtime)[..2], [Some(line!() - 1); 2]);

        let _ = timeout(MS, task()).await;
        assert_eq!(waits_for_tasks(&runtime), [Some(line!() - 1)]);

        let _ = async { task().await }.await;
        assert_eq!(waits_for_tasks(&runtime), [Some(line!() - 1)]);

        let handle = task();
        let started = line!();
        select! { _ = handle => {} }
        assert_eq!(waits_for_tasks(&runtime), [Some(started + 1)]);
    });
}

#[test]
fn a_wait_by_way_of_a_reference_or_a_box_has_no_line_rather_than_a_wrong_one() {
    let runtime = paused();
    runtime.block_on(async {
        let mut handle = spawn(yield_now());
        let _ = (&mut handle).await;
        assert_eq!(waits_for_tasks(&runtime), [None]);
        let _ = Box::pin(spawn(yield_now())).await;
        assert_eq!(waits_for_tasks(&runtime), [None]);
    });
}

#[test]
fn a_lock_and_a_permit_know_who_took_them() {
    let runtime = paused();
    let lock = Arc::new(Mutex::new(()));
    let shared = Arc::new(RwLock::new(()));
    let permits = Arc::new(Semaphore::new(9));
    runtime.block_on(async {
        drop(made_here!(runtime, lock.lock().await));
        drop(made_here!(runtime, lock.try_lock().unwrap()));
        drop(made_here!(runtime, Arc::clone(&lock).lock_owned().await));
        drop(made_here!(runtime, lock.try_lock_owned().unwrap()));
        drop(made_here!(runtime, shared.read().await));
        drop(made_here!(runtime, shared.try_read().unwrap()));
        drop(made_here!(runtime, shared.write().await));
        drop(made_here!(runtime, shared.try_write().unwrap()));
        let mine = || Arc::clone(&permits);
        drop(made_here!(runtime, permits.acquire().await));
        drop(made_here!(runtime, permits.acquire_many(2).await));
        drop(made_here!(runtime, permits.try_acquire().unwrap()));
        drop(made_here!(runtime, permits.try_acquire_many(2).unwrap()));
        drop(made_here!(runtime, mine().acquire_owned().await));
        drop(made_here!(runtime, mine().acquire_many_owned(2).await));
        drop(made_here!(runtime, mine().try_acquire_owned().unwrap()));
        drop(made_here!(runtime, mine().try_acquire_many_owned(2)));
        let (tx, _rx) = mpsc::channel::<()>(2);
        drop(made_here!(runtime, tx.reserve().await));
        drop(made_here!(runtime, tx.try_reserve().unwrap()));
        drop(made_here!(runtime, tx.clone().reserve_owned().await));
        drop(made_here!(runtime, tx.clone().try_reserve_owned().unwrap()));
    });
}
