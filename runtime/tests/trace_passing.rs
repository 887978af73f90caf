//! What passes through channels, as events and in a snapshot: places, messages, values, calls.

#![cfg(feature = "trace")]

#[path = "support/events.rs"]
mod events;
#[path = "support/tasks.rs"]
mod tasks;

use std::collections::BTreeSet;
use std::future::pending;
use std::rc::Rc;

use events::{events, traced};
use runtime::join;
use runtime::runtime::Runtime;
use runtime::sync::{Notify, broadcast, mpsc, oneshot, watch};
use runtime::time::{Duration, sleep, timeout};
use runtime::trace::{Event, Shared, Snapshot, Wait};
use tasks::run_dry;

/// What the events say of that which passes between tasks.
fn told(runtime: &Runtime) -> Vec<String> {
    let words = |event: Event| {
        Some(match event {
            Event::Taken {
                shared: Shared::MpscPlace,
                number,
                count,
                ..
            } => format!("{number} reserved x{count}"),
            Event::GivenBack { number, count, .. } => format!("{number} back x{count}"),
            Event::HandedOver { number, count, .. } => format!("{number} over x{count}"),
            Event::LineLeft {
                number, granted, ..
            } => format!("{number} left {granted}"),
            Event::Sent {
                number,
                length,
                bound,
                reserved,
                ..
            } => {
                let bound = bound.map_or("any".to_owned(), |bound| bound.to_string());
                let by = if reserved { "by permit " } else { "" };
                format!("{number} sent {by}{length}/{bound}")
            }
            Event::Received { number, length, .. } => format!("{number} received {length}"),
            Event::ReceiverGone { number, lost, .. } => format!("{number} gone {lost}"),
            Event::SendersGone { number, .. } => format!("{number} gets no more"),
            Event::Waiting {
                on: Wait::Shared(_, number),
                ..
            } => format!("{number} waits"),
            Event::Woken { task, .. } => format!("woken {task}"),
            _ => return None,
        })
    };
    events(runtime).into_iter().filter_map(words).collect()
}

/// The one thing that the state has an account of: its kind, length, and the tasks that hold of it.
fn the_thing(snapshot: &Snapshot) -> (Shared, usize, Vec<Option<u64>>) {
    assert_eq!(snapshot.shared.len(), 1);
    let (_, view) = snapshot.shared.first_key_value().unwrap();
    let holders = view.holders.iter().map(|holder| holder.task);
    (view.kind, view.length, holders.collect())
}

/// The state now, which must be the one that the events make.
fn state(runtime: &Runtime) -> Snapshot {
    let (live, recording) = (runtime.snapshot(), runtime.trace().recording());
    let rebuilt = recording.state_at(recording.records().len());
    assert_eq!(live.shared, rebuilt.shared);
    live
}

#[test]
fn a_place_is_reserved_and_becomes_the_messages_or_is_given_back() {
    let runtime = traced();
    runtime.block_on(async {
        let (tx, mut rx) = mpsc::channel(2);
        let first = tx.reserve().await.unwrap();
        let second = tx.clone().try_reserve_owned().unwrap();
        let held = (Shared::MpscMessage, 0, vec![Some(1), Some(1)]);
        assert_eq!(the_thing(&state(&runtime)), held);
        first.send("by permit");
        let held = (Shared::MpscMessage, 1, vec![Some(1)]);
        assert_eq!(the_thing(&state(&runtime)), held);
        drop(second);
        assert_eq!(rx.recv().await, Some("by permit"));
        assert_eq!(state(&runtime).shared.len(), 0);
        drop(rx);
        assert!(tx.reserve().await.is_err());
    });
    let expected = [
        "woken 1",
        "1 reserved x1",
        "1 reserved x1",
        "1 sent by permit 1/2",
        "1 back x1",
        "1 received 0",
        "1 gone 0",
    ];
    assert_eq!(told(&runtime), expected);
}

#[test]
fn a_place_goes_to_the_first_in_line_and_one_that_gives_up_passes_it_on() {
    let runtime = traced();
    let (tx, mut rx) = mpsc::channel(1);
    tx.try_send(0).unwrap();
    for message in [1, 2] {
        let tx = tx.clone();
        drop(runtime.spawn(async move { tx.send(message).await.unwrap() }));
    }
    drop(tx);
    run_dry(&runtime);
    runtime.block_on(async {
        assert_eq!(rx.recv().await, Some(0));
        // The first has the place, and both are in the channel when this goes on.
        assert_eq!(rx.recv().await, Some(1));
        assert_eq!(rx.recv().await, Some(2));
    });
    let told = told(&runtime);
    let from = told.iter().position(|line| line == "1 received 0").unwrap();
    let expected = [
        "1 received 0",
        "1 over x1",
        "woken 1",
        "1 waits",
        "1 sent 1/1",
        "woken 3",
        "1 received 0",
        "1 over x1",
        "woken 2",
        "1 waits",
        "1 sent 1/1",
        "woken 3",
        "1 gets no more",
        "1 received 0",
    ];
    assert_eq!(told[from..], expected);
}

