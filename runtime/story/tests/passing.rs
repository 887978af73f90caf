//! The sentences for what passes through channels, and for a long poll.
#![forbid(unsafe_code)]

use runtime::runtime::Runtime;
use std::rc::Rc;

use runtime::sync::{Notify, RwLock, broadcast, mpsc, oneshot, watch};
use runtime::time::Duration;
use runtime::trace::{Event, Place, Snapshot};

/// What is told of the events that `is_meant` finds in the one poll of a program.
fn told(is_meant: fn(&Event) -> bool, program: impl AsyncFnOnce()) -> Vec<String> {
    let runtime = Runtime::new().unwrap();
    runtime.trace().start(1_000);
    runtime.block_on(program());
    let recording = runtime.trace().recording();
    let records = recording.records();
    let meant = (0..records.len()).filter(|at| is_meant(&records[*at].event));
    let tell = |at| {
        story::tell(
            &records[at..],
            &recording.state_at(at),
            &recording.state_at(at + 1),
        )
    };
    meant.map(tell).collect()
}

fn passes(event: &Event) -> bool {
    use Event::{Forgotten, GivenBack, Received, ReceiverGone, Sent, Taken};
    matches!(
        event,
        Taken { .. }
            | GivenBack { .. }
            | Forgotten { .. }
            | Sent { .. }
            | Received { .. }
            | ReceiverGone { .. }
    )
}

#[test]
fn a_reserved_place_is_told_from_the_wait_to_the_message() {
    let told = told(passes, async || {
        let (tx, mut rx) = mpsc::channel(2);
        tx.reserve().await.unwrap().send(());
        drop(tx.try_reserve().unwrap());
        rx.recv().await;
    });
    assert!(
        told[0].starts_with("Task 1 has a place in channel 1 now, at "),
        "{}",
        told[0]
    );
    assert!(
        told[0].ends_with(", for a message that it will send."),
        "{}",
        told[0]
    );
    let sent =
        "Task 1 sends: a message goes into its place in channel 1, which holds 1 of at most 2 now.";
    assert_eq!(told[1], sent);
    assert_eq!(
        told[3],
        "Task 1 gives a place in channel 1 back, and has not sent."
    );
    let received = "Task 1 receives: it takes from channel 1, in which 0 messages are left.";
    assert_eq!(told[4], received);
}

#[test]
fn of_a_read_write_lock_it_is_the_right_to_read_or_to_write_that_is_given() {
    let is_given =
        |event: &Event| matches!(event, Event::GivenBack { .. } | Event::HandedOver { .. });
    let told = told(is_given, async || {
        let lock = Rc::new(RwLock::new(()));
        let guard = lock.read().await;
        let writer = Rc::clone(&lock);
        let writer = runtime::spawn(async move { drop(writer.write().await) });
        runtime::task::yield_now().await;
        drop(guard);
        writer.await.unwrap();
    });
    let given = "Task 2, the first in line, is given the right to write read-write lock 1: \
                 no other task can take it in between.";
    let expected = [
        "Task 1 gives the right to read read-write lock 1 back.",
        given,
        "Task 2 gives the right to write read-write lock 1 back.",
    ];
    assert_eq!(told, expected);
}

#[test]
fn each_kind_of_channel_is_told_in_its_own_words() {
    let told = told(passes, async || {
        let (tx, rx) = oneshot::channel();
        tx.send(()).unwrap();
        drop(rx);
        let (tx, rx) = broadcast::channel(4);
        tx.send(()).unwrap();
        drop(rx);
        let (tx, mut rx) = watch::channel(1);
        tx.send(2).unwrap();
        rx.changed().await.unwrap();
        let notify = Notify::new();
        notify.notify_one();
        notify.notified().await;
    });
    let expected = [
        "Task 1 sends: a message goes into one-shot channel 1, which holds 1 of at most 1 now.",
        "The receiver of one-shot channel 1 is gone. 1 message in it will never be received.",
        "Task 1 sends: a message goes into broadcast channel 2, which holds 1 of at most 4 now.",
        "A receiver of broadcast channel 2 is gone, and with it 1 message that no other has to take.",
        "Task 1 sends: watch channel 3 has a new value.",
        "Task 1 sees the newest value of watch channel 3. The value stays there.",
        "Task 1 calls notify 4. No task waits: the call is kept for the next that comes.",
        "Task 1 does not wait: notify 4 had kept a call, and it is used now.",
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_long_poll_is_told_with_what_the_thread_computed() {
    let runtime = Runtime::new().unwrap();
    runtime.trace().start(10);
    runtime.block_on(async {});
    let mut record = runtime.trace().take().remove(0);
    let mut tell = |cpu| {
        record.event = Event::LongPoll {
            task: 1,
            took: Duration::from_millis(30),
            cpu,
            at: Place {
                file: "app.rs",
                line: 1,
            },
        };
        let state = Snapshot::default();
        story::tell(std::slice::from_ref(&record), &state, &state)
    };
    let first =
        "A warning: task 1 has held the thread for 30 ms. No other task could run meanwhile.";
    assert_eq!(tell(None), first);
    let computed = format!("{first} It computed.");
    assert_eq!(tell(Some(97)), computed);
    let held_up = format!(
        "{first} It computed in 2 % of that time. In the rest it was held up: by a call that blocks, or \
         because other threads had the cores."
    );
    assert_eq!(tell(Some(2)), held_up);
}
