use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread;

use super::pool::{Limits, Pool, Work};
use super::room::KEPT;

/// Waits for a word, if it is to.
struct Job(Option<Mutex<Receiver<()>>>);

impl Work for Job {
    fn run(self: Arc<Self>) {
        if let Some(door) = &self.0 {
            door.lock().unwrap().recv().unwrap();
        }
    }

    fn revoke(self: Arc<Self>) {}
}

#[test]
fn the_room_of_a_long_queue_is_given_back_before_the_queue_is_empty() {
    let pool = Pool::new(Limits {
        threads: 1,
        ..Limits::default()
    });
    let give = |door| pool.give(Arc::new(Job(door))).unwrap();
    let (open_first, first) = channel();
    let (open_last, last) = channel();
    give(Some(Mutex::new(first)));
    (0..20_000).for_each(|_| give(None));
    give(Some(Mutex::new(last)));
    give(None);
    assert!(pool.0.lock().queue.capacity() > 20_000);
    open_first.send(()).unwrap();
    while pool.0.lock().queue.len() > 1 {
        thread::yield_now();
    }
    assert!(pool.0.lock().queue.capacity() <= KEPT);
    open_last.send(()).unwrap();
    pool.close(None);
}