#[test]
fn a_wait_for_a_place_that_is_given_up_leaves_the_line() {
    let runtime = traced();
    runtime.block_on(async {
        let (tx, rx) = mpsc::channel(1);
        let permit = tx.reserve().await.unwrap();
        let late = timeout(Duration::from_millis(1), tx.send(1)).await;
        late.unwrap_err();
        drop((permit, rx));
    });
    let expected = [
        "woken 1",
        "1 reserved x1",
        "1 waits",
        "woken 1",
        "1 waits",
        "1 left false",
        "1 back x1",
        "1 gone 0",
    ];
    assert_eq!(told(&runtime), expected);
}

#[test]
fn who_has_reserved_every_place_and_waits_for_one_is_in_a_deadlock() {
    let runtime = traced();
    let (tx, mut rx) = mpsc::channel::<u32>(1);
    drop(runtime.spawn(async move {
        let _permit = tx.reserve().await.unwrap();
        tx.send(1).await.unwrap();
    }));
    drop(runtime.spawn(async move { rx.recv().await }));
    run_dry(&runtime);
    let snapshot = state(&runtime);
    let place = Wait::Shared(Shared::MpscPlace, 1);
    assert_eq!(snapshot.holders(place)[0].task, Some(1));
    let message = Wait::Shared(Shared::MpscMessage, 1);
    assert!(snapshot.holders(message).is_empty());
    assert_eq!(snapshot.stuck(), BTreeSet::from([1, 2]));
}

#[test]
fn a_full_channel_is_not_held_by_who_has_reserved_a_place_while_a_message_takes_one() {
    let runtime = traced();
    let (tx, rx) = mpsc::channel(2);
    tx.try_send(0).unwrap();
    drop(runtime.spawn(async move {
        let _permit = tx.reserve().await.unwrap();
        tx.send(1).await.unwrap();
    }));
    run_dry(&runtime);
    // The runtime has not seen the first message: it was sent outside. So no task is said to be in a deadlock
    // while another can go on. The message of a second channel it has seen.
    drop(runtime.spawn(async { sleep(Duration::from_secs(1)).await }));
    run_dry(&runtime);
    assert!(state(&runtime).stuck().is_empty());
    let (tx, second_rx) = mpsc::channel(2);
    drop(runtime.spawn(async move {
        tx.send(0).await.unwrap();
        let _permit = tx.reserve().await.unwrap();
        tx.send(1).await.unwrap();
    }));
    run_dry(&runtime);
    let holders = |number| {
        let place = Wait::Shared(Shared::MpscPlace, number);
        state(&runtime).holders(place).len()
    };
    assert_eq!((holders(1), holders(2)), (1, 0));
    drop((rx, second_rx));
}

#[test]
fn a_one_shot_channel_tells_of_its_message_and_of_its_loss() {
    let runtime = traced();
    let (tx, rx) = oneshot::channel();
    let receiver = runtime.spawn(rx);
    drop(runtime.spawn(async move { tx.send("wool").unwrap() }));
    assert_eq!(runtime.block_on(receiver).unwrap(), Ok("wool"));
    drop(runtime.spawn(async {
        let (tx, rx) = oneshot::channel();
        tx.send("lost").unwrap();
        drop(rx);
        pending::<()>().await;
    }));
    run_dry(&runtime);
    assert!(state(&runtime).shared.is_empty());
    let told = told(&runtime);
    let passing: Vec<&String> = told.iter().filter(|line| !line.contains("woken")).collect();
    let expected = [
        "1 waits",
        "1 sent 1/1",
        "1 received 0",
        "2 sent 1/1",
        "2 gone 1",
    ];
    assert_eq!(passing, expected);
}

