//! An operation that the budget refused was not asked whether it is ready: its `Pending` proves
//! nothing. Whatever draws a conclusion from a `Pending` (time is up, it is cancelled, the reader
//! broke its promise) must have asked in earnest.

#[path = "support/tasks.rs"]
mod tasks;

use std::future::{Future, pending, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use futures_io::{AsyncBufRead, AsyncRead};
use runtime::io::AsyncBufReadExt;
use runtime::sync::{CancellationToken, Mutex, RwLock, Semaphore, mpsc, oneshot, watch};
use runtime::task::coop::{consume_budget, has_budget_remaining, poll_proceed};
use runtime::task::yield_now;
use runtime::time::{Duration, Instant, advance, sleep, timeout, timeout_at};
use tasks::paused;

/// More than ten budgets.
const MANY: u32 = 2000;

/// Spends what is left of this poll's budget, but for `left` units.
async fn spend_all_but(left: usize) {
    yield_now().await; // the budget is full
    for _ in left..128 {
        consume_budget().await;
    }
}

/// Makes `MANY` attempts, each of which must succeed.
async fn each_succeeds(mut attempt: impl AsyncFnMut() -> bool) {
    for n in 0..MANY {
        assert!(attempt().await, "attempt {n}");
    }
}

#[test]
fn no_time_at_all_is_enough_for_what_is_ready_however_often() {
    paused().block_on(async {
        let (sender, mut receiver) = mpsc::unbounded_channel();
        (0..MANY).for_each(|n| sender.send(n).unwrap());
        let mut expected = 0..MANY;
        each_succeeds(async || {
            let received = timeout(Duration::ZERO, receiver.recv()).await;
            received == Ok(expected.next())
        })
        .await;
        let mutex = Mutex::new(0);
        each_succeeds(async || timeout(Duration::ZERO, mutex.lock()).await.is_ok()).await;
        let lock = RwLock::new(0);
        each_succeeds(async || timeout(Duration::ZERO, lock.read()).await.is_ok()).await;
        each_succeeds(async || timeout(Duration::ZERO, lock.write()).await.is_ok()).await;
        let semaphore = Semaphore::new(3);
        each_succeeds(async || {
            timeout(Duration::ZERO, semaphore.acquire_many(2))
                .await
                .is_ok()
        })
        .await;
        let (sender, mut receiver) = watch::channel(0);
        each_succeeds(async || {
            sender.send(1).unwrap();
            timeout(Duration::ZERO, receiver.changed()).await.is_ok()
        })
        .await;
        each_succeeds(async || {
            let (sender, receiver) = oneshot::channel();
            sender.send(1).unwrap();
            timeout(Duration::ZERO, receiver).await.is_ok()
        })
        .await;
        each_succeeds(async || timeout(Duration::ZERO, sleep(Duration::ZERO)).await.is_ok()).await;
    });
}

#[test]
fn a_deadline_that_has_passed_is_enough_for_what_is_ready_however_often() {
    paused().block_on(async {
        let past = Instant::now();
        advance(Duration::from_secs(1)).await;
        let (sender, mut receiver) = mpsc::unbounded_channel();
        (0..MANY).for_each(|n| sender.send(n).unwrap());
        each_succeeds(async || timeout_at(past, receiver.recv()).await.is_ok()).await;
    });
}

#[test]
fn a_message_is_sent_without_any_patience_while_there_is_room() {
    paused().block_on(async {
        let (sender, mut receiver) = mpsc::channel(1);
        each_succeeds(async || {
            let sent = sender.send_timeout(1, Duration::ZERO).await;
            sent.is_ok() && receiver.try_recv() == Ok(1)
        })
        .await;
        sender.send(1).await.unwrap();
        assert!(sender.send_timeout(2, Duration::ZERO).await.is_err());
    });
}

#[test]
fn timeouts_of_zero_that_elapse_share_the_thread() {
    paused().block_on(async {
        let other = runtime::spawn(async {});
        let mut rounds = 0;
        while !other.is_finished() {
            assert!(rounds < 1000, "the other task starves");
            assert!(timeout(Duration::ZERO, pending::<()>()).await.is_err());
            rounds += 1;
        }
        assert_eq!(rounds, 129);
    });
}

#[test]
fn work_that_the_budget_refused_is_not_taken_for_unfinished_when_it_is_cancelled() {
    paused().block_on(async {
        let token = CancellationToken::new();
        let (sender, mut receiver) = mpsc::unbounded_channel();
        let mut work = pin!(token.run_until_cancelled(receiver.recv()));
        let first = poll_fn(|cx| Poll::Ready(work.as_mut().poll(cx))).await;
        assert!(first.is_pending());
        sender.send(7).unwrap();
        token.cancel();
        spend_all_but(0).await;
        assert!(!has_budget_remaining());
        assert_eq!(work.await, Some(Some(7)), "both at once: the work has won");
    });
}

/// A reader whose buffer is full, and which spends a unit at each look into it.
struct Sharing(&'static [u8]);

impl AsyncRead for Sharing {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        _: &mut [u8],
    ) -> Poll<std::io::Result<usize>> {
        unreachable!("it is read through its buffer");
    }
}

impl AsyncBufRead for Sharing {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<&[u8]>> {
        ready!(poll_proceed(cx)).made_progress();
        Poll::Ready(Ok(self.get_mut().0))
    }

    fn consume(self: Pin<&mut Self>, _: usize) {}
}

#[test]
fn a_reader_whose_last_unit_went_into_the_first_look_has_not_taken_its_buffer_back() {
    paused().block_on(async {
        let mut reader = Sharing(b"here");
        for left in 0..4 {
            spend_all_but(left).await;
            assert_eq!(reader.fill_buf().await.unwrap(), b"here");
        }
    });
}
