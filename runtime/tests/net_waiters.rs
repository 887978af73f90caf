//! Who waits for a socket: the slot of the last who polled, the list of all others, and what is
//! left of those who give up.

#[path = "support/machine.rs"]
mod machine;
#[path = "support/net.rs"]
mod net;

use std::future::poll_fn;
use std::io::ErrorKind;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Context;

use futures_io::{AsyncRead, AsyncWrite};
use machine::{Bell, Ledger, block_on, live, poll_here, run};
use net::{drain, fill, is_ready, listener, pair};
use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest};
use runtime::net::TcpStream;
use runtime::task::yield_now;
use runtime::{pin, spawn};

#[test]
fn of_two_readers_in_the_slot_the_last_is_woken() {
    let runtime = live();
    block_on(&runtime, async {
        let (mut near, mut far) = pair().await;
        let ((first, first_waker), (second, second_waker)) = (Bell::new(), Bell::new());
        let mut buffer = [0; 8];
        for waker in [&first_waker, &second_waker, &first_waker, &second_waker] {
            let mut cx = Context::from_waker(waker);
            assert!(
                Pin::new(&mut near)
                    .poll_read(&mut cx, &mut buffer)
                    .is_pending()
            );
        }
        let mut ledger = Ledger::default();
        ledger.add(&runtime);
        assert_eq!(ledger.waiting(), 1, "the slot holds one: {ledger:?}");
        far.write_all(b"x").await.unwrap();
        while second.rung() == 0 {
            yield_now().await;
        }
        assert_eq!((first.rung(), second.rung()), (0, 1));
    });
}

#[test]
fn interest_in_both_directions_is_answered_by_either() {
    run(async {
        let (near, mut far) = pair().await;
        let both = Interest::READABLE | Interest::WRITABLE;
        let ready = near.ready(both).await.unwrap();
        assert!(ready.is_writable() && !ready.is_readable());
        far.write_all(b"x").await.unwrap();
        near.readable().await.unwrap();
        let ready = near.ready(both).await.unwrap();
        assert!(ready.is_writable() && ready.is_readable());
        near.try_read(&mut [0; 8]).unwrap();
        let total = fill(&near).await;
        assert!(!is_ready(near.ready(both)).await, "neither is ready now");
        // One that waits for both is woken by the one that comes.
        let waiting = near.ready(both);
        pin!(waiting);
        assert!(poll_here(&mut waiting).await.is_pending());
        far.write_all(b"y").await.unwrap();
        let ready = waiting.await.unwrap();
        assert!(ready.is_readable());
        drain(&mut far, total).await;
        near.writable().await.unwrap();
    });
}

#[test]
fn polling_for_readiness_takes_nothing_and_spends_budget() {
    run(async {
        let (near, mut far) = pair().await;
        far.write_all(b"x").await.unwrap();
        poll_fn(|cx| near.poll_read_ready(cx)).await.unwrap();
        let other = spawn(async {});
        let mut rounds = 0;
        while !other.is_finished() {
            poll_fn(|cx| near.poll_read_ready(cx)).await.unwrap();
            poll_fn(|cx| near.poll_write_ready(cx)).await.unwrap();
            rounds += 1;
            assert!(rounds < 1000, "the other task starves");
        }
        assert_eq!(near.try_read(&mut [0; 8]).unwrap(), 1);
    });
}

#[test]
fn a_stream_that_is_always_ready_shares_the_thread() {
    run(async {
        let (near, mut far) = pair().await;
        assert!(fill(&near).await > 1000);
        let other = spawn(async {});
        let mut byte = [0];
        let mut read = 0;
        while !other.is_finished() {
            far.read_exact(&mut byte).await.unwrap();
            read += 1;
            assert!(read < 1000, "the other task starves");
        }
    });
}

#[test]
fn the_methods_of_the_traits_spend_budget_too() {
    run(async {
        let (near, mut far) = pair().await;
        assert!(fill(&near).await > 1000);
        let other = spawn(async {});
        let mut rounds = 0;
        while !other.is_finished() {
            let mut byte = [0];
            poll_fn(|cx| Pin::new(&mut far).poll_read(cx, &mut byte))
                .await
                .unwrap();
            rounds += 1;
            assert!(rounds < 1000, "the other task starves");
        }
        let other = spawn(async {});
        rounds = 0;
        while !other.is_finished() {
            poll_fn(|cx| Pin::new(&mut far).poll_write(cx, b"x"))
                .await
                .unwrap();
            rounds += 1;
            assert!(rounds < 1000, "the other task starves");
        }
        near.readable().await.unwrap();
    });
}

