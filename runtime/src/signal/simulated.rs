//! Signals of a simulated host: the test sends them, not the operating system.
//!
//! A host is a process of its own to its program. So what is sent to the process in which the simulation runs (a
//! Ctrl-C, for instance) is no business of the program's, and keeps its effect: it ends the simulation. What the program listens
//! to is a pipe as always; the other end is kept here until the test writes into it.
//!
//! How it can go wrong: the other end is dropped, and the listener takes the end of the pipe for a signal. So the
//! listener itself owns it.

use std::cell::RefCell;
use std::ffi::c_int;
use std::io::Write;
use std::os::unix::net::UnixStream;
use std::rc::{Rc, Weak};

use crate::base::present::{self, During};

thread_local! {
    /// What the host listens to that this thread runs at present.
    static CURRENT: RefCell<Option<Ears>> = const { RefCell::new(None) };
}

/// All listeners of a host. Clones are the same.
#[derive(Clone, Default)]
pub(crate) struct Ears(Rc<RefCell<Vec<Listener>>>);

/// What is listened to, and the other end of the listener's pipe.
type Listener = (c_int, Weak<UnixStream>);

/// The end of a listener's pipe that the simulation writes into.
pub(crate) type Heard = Rc<UnixStream>;

impl Ears {
    /// Listeners that are made on this thread belong to this host from now on.
    pub(crate) fn run(&self) -> During<Ears> {
        present::set(&CURRENT, self.clone())
    }

    /// Sends a signal to all that listen to it, and says how many they are.
    pub(crate) fn send(&self, signal: c_int) -> usize {
        let mut ears = self.0.borrow_mut();
        ears.retain(|(_, ear)| ear.strong_count() > 0);
        let all = ears.iter().filter(|(it, _)| *it == signal);
        // A pipe that is full says already what one more byte would say.
        all.filter_map(|(_, ear)| ear.upgrade())
            .map(|ear| drop((&*ear).write(&[0])))
            .count()
    }
}

/// Keeps the end of a listener's pipe, if this thread runs a host; gives it back if not.
pub(super) fn hear(signal: c_int, end: UnixStream) -> Result<Heard, UnixStream> {
    let Some(ears) = present::get(&CURRENT) else {
        return Err(end);
    };
    let end = Rc::new(end);
    let mut all = ears.0.borrow_mut();
    all.retain(|(_, ear)| ear.strong_count() > 0);
    all.push((signal, Rc::downgrade(&end)));
    Ok(end)
}
