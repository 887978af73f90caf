//! The executor: owns the tasks, and polls the ones that are ready.
//!
//! All tasks lie in one slab: an array whose places are used again. The run queue holds
//! keys, not tasks; to poll one, the executor takes it out of the slab and puts it back if it
//! waits (`machine/executor/polling.rs`).
//!
//! The executor does not know the driver. It can be stepped, and tested, without a timer
//! or a socket; `machine/turn.rs` alternates the two.
//!
//! A poll spends no allocation. A spawn allocates twice, for the future and for the join
//! cell (and once more for a large future: `boxed.rs`). Headers are used again, and so is the
//! memory of the slab and the queue; what a burst of tasks took is given back when the machine has
//! nothing to do (`room.rs`).

mod polling;
mod report;
mod root;
mod slot;

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::panic::Location;
use std::rc::Rc;
use std::sync::{Arc, Weak};

use crate::machine::clock::Clock;
use crate::machine::foreign::drop_quietly;
use crate::machine::inbox::Inbox;
use crate::machine::jobs::InFlightJobs;
use crate::machine::room::{KEPT, Roomy, Slots};
use crate::machine::run_queue::{Key, RunQueue};
use crate::machine::task::{
    Detached, Header, JoinCell, JoinHandle, Message, Outcome, RemoteSpawn, Spawned, TaskFuture,
};
use crate::trace::{Cause, End, Event, Place, Recorder, emit};
pub(crate) use root::{Root, RootGuard};
use slot::{Names, TaskMeta, TaskSlot};

/// Headers kept for tasks to come. One is 48 bytes.
const SPARE_HEADERS: usize = 16 * 1024;

/// See the file's heading.
pub(crate) struct Executor {
    queue: Rc<RunQueue>,
    inbox: Arc<Inbox<Message>>,
    tasks: RefCell<Slots<TaskSlot>>,
    spare: RefCell<Vec<Arc<Header>>>,
    /// Where the messages go when the inbox is emptied; kept for its memory.
    mail: Cell<Roomy<Vec<Message>>>,
    /// The number of the next task.
    next: Cell<u64>,
    /// The names of those tasks that have one.
    names: Names,
    /// The root, which has no place in the slab, and its number.
    root: Cell<Option<(u64, TaskMeta)>>,
    /// The root is in its poll.
    root_is_out: Cell<bool>,
    /// The root's header, which is the caller's.
    root_header: RefCell<Weak<Header>>,
    /// The runtime is being shut down: nothing begins any more.
    closed: Cell<bool>,
    /// The jobs that are in flight on the blocking pool.
    jobs: InFlightJobs,
    clock: Rc<Clock>,
    trace: Rc<Recorder>,
}

impl Executor {
    pub(crate) fn new(
        inbox: Arc<Inbox<Message>>,
        clock: Rc<Clock>,
        trace: Rc<Recorder>,
    ) -> Executor {
        let home = Arc::as_ptr(&inbox).addr();
        Executor {
            queue: Rc::new(RunQueue::new(home, Rc::clone(&trace))),
            inbox,
            tasks: RefCell::default(),
            spare: RefCell::default(),
            mail: Cell::default(),
            next: Cell::new(1),
            names: Names::default(),
            root: Cell::new(None),
            root_is_out: Cell::new(false),
            root_header: RefCell::default(),
            closed: Cell::new(false),
            jobs: InFlightJobs::new(Rc::clone(&trace)),
            clock,
            trace,
        }
    }

    pub(crate) fn queue(&self) -> &Rc<RunQueue> {
        &self.queue
    }

    /// Makes a task of `future` and queues it.
    pub(crate) fn spawn<F>(
        &self,
        future: F,
        at: &'static Location<'static>,
    ) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
    {
        self.spawn_for(future, |state| state, at)
    }

