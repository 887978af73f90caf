//! The executor: owns the tasks, and polls the ones that are ready.
//!
//! A task that is ready is on the run queue, and one that waits lies in its slot. To poll one, the executor takes
//! it from the front of the queue, and puts it into its slot if it waits afterwards. While it polls a task,
//! the executor has it: the task is neither on the queue nor in its slot. While the user's code runs,
//! nothing of the machine's is borrowed, so that a poll may spawn, wake, abort, or drop anything. (To
//! move a task is also faster than to keep a second reference to it: counting an `Arc` up and down costs
//! more than everything else in a poll together.)
//!
//! The executor does not know the driver. It can be stepped, and tested, without a timer
//! or a socket; `machine/turn.rs` alternates the two.
//!
//! A poll spends no allocation. A spawn allocates twice, for the future and for the join
//! cell (and once more for a large future: `base/boxed.rs`). Headers are used again, and so is the
//! memory of the slots and the queue; what a burst of tasks took is given back when the machine has
//! nothing to do (`base/room.rs`).

mod report;
mod root;

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::panic::Location;
use std::rc::Rc;
use std::sync::{Arc, Weak};

use crate::base::clock::Clock;
use crate::base::foreign::drop_quietly;
use crate::base::room::{KEPT, Roomy};
use crate::machine::coop;
use crate::machine::inbox::Inbox;
use crate::machine::jobs::InFlightJobs;
use crate::machine::run_queue::{Ready, RunQueue, TaskMeta};
use crate::machine::task::{
    Detached, Header, JoinCell, JoinHandle, Key, Message, Names, Outcome, Polled, RemoteSpawn,
    SpareHeaders, Spawned, Task,
};
use crate::trace::{Cause, End, Event, Switch, emit};
pub(crate) use root::{Root, RootGuard};

/// See the file's heading.
pub(crate) struct Executor {
    queue: Rc<RunQueue>,
    inbox: Arc<Inbox<Message>>,
    spare: SpareHeaders,
    /// Where the messages go when the inbox is emptied; kept for its memory.
    mail: Cell<Roomy<Vec<Message>>>,
    /// The number of the next task.
    next: Cell<u64>,
    /// The names of those tasks that have one.
    names: Names,
    /// The root, which has no slot: its number, and how often it was polled.
    root: Cell<Option<(u64, TaskMeta)>>,
    root_polls: Cell<u32>,
    /// The root's header, which is the caller's.
    root_header: RefCell<Weak<Header>>,
    /// The runtime is being shut down: nothing begins any more.
    closed: Cell<bool>,
    /// The jobs that are in flight on the blocking pool.
    jobs: InFlightJobs,
    clock: Rc<Clock>,
    trace: Rc<Switch>,
    /// Observing has begun in a poll whose end is no event yet.
    end_unreported: Cell<bool>,
}

