//! What channels, locks and cells tell about themselves without a wait: which channel an end belongs
//! to, how many ends and messages there are, what an error gives back.

use std::sync::Arc;

use runtime::sync::mpsc::error::{SendTimeoutError, TrySendError};
use runtime::sync::{Mutex, MutexGuard, OnceCell, OwnedMutexGuard, Semaphore};
use runtime::sync::{broadcast, mpsc, oneshot, watch};

#[test]
fn an_end_knows_the_other_ends_of_its_channel() {
    let ((tx, _rx), (other, _other_rx)) = (mpsc::channel::<u32>(2), mpsc::channel::<u32>(2));
    assert!(tx.same_channel(&tx.clone()) && !tx.same_channel(&other));
    let (one, two) = (tx.clone().try_reserve_owned().unwrap(), tx.clone());
    assert!(one.same_channel_as_sender(&tx) && !one.same_channel_as_sender(&other));
    let two = two.try_reserve_owned().unwrap();
    assert!(one.same_channel(&two) && !one.same_channel(&other.try_reserve_owned().unwrap()));

    let ((tx, _rx), (other, _)) = (mpsc::unbounded_channel::<u32>(), mpsc::unbounded_channel());
    assert!(tx.same_channel(&tx.clone()) && !tx.same_channel(&other));

    let ((tx, rx), (other_tx, other_rx)) = (broadcast::channel::<u32>(8), broadcast::channel(8));
    assert!(tx.same_channel(&tx.clone()) && !tx.same_channel(&other_tx));
    assert!(rx.same_channel(&tx.subscribe()) && !rx.same_channel(&other_rx));

    let ((tx, rx), (other_tx, other_rx)) = (watch::channel(1), watch::channel(1));
    assert!(tx.same_channel(&tx.clone()) && !tx.same_channel(&other_tx));
    assert!(rx.same_channel(&rx.clone()) && !rx.same_channel(&other_rx));
}

#[test]
fn a_bounded_channel_counts_its_messages_places_and_senders() {
    let (tx, rx) = mpsc::channel(5);
    assert!(rx.is_empty());
    tx.try_send(1).unwrap();
    assert_eq!((rx.len(), rx.is_empty()), (1, false));
    assert_eq!((tx.capacity(), tx.max_capacity()), (4, 5));
    assert_eq!((rx.capacity(), rx.max_capacity()), (4, 5));
    let _other = tx.clone();
    assert_eq!((tx.strong_count(), rx.sender_strong_count()), (2, 2));
}

#[test]
fn an_end_knows_that_the_other_side_is_gone() {
    let (tx, mut rx) = mpsc::channel::<u32>(1);
    assert!(!tx.is_closed() && !rx.is_closed());
    rx.close();
    assert!(tx.is_closed());
    let (tx, rx) = mpsc::channel::<u32>(1);
    drop(tx);
    assert!(rx.is_closed());
    let (tx, rx) = mpsc::unbounded_channel::<u32>();
    assert!(!tx.is_closed());
    drop(rx);
    assert!(tx.is_closed());

    let (tx, mut rx) = oneshot::channel::<u32>();
    assert!(!tx.is_closed());
    rx.close();
    assert!(tx.is_closed());

    let (tx, rx) = broadcast::channel::<u32>(8);
    assert!(!rx.is_closed());
    drop(tx);
    assert!(rx.is_closed());

    let (tx, rx) = watch::channel(1);
    let (late_tx, late_rx) = watch::channel(1);
    drop((rx, late_tx));
    assert!(tx.is_closed() && late_rx.is_closed());
}

#[test]
fn a_channel_to_many_counts_its_ends() {
    let (tx, rx) = broadcast::channel(8);
    assert!(tx.is_empty() && rx.is_empty());
    tx.send(1).unwrap();
    assert_eq!((tx.len(), rx.len()), (1, 1));
    assert_eq!((tx.strong_count(), rx.sender_strong_count()), (1, 1));
    let _two = tx.subscribe();
    assert_eq!(tx.receiver_count(), 2);

    let tx = watch::Sender::new(1);
    assert_eq!((*tx.borrow(), tx.receiver_count()), (1, 0));
    let (_other, _rx) = (tx.clone(), tx.subscribe());
    assert_eq!((tx.sender_count(), tx.receiver_count()), (2, 1));
}

#[test]
fn a_oneshot_receiver_knows_whether_there_is_a_message_and_whether_it_has_had_it() {
    let (tx, mut rx) = oneshot::channel();
    assert!(rx.is_empty() && !rx.is_terminated());
    tx.send(1).unwrap();
    assert!(!rx.is_empty() && !rx.is_terminated());
    rx.try_recv().unwrap();
    assert!(rx.is_terminated());
}

#[test]
fn a_guard_and_a_permit_know_where_they_come_from() {
    let mutex = Arc::new(Mutex::new(1));
    let guard = mutex.try_lock().unwrap();
    assert!(std::ptr::eq(MutexGuard::mutex(&guard), &*mutex));
    drop(guard);
    let guard = Arc::clone(&mutex).try_lock_owned().unwrap();
    assert!(Arc::ptr_eq(OwnedMutexGuard::mutex(&guard), &mutex));

    let semaphore = Arc::new(Semaphore::new(3));
    let permit = semaphore.try_acquire().unwrap();
    assert!(std::ptr::eq(permit.semaphore(), &*semaphore));
    let owned = Arc::clone(&semaphore).try_acquire_owned().unwrap();
    assert!(Arc::ptr_eq(owned.semaphore(), &semaphore));
    assert_eq!((owned.num_permits(), semaphore.available_permits()), (1, 1));
    assert!(!semaphore.is_closed());
    semaphore.close();
    assert!(semaphore.is_closed());
}

#[test]
fn a_once_cell_knows_whether_it_is_full() {
    let cell = OnceCell::new();
    assert!(!cell.initialized() && cell.get().is_none());
    cell.set(5).unwrap();
    assert!(cell.initialized());
    assert_eq!(cell.get(), Some(&5));
    assert!(cell.set(2).unwrap_err().is_already_init_err());
}

#[test]
fn an_error_gives_the_message_back() {
    assert_eq!(TrySendError::Full(7).into_inner(), 7);
    assert_eq!(TrySendError::Closed(7).into_inner(), 7);
    assert_eq!(SendTimeoutError::Timeout(7).into_inner(), 7);
    assert_eq!(SendTimeoutError::Closed(7).into_inner(), 7);
}
