//! A host's disk: its state, and the calls on their way to it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use super::settings::{Settings, Troubles};
use super::state::State;
use crate::base::chance::{Bounds, Chance};
use crate::base::pool::{Pool, Work};
use crate::base::present::{self, During};
use crate::machine::turn::Machine;

/// Makes the seed of the calls' times another one than that of what they do.
const TIMES: u64 = 0x715E;

thread_local! {
    /// The disk of the host that this thread runs at present.
    static CURRENT: RefCell<Option<Disk>> = const { RefCell::new(None) };
}

/// The disk of a host. Clones are one disk.
#[derive(Clone)]
pub(crate) struct Disk(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    queue: Mutex<Queue>,
    pool: Pool,
}

/// The calls on their way.
struct Queue {
    now: Duration,
    latency: Bounds,
    /// How much longer each call takes for a while.
    slower: Duration,
    chance: Chance,
    /// The next number: of two calls that are due at one moment, that comes first which was made first.
    next: u64,
    due: BTreeMap<(Duration, u64), Arc<dyn Work>>,
}

impl Disk {
    pub(crate) fn new(seed: u64, settings: Settings) -> Disk {
        let queue = Queue {
            now: Duration::ZERO,
            latency: settings.latency,
            slower: Duration::ZERO,
            chance: Chance::new(seed ^ TIMES),
            next: 0,
            due: BTreeMap::new(),
        };
        let shared = Arc::new_cyclic(|disk: &Weak<Shared>| {
            let disk = disk.clone();
            let later = move |work| match disk.upgrade() {
                Some(disk) => lock(&disk.queue).add(work),
                None => work.revoke(),
            };
            Shared {
                state: Mutex::new(State::new(seed, settings)),
                queue: Mutex::new(queue),
                pool: Pool::simulated(later),
            }
        });
        Disk(shared)
    }

    /// The calls that are made on this thread go to this disk from now on.
    pub(crate) fn run(&self) -> During<Disk> {
        present::set(&CURRENT, self.clone())
    }

    /// When the next call is done, if any is on its way.
    pub(crate) fn next_due(&self) -> Option<Duration> {
        let queue = lock(&self.0.queue);
        queue.due.keys().next().map(|&(at, _)| at)
    }

    /// How many calls are on their way.
    pub(crate) fn calls(&self) -> usize {
        lock(&self.0.queue).due.len()
    }

    /// Moves the time to `now`, and does what is due by then.
    pub(crate) fn advance(&self, now: Duration) {
        lock(&self.0.queue).now = now;
        self.state().now = now;
        let _here = self.run();
        while let Some(work) = self.take_due(now) {
            work.run();
        }
    }

    fn take_due(&self, now: Duration) -> Option<Arc<dyn Work>> {
        let mut queue = lock(&self.0.queue);
        let first = queue.due.first_entry()?;
        (first.key().0 <= now).then(|| first.remove())
    }

    /// The host has crashed: the calls on their way are not done, and what was not synced is lost, by chance.
    pub(crate) fn crash(&self) {
        let dropped = std::mem::take(&mut lock(&self.0.queue).due);
        self.state().crash();
        drop(dropped); // When nothing is locked: see the folder's heading.
    }

    /// A trouble begins, or ends.
    pub(crate) fn trouble(&self, change: impl FnOnce(&mut Troubles)) {
        let troubles = {
            let mut state = self.state();
            change(&mut state.troubles);
            state.troubles
        };
        lock(&self.0.queue).slower = troubles.slower;
    }

    pub(crate) fn set(&self, settings: &Settings) {
        lock(&self.0.queue).latency = settings.latency;
        self.state().settings = settings.clone();
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0.state)
    }

    pub(super) fn pool(&self) -> &Pool {
        &self.0.pool
    }
}

impl Queue {
    fn add(&mut self, work: Arc<dyn Work>) {
        let at = (self.now + self.chance.time(self.latency)).saturating_add(self.slower);
        self.next += 1;
        self.due.insert((at, self.next), work);
    }
}

/// A panic under the lock leaves a disk that is one all the same.
pub(super) fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The disk of the host that this thread runs at present, if it runs one.
pub(super) fn current() -> Option<Disk> {
    present::get(&CURRENT)
}

/// Calls `give` with the pool on which a call is to be made.
pub(in crate::fs) fn with_pool<R>(machine: &Machine, give: impl FnOnce(&Pool) -> R) -> R {
    match current() {
        Some(disk) => give(disk.pool()),
        None => give(&machine.remote.pool),
    }
}