    /// Makes a task of `future` and queues it. Its result goes to what `outcome` makes of the
    /// join cell.
    pub(crate) fn spawn_for<F, O>(
        &self,
        future: F,
        outcome: impl FnOnce(Rc<JoinCell<F::Output>>) -> O,
        at: &'static Location<'static>,
    ) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        O: Outcome<F::Output> + 'static,
    {
        let state = self.insert(at, |key| {
            let state = JoinCell::new(key, Rc::clone(&self.queue));
            let outcome = outcome(Rc::clone(&state));
            (Box::pin(Spawned::new(future, outcome)), state)
        });
        JoinHandle::new(state)
    }

    /// Makes a task without a handle, and queues it: nothing is shared with a joiner.
    pub(crate) fn spawn_detached<F>(&self, future: F, at: &'static Location<'static>)
    where
        F: Future + 'static,
    {
        self.insert(at, |_| (Box::pin(Spawned::new(future, Detached)), ()));
    }

    /// Gives the task that `make` makes a slot, and puts it on the run queue.
    #[inline(always)]
    fn insert<R>(
        &self,
        at: &'static Location<'static>,
        make: impl FnOnce(Key) -> (TaskFuture, R),
    ) -> R {
        let mut tasks = self.tasks.borrow_mut();
        let place = tasks.vacant_entry();
        let key = self.new_key(place.key());
        let (future, result) = make(key);
        if self.trace.needs_slow_path() {
            drop(tasks);
            self.insert_and_emit(key, future, at);
        } else {
            place.insert(self.slot(key, future, at));
            drop(tasks);
            self.queue.push_without_event(key);
        }
        result
    }

    /// A number for a job on the blocking pool, and what its handle shares.
    pub(crate) fn new_job<T>(&self) -> (u64, Rc<JoinCell<T>>) {
        let key = self.new_key(Key::JOB as usize);
        (key.task, JoinCell::new(key, Rc::clone(&self.queue)))
    }

    pub(crate) fn jobs(&self) -> &InFlightJobs {
        &self.jobs
    }

    /// The future of the task that is spawned next, with a name, which is forgotten when the
    /// future is gone.
    pub(crate) fn named<F: Future>(
        &self,
        future: F,
        name: &str,
    ) -> impl Future<Output = F::Output> + use<F> {
        let name = self.names.keep(self.next.get(), name);
        async move {
            let _name = name;
            future.await
        }
    }

    /// Makes a task of what came in through the inbox, and queues it.
    fn spawn_remote(&self, spawn: RemoteSpawn) {
        let index = self.tasks.borrow().vacant_key();
        let key = self.new_key(index);
        self.insert_and_emit(key, spawn.parcel.unpack(), spawn.at);
    }

    /// Puts a task into the slab and on the queue, and says so; drops it if nothing begins any
    /// more.
    #[cold]
    #[inline(never)]
    fn insert_and_emit(&self, key: Key, future: TaskFuture, at: &'static Location<'static>) {
        if self.closed.get() {
            return drop(future);
        }
        let slot = self.slot(key, future, at);
        let index = self.tasks.borrow_mut().insert(slot);
        debug_assert_eq!(index, key.index as usize);
        self.announce(key, at);
    }

    #[inline]
    fn slot(&self, key: Key, future: TaskFuture, at: &'static Location<'static>) -> TaskSlot {
        TaskSlot {
            header: Some(self.new_header(key)),
            future: Some(future),
            meta: self.meta(at),
        }
    }

    #[inline(always)]
    fn meta(&self, at: &'static Location<'static>) -> TaskMeta {
        TaskMeta {
            at,
            since: self.clock.second(),
            polls: 0,
        }
    }

    /// Queues a new task, and says that there is one.
    fn announce(&self, key: Key, at: &'static Location<'static>) {
        let task = key.task;
        let (name, at) = (self.names.get(task), Place::from(at));
        emit!(self.trace, Event::Spawned { task, name, at });
        self.queue.push(key);
    }

    fn new_key(&self, index: usize) -> Key {
        let task = self.next.replace(self.next.get() + 1);
        // Memory is full long before there are four thousand million tasks.
        let index = u32::try_from(index).unwrap_or(Key::ROOT);
        Key { task, index }
    }