#[test]
fn a_listener_that_is_always_ready_shares_the_thread() {
    run(async {
        let listener = listener().await;
        let addr = listener.local_addr().unwrap();
        // Fewer than a budget: some machines queue no more than 128. So each accept has a
        // companion that spends budget as well.
        let mut queued = Vec::new();
        for _ in 0..100 {
            queued.push(TcpStream::connect(addr).await.unwrap());
        }
        let other = spawn(async {});
        let mut accepted = 0;
        while !other.is_finished() {
            assert!(accepted < 100, "the other task starves");
            drop(listener.accept().await.unwrap());
            poll_fn(|cx| queued[0].poll_write_ready(cx)).await.unwrap();
            accepted += 1;
        }
    });
}

#[test]
fn a_thousand_tasks_on_one_direction_are_all_woken() {
    let runtime = live();
    block_on(&runtime, async {
        let (near, mut far) = pair().await;
        let near = Rc::new(near);
        let mut ledger = Ledger::default();
        let total = fill(&near).await;
        let tasks = (0..1000).map(|n| {
            let near = Rc::clone(&near);
            spawn(async move {
                match n % 2 {
                    0 => near.readable().await,
                    _ => near.writable().await,
                }
            })
        });
        let tasks: Vec<_> = tasks.collect();
        yield_now().await;
        ledger.add(&runtime);
        assert!(ledger.waiting() >= 500, "{ledger:?}");
        far.write_all(b"x").await.unwrap();
        drain(&mut far, total).await;
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        ledger.add(&runtime);
        assert_eq!(ledger.waiting(), 0);
    });
}

#[test]
fn of_many_who_wait_for_one_byte_one_gets_it_and_the_rest_wait_on() {
    let runtime = live();
    block_on(&runtime, async {
        let (near, mut far) = pair().await;
        let near = Rc::new(near);
        let tasks = (0..100).map(|_| {
            let near = Rc::clone(&near);
            spawn(async move {
                let mut byte = [0];
                loop {
                    near.readable().await.unwrap();
                    match near.try_read(&mut byte) {
                        Ok(_) => return byte[0],
                        Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
                    }
                }
            })
        });
        let tasks: Vec<_> = tasks.collect();
        // A task that waits in vain waits again, and each time the machine says so.
        let mut ledger = Ledger::default();
        for sent in 0..100_u8 {
            far.write_all(&[sent]).await.unwrap();
            while tasks.iter().filter(|task| task.is_finished()).count() <= usize::from(sent) {
                yield_now().await;
            }
            ledger.add(&runtime);
        }
        let mut got = Vec::new();
        for task in tasks {
            got.push(task.await.unwrap());
        }
        got.sort_unstable();
        assert!(got.into_iter().eq(0..100), "each byte reaches one");
        ledger.add(&runtime);
        assert_eq!(ledger.waiting(), 0);
    });
}

#[test]
fn waiters_that_are_dropped_leave_nothing_and_the_others_stay() {
    let runtime = live();
    block_on(&runtime, async {
        let (near, mut far) = pair().await;
        let both = Interest::READABLE | Interest::WRITABLE;
        let total = fill(&near).await;
        let mut waiters: Vec<_> = (0..300).map(|_| Box::pin(near.ready(both))).collect();
        for waiter in &mut waiters {
            assert!(poll_here(waiter).await.is_pending());
        }
        let mut ledger = Ledger::default();
        ledger.add(&runtime);
        assert_eq!(ledger.waiting(), 600);
        // From the front, from the back, from the middle: every third stays.
        for at in (0..300).rev() {
            if at % 3 != 1 {
                drop(waiters.remove(at));
            }
        }
        ledger.add(&runtime);
        assert_eq!(ledger.waiting(), 200);
        far.write_all(b"x").await.unwrap();
        for waiter in waiters {
            assert!(waiter.await.unwrap().is_readable());
        }
        ledger.add(&runtime);
        assert_eq!(ledger.waiting(), 0, "{ledger:?}");
        drain(&mut far, total).await;
    });
}
