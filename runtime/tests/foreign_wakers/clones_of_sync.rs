//! The clone of a waker makes the awaited thing happen, in `sync`: see `clones.rs`.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use runtime::sync::{
    Barrier, CancellationToken, Mutex, Notify, OnceCell, RwLock, Semaphore, broadcast, mpsc,
    oneshot, watch,
};

use super::clones::{case, hears};
use super::tasks::poll_once;

fn shared<T>(value: T) -> Rc<RefCell<T>> {
    Rc::new(RefCell::new(value))
}

#[test]
fn a_receiver_of_mpsc_hears_what_the_clone_of_its_waker_sent() {
    hears("recv, a message", || {
        let (tx, mut rx) = mpsc::channel(1);
        let sender = tx.clone();
        case(async move { (rx.recv().await, tx) }, move || {
            sender.try_send(1).unwrap();
        })
    });
    hears("recv, the last sender gone", || {
        let (tx, mut rx) = mpsc::channel::<u32>(1);
        case(async move { rx.recv().await }, move || drop(tx))
    });
    hears("recv_many", || {
        let (tx, mut rx) = mpsc::unbounded_channel();
        let sender = tx.clone();
        let wait = async move { (rx.recv_many(&mut Vec::new(), 2).await, tx) };
        case(wait, move || sender.send(1).unwrap())
    });
}

#[test]
fn a_sender_of_mpsc_hears_what_the_clone_of_its_waker_did() {
    let full = || {
        let (tx, rx) = mpsc::channel(1);
        tx.try_send(1).unwrap();
        (tx, shared(rx))
    };
    hears("send, a place", || {
        let (tx, rx) = full();
        let receiver = Rc::clone(&rx);
        let wait = async move { (tx.send(2).await, rx) };
        case(wait, move || {
            assert!(receiver.borrow_mut().try_recv().is_ok());
        })
    });
    hears("reserve, the receiver's close", || {
        let (tx, rx) = full();
        case(async move { drop(tx.reserve().await) }, move || {
            rx.borrow_mut().close();
        })
    });
    hears("closed", || {
        let (tx, rx) = full();
        case(async move { tx.closed().await }, move || drop(rx))
    });
    hears("closed, unbounded", || {
        let (tx, mut rx) = mpsc::unbounded_channel::<u32>();
        case(async move { tx.closed().await }, move || rx.close())
    });
}

#[test]
fn both_ends_of_a_oneshot_hear_what_the_clone_of_their_waker_did() {
    hears("receive, the value", || {
        let (tx, rx) = oneshot::channel();
        case(rx, move || tx.send(1).unwrap())
    });
    hears("receive, the sender gone", || {
        let (tx, rx) = oneshot::channel::<u32>();
        case(rx, move || drop(tx))
    });
    hears("closed", || {
        let (mut tx, rx) = oneshot::channel::<u32>();
        case(async move { tx.closed().await }, move || drop(rx))
    });
}

#[test]
fn both_ends_of_a_watch_hear_what_the_clone_of_their_waker_did() {
    hears("changed, a value", || {
        let (tx, mut rx) = watch::channel(0);
        let sender = tx.clone();
        case(async move { (rx.changed().await, tx) }, move || {
            sender.send(1).unwrap();
        })
    });
    hears("changed, the senders gone", || {
        let (tx, mut rx) = watch::channel(0);
        case(async move { rx.changed().await }, move || drop(tx))
    });
    hears("wait_for, a value", || {
        let (tx, mut rx) = watch::channel(0);
        let sender = tx.clone();
        let wait = async move { (*rx.wait_for(|&n| n == 1).await.unwrap(), tx) };
        case(wait, move || sender.send(1).unwrap())
    });
    hears("wait_for, the senders gone", || {
        let (tx, mut rx) = watch::channel(0);
        let wait = async move { rx.wait_for(|&n| n == 1).await.map(drop) };
        case(wait, move || drop(tx))
    });
    hears("closed", || {
        let (tx, rx) = watch::channel(0);
        case(async move { tx.closed().await }, move || drop(rx))
    });
}

#[test]
fn both_ends_of_a_broadcast_hear_what_the_clone_of_their_waker_did() {
    hears("recv, a message", || {
        let (tx, mut rx) = broadcast::channel(1);
        let sender = tx.clone();
        let wait = async move { (rx.recv().await, tx) };
        case(wait, move || assert_eq!(sender.send(1).unwrap(), 1))
    });
    hears("recv, the senders gone", || {
        let (tx, mut rx) = broadcast::channel::<u32>(1);
        case(async move { rx.recv().await }, move || drop(tx))
    });
    hears("closed", || {
        let (tx, rx) = broadcast::channel::<u32>(1);
        case(async move { tx.closed().await }, move || drop(rx))
    });
}

#[test]
fn notified_hears_what_the_clone_of_its_waker_did() {
    type Nudge = fn(&Notify);
    let nudges: [(&str, Nudge); 3] = [
        ("notify_one", Notify::notify_one),
        ("notify_last", Notify::notify_last),
        ("notify_waiters", Notify::notify_waiters),
    ];
    for (name, nudge) in nudges {
        hears(name, || {
            let notify = Arc::new(Notify::new());
            case(Arc::clone(&notify).notified_owned(), move || nudge(&notify))
        });
    }
}

#[test]
fn who_waits_for_permits_hears_what_the_clone_of_its_waker_did() {
    hears("acquire, a permit", || {
        let semaphore = Arc::new(Semaphore::new(0));
        let wait = Arc::clone(&semaphore).acquire_many_owned(2);
        case(wait, move || semaphore.add_permits(2))
    });
    hears("acquire, the close", || {
        let semaphore = Arc::new(Semaphore::new(0));
        case(Arc::clone(&semaphore).acquire_owned(), move || {
            semaphore.close();
        })
    });
    hears("lock", || {
        let mutex = Arc::new(Mutex::new(0));
        let held = Arc::clone(&mutex).try_lock_owned().unwrap();
        case(mutex.lock_owned(), move || drop(held))
    });
    hears("read", || {
        let lock = Rc::new(RwLock::new(0));
        let mut writer = Box::pin({
            let lock = Rc::clone(&lock);
            async move {
                let _held = lock.write().await;
                std::future::pending::<()>().await;
            }
        });
        assert!(poll_once(&mut writer).is_pending());
        case(async move { drop(lock.read().await) }, move || drop(writer))
    });
    hears("get_or_init", || {
        let cell = Rc::new(OnceCell::new());
        let mut first = Box::pin({
            let cell = Rc::clone(&cell);
            async move { *cell.get_or_init(std::future::pending::<u32>).await }
        });
        assert!(poll_once(&mut first).is_pending());
        let wait = async move { *cell.get_or_init(async || 1).await };
        case(wait, move || drop(first))
    });
}

#[test]
fn a_barrier_and_a_token_hear_what_the_clone_of_the_waker_did() {
    hears("barrier", || {
        let barrier = Rc::new(Barrier::new(2));
        let other = Rc::clone(&barrier);
        let event = move || {
            let mut come = Box::pin(async move { other.wait().await });
            let _ = poll_once(&mut come);
            std::mem::forget(come); // it has come, and stays counted
        };
        case(async move { barrier.wait().await }, event)
    });
    hears("cancelled", || {
        let token = CancellationToken::new();
        case(token.clone().cancelled_owned(), move || token.cancel())
    });
    hears("cancelled, by the parent", || {
        let token = CancellationToken::new();
        case(token.child_token().cancelled_owned(), move || {
            token.cancel();
        })
    });
}
