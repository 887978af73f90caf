//! The ear of the stepper in `tiny_runtime`: each deed of that runtime is told here, beside the line that
//! does it. When the example runs alone, nothing listens, and `told` gives back the number that it was given.
//! The machines of `examples/lab` tell their deeds in the same way.
#![allow(
    unreachable_pub,
    reason = "public in the lab, and private in the example"
)]

use std::cell::Cell;
use std::panic::Location;

/// A line of source.
pub type Line = &'static Location<'static>;

/// What `tiny_runtime` does. The lines are those of the program that asked for it.
#[derive(Clone, Copy, Debug)]
#[allow(dead_code, reason = "the stepper reads the fields")]
pub enum Deed {
    /// A task lies in the slab.
    Spawns(Line),
    /// Its header goes on the queue.
    Queues,
    /// Its future is taken out, to be polled.
    Polls,
    /// It said `Pending`: its future goes back.
    PutsBack,
    /// It said `Ready`: its place becomes free.
    Ends,
    /// The task that is being polled waits for the end of this one.
    Joins,
    /// It waits for so many milliseconds.
    Sleeps(Line, u64),
    /// This deadline is over.
    Fires,
    /// A socket of this type is given to the reactor.
    Registers(Line, &'static str),
    /// An attempt would block: the task waits for a change of this socket.
    Blocks(Line),
    /// The operating system tells of a socket: whether it can be read, and written.
    Ready(bool, bool),
    /// The reactor forgets the socket.
    Closes,
    /// The thread goes to sleep.
    Parks,
    /// The thread is back, with so many events.
    Unparks,
}

/// What listens: it is told the deed, the number of what it is done to, and the line that does it.
pub type Ear = fn(Deed, usize, Line);

thread_local! {
    /// What listens on this thread.
    pub static EAR: Cell<Option<Ear>> = const { Cell::new(None) };
}

/// Tells the deed, if anything listens on this thread. The number is that of the task, timer or socket.
#[track_caller]
pub fn told(deed: Deed, number: usize) -> usize {
    if let Ok(Some(ear)) = EAR.try_with(Cell::get) {
        ear(deed, number, Location::caller());
    }
    number
}
