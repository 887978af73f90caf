//! The inbox: how other threads reach this one.
//!
//! The run queue belongs to one thread and is made of plain cells. A wake from any other
//! thread (a worker that finished, a signal, another runtime) cannot touch it; it leaves
//! a message here instead, and the owner empties the inbox once a round.
//!
//! The hard part is sleep. The owner is about to park in the operating system; a message
//! arrives just before. Who notices? The argument is short because one lock guards both
//! facts, "there are messages" and "the owner is parked":
//!
//! ```text
//!   owner, before parking             sender
//!     lock                              lock
//!     messages? then do not park        leave the message
//!     parked = true                     was parked? then parked = false, and unpark
//!     unlock                            unlock
//! ```
//!
//! The one that takes the lock second sees what the first one did. If the owner was first, the
//! sender sees `parked` and unparks it; if the sender was first, the owner sees the
//! message and does not park. There is no third order, so no message is slept through.
//! And because the first sender clears `parked`, a thousand senders unpark once: one
//! write to the eventfd, not a thousand.
//!
//! A task may be woken a thousand times while the owner is busy. Each task therefore has
//! a [`Mark`]: its wake lies in the inbox at most once, however often it is called.
//!
//! This file takes its lock from `crate::base::shim`. The test `loom_inbox` compiles the same
//! file with loom's lock in that place and tries every order in which the threads can run.

use crate::base::room::{KEPT, Roomy};
use crate::base::shim::{AtomicBool, Mutex, MutexGuard, Ordering};

/// Messages from any thread to the one that owns the receiving end.
pub(crate) struct Inbox<M> {
    shared: Mutex<Shared<M>>,
    /// A hint for the owner, read without the lock: there may be messages. It decides
    /// only *when* the owner looks; whether it may park is decided under the lock.
    hint: AtomicBool,
    /// Whether the owner is parked, or about to. Set under the lock. The owner clears it
    /// without, when it comes back: a sender that still sees the old value unparks once
    /// too often, which costs a system call and nothing else.
    parked: AtomicBool,
    /// Gets the owner out of the operating system.
    unpark: Box<dyn Fn() + Send + Sync>,
}

struct Shared<M> {
    messages: Roomy<Vec<M>>,
    /// The owner is to go round its loop, though there is no message: see
    /// [`Inbox::nudge`].
    nudged: bool,
    /// The owner is gone: nothing is accepted any more.
    closed: bool,
}

/// Whether a sender's message lies in the inbox, or is about to.
///
/// Setting it needs no lock, and a sender that finds it set is done. Is nothing lost
/// then? The owner lowers it before it does what the message asks for. A sender that finds
/// it raised came before that, in the one order in which all changes of this one flag
/// happen; so the owner, when it lowers it, sees all that the sender did before. (That is
/// what `swap` gives, on both sides, and a mere look would not.)
pub(crate) struct Mark(AtomicBool);

impl Mark {
    pub(crate) fn new() -> Mark {
        Mark(AtomicBool::new(false))
    }

    /// Owner: the message has been taken out.
    pub(crate) fn clear(&self) {
        self.0.swap(false, Ordering::AcqRel);
    }

    /// Sender: raises it; says whether it was up.
    fn set(&self) -> bool {
        self.0.swap(true, Ordering::AcqRel)
    }
}

impl<M> Inbox<M> {
    pub(crate) fn new(unpark: impl Fn() + Send + Sync + 'static) -> Inbox<M> {
        Inbox {
            shared: Mutex::new(Shared {
                messages: Roomy::default(),
                nudged: false,
                closed: false,
            }),
            hint: AtomicBool::new(false),
            parked: AtomicBool::new(false),
            unpark: Box::new(unpark),
        }
    }

    /// Leaves a message. Gives it back if the owner is gone.
    pub(crate) fn send(&self, message: M) -> Result<(), M> {
        let shared = self.lock();
        if shared.closed {
            drop(shared);
            return Err(message);
        }
        self.deliver(shared, message);
        Ok(())
    }

    /// Leaves a message unless one with this mark lies there already, or the owner is
    /// gone. `message` is made under the lock: it must only move or count a reference.
    pub(crate) fn send_once(&self, mark: &Mark, message: impl FnOnce() -> M) {
        if mark.set() {
            return;
        }
        let shared = self.lock();
        if !shared.closed {
            self.deliver(shared, message());
        }
    }

    fn deliver(&self, mut shared: MutexGuard<'_, Shared<M>>, message: M) {
        shared.messages.push(message);
        self.hint.store(true, Ordering::Relaxed);
        let was_parked = self.parked.load(Ordering::Relaxed);
        if was_parked {
            self.parked.store(false, Ordering::Relaxed);
        }
        drop(shared);
        if was_parked {
            (self.unpark)();
        }
    }

    /// Whether it is worth looking. A message left a moment ago may not show yet.
    #[inline]
    pub(crate) fn may_have_messages(&self) -> bool {
        self.hint.load(Ordering::Relaxed)
    }

    /// Owner: moves all messages to the end of `into`, calling `taken` for each before it lets
    /// go of the lock (that is where a [`Mark`] is cleared).
    pub(crate) fn take(&self, into: &mut Vec<M>, taken: impl Fn(&M)) {
        let mut shared = self.lock();
        self.hint.store(false, Ordering::Relaxed);
        shared.messages.iter().for_each(taken);
        if into.is_empty() {
            std::mem::swap(into, &mut *shared.messages);
        } else {
            into.append(&mut shared.messages);
        }
    }

    /// Owner: announces that it is going to park. False: there is mail, or a nudge; do not.
    pub(crate) fn prepare_to_park(&self) -> bool {
        let mut shared = self.lock();
        let nudged = std::mem::take(&mut shared.nudged);
        let may_park = shared.messages.is_empty() && !nudged;
        if may_park {
            shared.messages.give_back(KEPT);
            self.parked.store(true, Ordering::Relaxed);
        }
        may_park
    }

    /// Owner: it is awake again.
    pub(crate) fn unparked(&self) {
        self.parked.store(false, Ordering::Relaxed);
    }

    /// Has the owner go round its loop once more, without a message: gets it out of the
    /// operating system if it is parked, and keeps it from parking once if it is not. (It
    /// may be on its way there, having looked a moment ago at whatever has changed since.)
    pub(crate) fn nudge(&self) {
        let mut shared = self.lock();
        let was_parked = self.parked.swap(false, Ordering::Relaxed);
        shared.nudged |= !was_parked;
        drop(shared);
        if was_parked {
            (self.unpark)();
        }
    }

    /// Owner: accepts nothing from now on; returns what was still lying here, for the
    /// caller to drop outside the lock.
    pub(crate) fn close(&self) -> Vec<M> {
        let mut shared = self.lock();
        shared.closed = true;
        std::mem::take(&mut *shared.messages)
    }

    /// How many messages lie in it.
    pub(crate) fn len(&self) -> usize {
        self.lock().messages.len()
    }

    /// No code that could panic runs under the lock, so a poisoned one is only a lock.
    fn lock(&self) -> MutexGuard<'_, Shared<M>> {
        match self.shared.lock() {
            Ok(guard) => guard,
            Err(poisoned) => poisoned.into_inner(),
        }
    }
}
