//! Futures that are dropped at every point where they wait: nothing is lost, nothing is left,
//! and the socket works on.

#[path = "support/machine.rs"]
mod machine;
#[path = "support/net.rs"]
mod net;

use std::rc::Rc;

use machine::{Ledger, block_on, drop_after, drop_when_woken, live, poll_here, run};
use net::{
    drain, fill, give_up_reads_when_woken, is_ready, listener, pair, pattern, refusing, works,
};
use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest};
use runtime::net::TcpStream;
use runtime::spawn;
use runtime::task::yield_now;
use runtime::time::{Duration, sleep, timeout};

/// How often a future is polled before it is dropped. Never is a point, too.
const POLLS: std::ops::Range<usize> = 0..4;

#[test]
fn a_dropped_accept_loses_no_connection() {
    run(async {
        for polls in POLLS {
            let listener = listener().await;
            let addr = listener.local_addr().unwrap();
            let (mut near, mut accepted) = (Vec::new(), 0);
            for _ in 0..20 {
                let connect = spawn(TcpStream::connect(addr));
                if drop_after(polls, listener.accept()).await.is_some() {
                    accepted += 1;
                }
                near.push(connect.await.unwrap().unwrap());
            }
            while accepted < 20 {
                listener.accept().await.unwrap();
                accepted += 1;
            }
            assert!(!is_ready(listener.accept()).await);
        }
    });
}

#[test]
fn an_accept_that_was_woken_and_dropped_leaves_the_connection_to_the_next() {
    run(async {
        let listener = listener().await;
        let addr = listener.local_addr().unwrap();
        for _ in 0..20 {
            let connect = spawn(TcpStream::connect(addr));
            drop_when_woken(listener.accept()).await;
            let near = connect.await.unwrap().unwrap();
            let (_, peer) = listener.accept().await.unwrap();
            assert_eq!(peer, near.local_addr().unwrap());
        }
    });
}

#[test]
fn a_dropped_read_loses_no_byte() {
    run(async {
        for polls in POLLS {
            let (near, mut far) = pair().await;
            let total = 3000;
            let writer = spawn(async move {
                for at in (0..total).step_by(10) {
                    far.write_all(&pattern(at, 10)).await.unwrap();
                    yield_now().await;
                }
            });
            let (mut near, mut all) = (near, Vec::new());
            let mut buffer = [0; 7];
            while all.len() < total {
                if let Some(count) = drop_after(polls, near.read(&mut buffer)).await {
                    all.extend_from_slice(&buffer[..count.unwrap()]);
                }
                if polls < 2 {
                    // Such a read hears nothing by itself.
                    near.readable().await.unwrap();
                    let count = near.try_read(&mut buffer).unwrap_or(0);
                    all.extend_from_slice(&buffer[..count]);
                }
            }
            assert!(all == pattern(0, total));
            writer.await.unwrap();
        }
    });
}

#[test]
fn a_read_that_was_woken_and_dropped_leaves_the_bytes_to_the_next() {
    run(async {
        let (mut near, mut far) = pair().await;
        far = give_up_reads_when_woken(&mut near, far).await;
        works(&mut near, &mut far).await;
    });
}

#[test]
fn a_dropped_write_has_written_nothing() {
    run(async {
        for polls in POLLS {
            let (mut near, mut far) = pair().await;
            let mut total = fill(&near).await;
            for _ in 0..50 {
                let data = pattern(total, 1000);
                if let Some(count) = drop_after(polls.min(1), near.write(&data)).await {
                    total += count.unwrap();
                }
            }
            // And with room that comes while it waits.
            let reader = spawn(async move {
                let at = total / 2;
                drain(&mut far, at).await;
                (far, at)
            });
            for _ in 0..50 {
                let data = pattern(total, 1000);
                if let Some(count) = drop_after(polls, near.write(&data)).await {
                    total += count.unwrap();
                }
            }
            let (mut far, at) = reader.await.unwrap();
            near.shutdown().await.unwrap();
            let mut rest = Vec::new();
            far.read_to_end(&mut rest).await.unwrap();
            assert!(rest == pattern(at, total - at), "{polls}");
        }
    });
}