impl Executor {
    pub(crate) fn new(inbox: Arc<Inbox<Message>>, clock: Rc<Clock>, trace: Rc<Switch>) -> Executor {
        let home = Arc::as_ptr(&inbox).addr();
        Executor {
            queue: Rc::new(RunQueue::new(home, Rc::clone(&trace))),
            inbox,
            spare: SpareHeaders::default(),
            mail: Cell::default(),
            next: Cell::new(1),
            names: Names::default(),
            root: Cell::new(None),
            root_polls: Cell::new(0),
            root_header: RefCell::default(),
            closed: Cell::new(false),
            jobs: InFlightJobs::new(Rc::clone(&trace)),
            clock,
            trace,
            end_unreported: Cell::new(false),
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
        let key = self.new_task(at);
        let state = JoinCell::new(key, Rc::clone(&self.queue));
        let outcome = outcome(Rc::clone(&state));
        self.start(key, at, |header| {
            Box::pin(Spawned::new(future, outcome, Some(header)))
        });
        JoinHandle::new(state)
    }

    /// Makes a task without a handle, and queues it: nothing is shared with a joiner.
    pub(crate) fn spawn_detached<F>(&self, future: F, at: &'static Location<'static>)
    where
        F: Future + 'static,
    {
        let key = self.new_task(at);
        self.start(key, at, |header| {
            Box::pin(Spawned::new(future, Detached, Some(header)))
        });
    }

    /// A number for a job on the blocking pool, and what its handle shares.
    pub(crate) fn new_job<T>(&self) -> (u64, Rc<JoinCell<T>>) {
        let key = self.new_key(Key::JOB);
        (key.task, JoinCell::new(key, Rc::clone(&self.queue)))
    }

    pub(crate) fn jobs(&self) -> &InFlightJobs {
        &self.jobs
    }

    /// Makes a task of what came in through the inbox, and queues it.
    fn spawn_remote(&self, spawn: RemoteSpawn) {
        let key = self.new_task(spawn.at);
        self.start(key, spawn.at, |header| spawn.parcel.unpack(header));
    }

    /// A number and a slot for a task to come.
    #[inline(always)]
    fn new_task(&self, at: &'static Location<'static>) -> Key {
        self.new_key(self.queue.new_slot(self.meta(at)))
    }

    /// Puts a new task on the run queue; drops it if nothing begins any more.
    #[inline(always)]
    fn start(
        &self,
        key: Key,
        at: &'static Location<'static>,
        make: impl FnOnce(Arc<Header>) -> Task,
    ) {
        let task = make(self.new_header(key));
        if self.closed.get() {
            return self.refuse(key, task);
        }
        self.queue.push(Ready::Task(task));
        emit!(self.trace => self.report_spawned(key.task, at));
    }

    #[cold]
    #[inline(never)]
    fn refuse(&self, key: Key, task: Task) {
        self.queue.free_slot(key.slot);
        drop(task);
    }

    #[inline(always)]
    fn meta(&self, at: &'static Location<'static>) -> TaskMeta {
        TaskMeta {
            at,
            since: self.clock.second(),
        }
    }

    #[inline(always)]
    fn new_key(&self, slot: u32) -> Key {
        let task = self.next.replace(self.next.get() + 1);
        Key { task, slot }
    }

    fn new_header(&self, key: Key) -> Arc<Header> {
        self.spare.header(key, &self.inbox)
    }

    /// Gives back what a burst of tasks took.
    pub(crate) fn give_back(&self) {
        if self.queue.give_back() {
            self.spare.give_back(KEPT.max(self.queue.len()));
        }
    }

    /// Empties the inbox. Returns how many wakes, spawns and jobs' ends lay in it.
    pub(crate) fn take_inbox(&self) -> (usize, usize, usize) {
        let mut mail = self.mail.take();
        self.inbox.take(&mut mail, clear_mark);
        emit!(self.trace => self.report_inbox(count(&mail)));
        let counts = count(&mail);
        self.trace.on_behalf_of(Cause::Outside);
        mail.drain(..).for_each(|message| self.receive(message));
        self.trace.on_behalf_of(Cause::Owner);
        mail.give_back(KEPT);
        self.mail.set(mail);
        counts
    }

    fn receive(&self, message: Message) {
        match message {
            Message::Wake(header) => self.queue.wake(&header, true),
            Message::Spawn(spawn) => self.spawn_remote(spawn),
            Message::JobDone(job) => self.jobs.complete(job),
        }
    }

    /// Polls the task that has been ready longest: its number, and whether it has ended. `None`
    /// if no task is ready.
    #[inline(always)]
    pub(crate) fn poll_next<const WATCHED: bool>(
        &self,
        root: &mut Option<Root<'_>>,
    ) -> Option<(u64, bool)> {
        loop {
            match self.queue.pop() {
                Ready::Task(task) => return Some(self.poll_task::<WATCHED>(task)),
                Ready::Number(0) => return None,
                Ready::Number(number) => {
                    if let Some(ready) = self.take_number::<WATCHED>(number, root) {
                        return Some((number, ready));
                    }
                }
            }
        }
    }

    #[cold]
    fn abort_job(&self, number: u64) {
        emit!(self.trace => self.trace.observer().between_polls());
        coop::unconstrained(|| self.jobs.abort(number));
    }

    #[inline(always)]
    fn poll_task<const WATCHED: bool>(&self, mut task: Task) -> (u64, bool) {
        let running = self.queue.running();
        emit!(WATCHED, self.trace => self.report_start(task.header(), task.polls().wrapping_add(1)));
        let polled = task.as_mut().run(running);
        let number = running.last();
        if let Polled::Ended(how) = polled {
            self.ended(number, task, how);
            return (number, true);
        }
        if let Polled::WokenAgain = polled {
            self.queue.push(Ready::Task(task));
            emit!(WATCHED, self.trace => self.report_end(number, false, false));
        } else {
            let is_stranded = WATCHED && task.header().is_stranded();
            self.queue.put_back(running.last_slot(), task);
            emit!(WATCHED, self.trace => self.report_end(number, false, is_stranded));
        }
        running.end();
        (number, false)
    }

    /// The future has delivered its result and is gone; its slot is free.
    #[inline(always)]
    fn ended(&self, number: u64, task: Task, how: End) {
        let running = self.queue.running();
        running.end();
        self.queue.free_slot(running.last_slot());
        emit!(self.trace => self.report_last_poll(number, how));
        if let Some(header) = task.retire() {
            self.spare.retire(header);
        }
    }

    /// How many tasks there are, the future of `block_on` not counted.
    pub(crate) fn len(&self) -> usize {
        self.queue.len()
    }

    /// Drops every task, and refuses new ones from now on.
    ///
    /// The tasks are taken away whole first: a drop may spawn (refused: the new future is
    /// dropped in turn), wake or abort others, and finds nothing borrowed. A drop that
    /// panics harms no other task. Each task is dropped once, so the end is in sight.
    pub(crate) fn shut_down(&self) {
        self.closed.set(true);
        drop_quietly(self.inbox.close());
        for task in self.queue.take_tasks() {
            let header = Arc::clone(task.header());
            let number = header.task();
            let how = End::Cancelled;
            self.queue.on_behalf_of(number, || drop_quietly(task));
            emit!(self.trace, Event::Ended { task: number, how });
            header.never_again();
        }
        self.abort_what_was_asked_for();
    }

    /// The jobs whose abort was asked for and has not had its turn do not begin any more.
    fn abort_what_was_asked_for(&self) {
        loop {
            match self.queue.pop() {
                Ready::Number(0) => return,
                Ready::Number(number) => self.jobs.abort(number),
                Ready::Task(_) => {}
            }
        }
    }
}

/// From now on a wake of this task from outside is a message of its own.
fn clear_mark(message: &Message) {
    if let Message::Wake(header) = message {
        header.mark().clear();
    }
}

/// How many wakes, spawns and jobs' ends there are.
fn count(mail: &[Message]) -> (usize, usize, usize) {
    let number = |kind: fn(&&Message) -> bool| mail.iter().filter(kind).count();
    let spawns = number(|message| matches!(message, Message::Spawn(_)));
    let jobs = number(|message| matches!(message, Message::JobDone(_)));
    (mail.len() - spawns - jobs, spawns, jobs)
}