#[test]
fn a_broadcast_channel_tells_how_many_messages_are_still_to_be_taken() {
    let runtime = traced();
    runtime.block_on(async {
        let (tx, mut first) = broadcast::channel(2);
        let mut second = tx.subscribe();
        for message in 1..=3 {
            tx.send(message).unwrap();
        }
        let held = (Shared::Broadcast, 2, vec![]);
        assert_eq!(the_thing(&state(&runtime)), held);
        first.recv().await.unwrap_err(); // it has missed one
        assert_eq!(first.recv().await, Ok(2));
        second.recv().await.unwrap_err();
        assert_eq!(second.recv().await, Ok(2));
        drop(first);
        drop(second);
        assert!(state(&runtime).shared.is_empty());
    });
    let expected = [
        "woken 1",
        "1 sent 1/2",
        "1 sent 2/2",
        "1 sent 2/2",
        "1 received 2",
        "1 received 1",
        "1 gone 0",
        "1 gone 1",
    ];
    assert_eq!(told(&runtime), expected);
}

#[test]
fn a_watch_channel_tells_of_each_value_that_is_new_and_that_it_was_seen() {
    let runtime = traced();
    runtime.block_on(async {
        let (tx, mut rx) = watch::channel(0);
        tx.send(1).unwrap();
        rx.changed().await.unwrap();
        assert_eq!(*rx.borrow_and_update(), 1); // seen already
        tx.send_if_modified(|_| false);
        tx.send(2).unwrap();
        assert_eq!(*rx.borrow_and_update(), 2);
        tx.send(3).unwrap();
        assert_eq!(*rx.wait_for(|value| *value == 3).await.unwrap(), 3);
        drop(tx);
        rx.changed().await.unwrap_err();
        assert!(state(&runtime).shared.is_empty());
    });
    let (sent, seen, end) = ("1 sent 1/1", "1 received 1", "1 gets no more");
    assert_eq!(
        told(&runtime),
        ["woken 1", sent, seen, sent, seen, sent, seen, end]
    );
}

#[test]
fn a_call_of_a_notify_is_kept_used_or_handed_over() {
    let runtime = traced();
    let notify = Rc::new(Notify::new());
    let theirs = Rc::clone(&notify);
    runtime.block_on(async {
        notify.notify_one();
        notify.notify_one(); // kept once
        let held = (Shared::Notify, 1, vec![]);
        assert_eq!(the_thing(&state(&runtime)), held);
        notify.notified().await;
        assert!(state(&runtime).shared.is_empty());
        let waiter = runtime::spawn(async move { theirs.notified().await });
        runtime::task::yield_now().await;
        notify.notify_one();
        waiter.await.unwrap();
    });
    let told = told(&runtime);
    let kept = ["1 sent 1/1", "1 sent 1/1", "1 received 0"];
    assert_eq!(told[1..4], kept);
    let over = told.iter().position(|line| line == "1 over x1").unwrap();
    assert_eq!(told[over + 1], "woken 2");
}

#[test]
fn the_last_sender_that_is_dropped_is_told_before_the_wake_that_it_causes() {
    let runtime = traced();
    runtime.block_on(async {
        let (tx, mut rx) = mpsc::unbounded_channel::<()>();
        let (one, other) = (tx.clone(), tx);
        drop(one);
        assert_eq!(join!(rx.recv(), async { drop(other) }).0, None);
        let (tx, mut rx) = broadcast::channel::<()>(1);
        join!(rx.recv(), async { drop(tx) }).0.unwrap_err();
        let (tx, mut rx) = watch::channel(());
        join!(rx.changed(), async { drop(tx) }).0.unwrap_err();
        let (tx, rx) = oneshot::channel::<()>();
        join!(rx, async { drop(tx) }).0.unwrap_err();
    });
    let told = told(&runtime);
    let told: Vec<&str> = told.iter().skip(1).map(String::as_str).collect();
    let of_one = |n: u64| {
        let lines = ["waits", "gets no more"].map(|what| format!("{n} {what}"));
        lines.into_iter().chain(["woken 1".to_owned()])
    };
    // Receivers that are dropped where the channel has ended are told, too.
    let told: Vec<_> = told.into_iter().filter(|it| !it.contains("gone")).collect();
    assert_eq!(told, (1..=4).flat_map(of_one).collect::<Vec<_>>());
}

#[test]
fn a_sender_without_a_receiver_and_one_that_has_sent_end_nothing() {
    let runtime = traced();
    runtime.block_on(async {
        let (tx, rx) = mpsc::channel::<()>(1);
        drop(rx);
        drop(tx);
        let (tx, rx) = oneshot::channel();
        tx.send(()).unwrap();
        rx.await.unwrap();
    });
    let told = told(&runtime);
    assert!(
        !told.iter().any(|it| it.contains("gets no more")),
        "{told:?}"
    );
}