#[test]
fn a_write_that_was_woken_and_dropped_leaves_the_room_to_the_next() {
    run(async {
        let (mut near, mut far) = pair().await;
        let mut total = fill(&near).await;
        let reader = spawn(async move {
            drain(&mut far, total).await;
            far
        });
        drop_when_woken(near.write(b"never written")).await;
        total = near.write(b"written").await.unwrap();
        assert_eq!(total, 7);
        let mut far = reader.await.unwrap();
        let mut buffer = [0; 7];
        far.read_exact(&mut buffer).await.unwrap();
        assert_eq!(&buffer, b"written");
        works(&mut near, &mut far).await;
    });
}

#[test]
fn a_dropped_write_all_has_written_a_beginning() {
    run(async {
        for polls in POLLS {
            let (mut near, mut far) = pair().await;
            let data = pattern(0, 6_000_000);
            let reader = spawn(async move {
                let mut all = Vec::new();
                far.read_to_end(&mut all).await.unwrap();
                all
            });
            drop(drop_after(polls, near.write_all(&data)).await);
            near.shutdown().await.unwrap();
            let all = reader.await.unwrap();
            assert!(data.starts_with(&all));
            assert_eq!(all.is_empty(), polls == 0);
        }
    });
}

#[test]
fn a_dropped_connect_leaves_nothing() {
    let runtime = live();
    block_on(&runtime, async {
        let listener = listener().await;
        let addr = listener.local_addr().unwrap();
        let (_held, refused) = refusing();
        let mut ledger = Ledger::default();
        for polls in POLLS {
            for addrs in [vec![addr], vec![refused, addr], vec![refused, refused]] {
                drop(drop_after(polls, TcpStream::connect(&addrs[..])).await);
                drop_when_woken(TcpStream::connect(&addrs[..])).await;
            }
            ledger.add(&runtime);
            assert_eq!(ledger.sources.len(), 1, "only the listener: {ledger:?}");
        }
    });
}

#[test]
fn dropped_waits_for_readiness_leave_no_waiter_and_take_no_readiness() {
    let runtime = live();
    block_on(&runtime, async {
        let (mut near, mut far) = pair().await;
        let total = fill(&near).await;
        let mut ledger = Ledger::default();
        let both = Interest::READABLE | Interest::WRITABLE;
        for polls in [0, 1] {
            assert!(drop_after(polls, near.readable()).await.is_none());
            assert!(drop_after(polls, near.writable()).await.is_none());
            assert!(drop_after(polls, near.ready(both)).await.is_none());
            assert!(drop_after(polls, near.peek(&mut [0])).await.is_none());
            ledger.add(&runtime);
            assert_eq!(ledger.waiting(), 0, "{ledger:?}");
        }
        far.write_all(b"x").await.unwrap();
        drop_when_woken(near.readable()).await;
        drop_when_woken(near.ready(both)).await;
        drop_when_woken(near.peek(&mut [0])).await;
        assert!(is_ready(near.readable()).await);
        assert_eq!(near.try_read(&mut [0; 8]).unwrap(), 1);
        drain(&mut far, total).await;
        works(&mut near, &mut far).await;
        ledger.add(&runtime);
        assert!(
            ledger.waiting() <= 4,
            "one in each slot at the most: {ledger:?}"
        );
    });
}

#[test]
fn a_dropped_read_leaves_at_most_its_place_in_the_slot_and_the_next_takes_that() {
    // A future of the I/O traits has no drop of its own: the waker stays in the stream's one
    // slot until another task polls, or an event comes. Tokio's does the same.
    let runtime = live();
    block_on(&runtime, async {
        let (mut near, _far) = pair().await;
        let mut ledger = Ledger::default();
        for _ in 0..100 {
            assert!(drop_after(1, near.read(&mut [0; 8])).await.is_none());
            drop_task_that_reads(&mut near).await;
            ledger.add(&runtime);
            assert_eq!(ledger.waiting(), 1, "{ledger:?}");
        }
        drop(near);
        ledger.add(&runtime);
        assert_eq!(ledger.waiting(), 0);
    });
}

/// Polls a read with another waker.
async fn drop_task_that_reads(stream: &mut TcpStream) {
    let (_bell, waker) = machine::Bell::new();
    let mut buffer = [0; 8];
    let mut read = Box::pin(stream.read(&mut buffer));
    assert!(machine::poll_with(&waker, &mut read).is_pending());
}