    fn new_header(&self, key: Key) -> Arc<Header> {
        let spare = self.spare.borrow_mut().pop();
        match spare {
            Some(header) => {
                header.reuse(key);
                header
            }
            None => Header::new(key, Arc::clone(&self.inbox)),
        }
    }

    /// Keeps a header for the next task, unless a waker of this one is still held.
    #[inline(always)]
    pub(crate) fn retire(&self, header: Arc<Header>) {
        if !Header::is_free(&header) {
            return header.never_again();
        }
        let mut spare = self.spare.borrow_mut();
        if spare.len() < SPARE_HEADERS {
            spare.push(header);
        }
    }

    /// Gives back what a burst of tasks took.
    pub(crate) fn give_back(&self) {
        let mut tasks = self.tasks.borrow_mut();
        if tasks.give_back(KEPT) {
            let mut spare = self.spare.borrow_mut();
            spare.truncate(KEPT.max(tasks.len()));
            spare.shrink_to_fit();
        }
        let mut mail = self.mail.take();
        mail.give_back(KEPT);
        self.mail.set(mail);
        self.queue.give_back();
    }

    /// Empties the inbox. Returns how many wakes, spawns and jobs' ends lay in it.
    pub(crate) fn take_inbox(&self) -> (usize, usize, usize) {
        let mut mail = self.mail.take();
        self.inbox.take(&mut mail, |message| {
            if let Message::Wake(header) = message {
                header.mark().clear();
            }
        });
        let (wakes, spawns, jobs) = count(&mail);
        emit!(
            self.trace,
            Event::InboxTaken {
                wakes,
                spawns,
                jobs
            }
        );
        self.trace.on_behalf_of(Cause::Outside);
        mail.drain(..).for_each(|message| self.receive(message));
        self.trace.on_behalf_of(Cause::Owner);
        self.mail.set(mail);
        (wakes, spawns, jobs)
    }

    fn receive(&self, message: Message) {
        match message {
            Message::Wake(header) => {
                if let Some(key) = header.queue_up() {
                    self.queue.push(key);
                }
            }
            Message::Spawn(spawn) => self.spawn_remote(spawn),
            Message::JobDone(job) => self.jobs.complete(job),
        }
    }

    /// How many tasks there are, the future of `block_on` not counted.
    pub(crate) fn len(&self) -> usize {
        self.tasks.borrow().len()
    }

    /// Drops every task, and refuses new ones from now on.
    ///
    /// The slab is taken away whole first: a drop may spawn (refused: the new future is
    /// dropped in turn), wake or abort others, and finds nothing borrowed. A drop that
    /// panics harms no other task. Each task is dropped once, so the end is in sight.
    pub(crate) fn shut_down(&self) {
        self.closed.set(true);
        self.trace.set_closing();
        drop_quietly(self.inbox.close());
        for (_, slot) in self.tasks.take().into_inner() {
            let (Some(header), Some(future)) = (slot.header, slot.future) else {
                continue;
            };
            let task = header.task();
            self.queue.on_behalf_of(task, || drop_quietly(future));
            header.never_again();
            emit!(
                self.trace,
                Event::Ended {
                    task,
                    how: End::Cancelled,
                }
            );
        }
        self.abort_what_was_asked_for();
    }

    /// The jobs whose abort was asked for and has not had its turn do not begin any more.
    fn abort_what_was_asked_for(&self) {
        while let Some(key) = self.queue.pop() {
            if key.index == Key::JOB {
                self.jobs.abort(key.task);
            }
        }
    }
}

/// How many wakes, spawns and jobs' ends there are.
fn count(mail: &[Message]) -> (usize, usize, usize) {
    let number = |kind: fn(&&Message) -> bool| mail.iter().filter(kind).count();
    let spawns = number(|message| matches!(message, Message::Spawn(_)));
    let jobs = number(|message| matches!(message, Message::JobDone(_)));
    (mail.len() - spawns - jobs, spawns, jobs)
}