#[test]
fn a_limit_of_time_around_each_leaves_nothing() {
    let runtime = live();
    block_on(&runtime, async {
        let (mut near, mut far) = pair().await;
        let total = fill(&near).await;
        let listener = listener().await;
        let mut ledger = Ledger::default();
        ledger.add(&runtime);
        let timers = ledger.timers.len();
        for time in [Duration::ZERO, Duration::from_millis(1)] {
            assert!(timeout(time, near.read(&mut [0; 8])).await.is_err());
            assert!(timeout(time, near.write(b"x")).await.is_err());
            assert!(timeout(time, near.readable()).await.is_err());
            assert!(timeout(time, listener.accept()).await.is_err());
        }
        ledger.add(&runtime);
        assert_eq!(ledger.timers.len(), timers, "{ledger:?}");
        drain(&mut far, total).await;
        works(&mut near, &mut far).await;
    });
}

#[test]
fn aborted_tasks_take_their_sockets_and_waits_with_them() {
    let runtime = live();
    block_on(&runtime, async {
        let (near, far) = pair().await;
        fill(&near).await;
        let near = Rc::new(near);
        let (mut reading, mut silent) = pair().await;
        let (mut writing, full) = pair().await;
        fill(&writing).await;
        let listener = listener().await;
        let addr = listener.local_addr().unwrap();
        let (readable, writable) = (Rc::clone(&near), Rc::clone(&near));
        let tasks = [
            spawn(async move { drop(reading.read(&mut [0; 8]).await) }),
            spawn(async move { drop(writing.write_all(&[0; 1000]).await) }),
            spawn(async move { drop(listener.accept().await) }),
            spawn(async move { drop(readable.readable().await) }),
            spawn(async move { drop(writable.writable().await) }),
            spawn(async move { sleep(Duration::from_secs(3600)).await }),
            spawn(async move { drop(spawn(std::future::pending::<()>()).await) }),
        ];
        for _ in 0..3 {
            yield_now().await;
        }
        let mut ledger = Ledger::default();
        ledger.add(&runtime);
        assert_eq!(ledger.waiting(), 5, "{ledger:?}");
        for task in &tasks {
            task.abort();
        }
        for task in tasks {
            assert!(task.await.unwrap_err().is_cancelled());
        }
        // The peers are told: their connections are closed.
        silent.read(&mut [0; 8]).await.unwrap();
        drop((near, far, full, silent));
        TcpStream::connect(addr).await.unwrap_err();
        ledger.add(&runtime);
        assert_eq!(
            (ledger.sources.len(), ledger.waiting()),
            (0, 0),
            "{ledger:?}"
        );
    });
}

#[test]
fn a_join_that_is_dropped_loses_neither_the_task_nor_its_result() {
    run(async {
        for polls in POLLS {
            let mut task = spawn(async {
                yield_now().await;
                7
            });
            match drop_after(polls, &mut task).await {
                Some(result) => assert_eq!(result.unwrap(), 7),
                None => assert_eq!(task.await.unwrap(), 7),
            }
        }
        let mut task = spawn(yield_now());
        drop_when_woken(&mut task).await;
        assert!(poll_here(&mut task).await.is_ready());
    });
}

#[test]
fn a_race_that_is_run_again_and_again_leaves_nothing() {
    let runtime = live();
    block_on(&runtime, async {
        let (mut near, mut far) = pair().await;
        let mut ledger = Ledger::default();
        ledger.add(&runtime);
        let before = ledger.timers.len();
        for round in 0..500_usize {
            let hour = sleep(Duration::from_secs(3600));
            let mut buffer = [0; 8];
            let read = async { Some(near.read(&mut buffer).await.unwrap()) };
            let late = async {
                hour.await;
                None
            };
            far.write_all(&pattern(round, 1)).await.unwrap();
            assert_eq!(futures_lite::future::or(read, late).await, Some(1));
            assert_eq!(buffer[..1], pattern(round, 1));
        }
        ledger.add(&runtime);
        assert_eq!(ledger.timers.len(), before);
        assert!(ledger.waiting() <= 1, "{ledger:?}");
    });
}
