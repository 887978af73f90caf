//! The run queue: who is ready, and who waits.
//!
//! A task is in one of three places. If it is **ready**, it is on the run queue. If it **waits**, it lies
//! in its slot. While it **runs**, the executor has it. So nothing is looked up: the executor takes the
//! task itself from the front and polls it. A task that is woken goes to the back, and so every task that
//! is ready has its turn before any has a second one. A task that is woken during its own poll goes there
//! when the poll is over: behind the tasks that it has woken.
//!
//! Each task has a slot of its own, from the spawn to its end, so that its wakers and its handle know
//! where it waits. While the task is ready or runs, the slot is empty.
//!
//! Only the runtime's own thread touches all this, which is why it is made of plain cells: no lock,
//! no atomic. A waker must be `Send`, so it cannot hold the queue (an `Rc`). It knows only the
//! *address* of its runtime's inbox, and asks this thread: "are you in the runtime whose
//! inbox lives there?" The thread-local below answers. If yes, the wake is a push on this
//! queue; if not, it goes to that inbox.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::mem::{self, ManuallyDrop};
use std::panic::Location;
use std::rc::Rc;
use std::task::Waker;

use crate::base::ring::Ring;
use crate::base::room::{KEPT, Slots};
use crate::machine::task::{Header, Key, Runnable, Running, Task};
use crate::trace::{Event, Place, Switch, emit};

thread_local! {
    /// The run queue of the runtime that this thread is in. The guard of an entered runtime takes it
    /// out again, so there is nothing to drop at the thread's end; a thread-local that must be
    /// dropped would be asked at every wake whether it has been.
    static CURRENT: ManuallyDrop<RefCell<Option<Rc<RunQueue>>>> =
        const { ManuallyDrop::new(RefCell::new(None)) };
}

/// What is on the run queue. (As wide as a task: two words.)
pub(crate) enum Ready {
    Task(Task),
    /// The number of the future that `block_on` was given, which lives on the caller's stack; or of a
    /// job on the blocking pool that is to be aborted.
    Number(u64),
}

/// No future and no job has this number.
impl Default for Ready {
    fn default() -> Ready {
        Ready::Number(0)
    }
}

/// Where a task lies while it waits. While it is ready, its slot is empty and is given to no other task.
struct Slot {
    task: Option<Task>,
    meta: TaskMeta,
}

/// What is known of a task also when it is not observed, for a dump.
#[derive(Clone, Copy)]
pub(crate) struct TaskMeta {
    /// The line that spawned it.
    pub(crate) at: &'static Location<'static>,
    /// In which second.
    pub(crate) since: u32,
}

pub(crate) struct RunQueue {
    ready: Ring<Ready>,
    slots: RefCell<Slots<Slot>>,
    running: Running,
    /// The task that what is being done belongs to, though it is not being polled; or 0.
    acting_for: Cell<u64>,
    /// The address of the runtime's inbox, which stands for the runtime: it cannot be
    /// another's as long as anything that knows it keeps the inbox alive.
    home: usize,
    /// The same, or 0 while the machine is watched: then each wake is reported.
    unwatched_home: Cell<usize>,
    /// The number of the future that `block_on` was given; 0 if there is none.
    root: Cell<u64>,
    trace: Rc<Switch>,
}

/// The slots.
impl RunQueue {
    pub(crate) fn new(home: usize, trace: Rc<Switch>) -> RunQueue {
        RunQueue {
            ready: Ring::new(),
            slots: RefCell::default(),
            running: Running::default(),
            acting_for: Cell::new(0),
            home,
            unwatched_home: Cell::new(home),
            root: Cell::new(0),
            trace,
        }
    }

    /// A slot for a new task.
    #[inline(always)]
    pub(crate) fn new_slot(&self, meta: TaskMeta) -> u32 {
        let index = self.slots.borrow_mut().insert(Slot { task: None, meta });
        // Memory is full long before there are four thousand million tasks.
        u32::try_from(index).unwrap_or(Key::ROOT)
    }

    /// The task of this slot has ended.
    #[inline(always)]
    pub(crate) fn free_slot(&self, slot: u32) {
        self.slots.borrow_mut().try_remove(slot as usize);
    }

    /// A task that was polled waits from now on.
    #[inline(always)]
    pub(crate) fn put_back(&self, slot: u32, task: Task) {
        if let Some(slot) = self.slots.borrow_mut().get_mut(slot as usize) {
            // The slot is empty: there is nothing to drop, and nothing to ask whether there is.
            mem::forget(slot.task.replace(task));
        }
    }

    #[inline(always)]
    fn take_from(&self, slot: u32) -> Option<Task> {
        self.slots.borrow_mut().get_mut(slot as usize)?.task.take()
    }

    /// How many tasks there are, the future of `block_on` not counted.
    pub(crate) fn len(&self) -> usize {
        self.slots.borrow().len()
    }

    /// Gives back what a burst took. Says whether there were many tasks.
    pub(crate) fn give_back(&self) -> bool {
        self.ready.give_back();
        self.slots.borrow_mut().give_back(KEPT)
    }

    /// Takes out all tasks, in the order of their slots. Numbers stay.
    pub(crate) fn take_tasks(&self) -> impl Iterator<Item = Task> + use<> {
        let mut numbers = Vec::new();
        loop {
            match self.ready.pop() {
                Ready::Number(0) => break,
                Ready::Task(task) => self.put_back(task.header().slot(), task),
                number => numbers.push(number),
            }
        }
        numbers.into_iter().for_each(|number| self.push(number));
        let slots = self.slots.take().into_inner();
        slots.into_iter().filter_map(|(_, slot)| slot.task)
    }
}

/// The queue.
impl RunQueue {
    /// From now on each wake is reported, or is not any more.
    pub(crate) fn watch(&self, watched: bool) {
        self.unwatched_home.set(if watched { 0 } else { self.home });
    }

    /// A wake. A task that waits goes to the back of the queue now; one that is being polled goes there after
    /// its poll. Of a task that was ready already, or has ended, it changes nothing.
    #[inline(always)]
    pub(crate) fn wake(&self, header: &Header, watched: bool) {
        if !header.wake() {
            let is_new = self.running.wake(header);
            emit!(watched && is_new, self.trace => self.report_woken(header.task()));
            return;
        }
        let Some(task) = self.take_from(header.slot()) else {
            return self.wake_root(header);
        };
        self.push(Ready::Task(task));
        emit!(watched, self.trace => self.report_woken(header.task()));
    }

    #[cold]
    #[inline(never)]
    #[track_caller]
    pub(crate) fn report_woken(&self, task: u64) {
        let by = self.trace.cause();
        self.trace
            .record(Event::Woken { task, by }, Place::above_caller());
    }

    /// The task is to be aborted. If it waits it has its turn now; otherwise its turn is to come, or is now.
    /// (A job is aborted between two polls.)
    pub(crate) fn wake_to_abort(&self, key: Key) {
        if key.slot == Key::JOB {
            return self.push(Ready::Number(key.task));
        }
        if let Some(task) = self.take_from(key.slot) {
            task.header().wake();
            self.push(Ready::Task(task));
            emit!(self.trace => self.report_woken(key.task));
        }
    }

    /// Puts a task at the back that is new, or that has been woken.
    #[inline(always)]
    pub(crate) fn push(&self, ready: Ready) {
        self.ready.push(ready);
    }

    #[cold]
    #[inline(never)]
    fn wake_root(&self, header: &Header) {
        if header.slot() == Key::ROOT {
            self.push(Ready::Number(header.task()));
            emit!(self.trace => self.report_woken(header.task()));
        }
    }

    /// Takes what has been ready longest; the number 0 if nothing is.
    #[inline(always)]
    pub(crate) fn pop(&self) -> Ready {
        self.ready.pop()
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.ready.is_empty()
    }

    pub(crate) fn trace(&self) -> &Switch {
        &self.trace
    }
}

/// Who is who.
impl RunQueue {
    #[inline(always)]
    pub(crate) fn running(&self) -> &Running {
        &self.running
    }

    /// The task that is being polled, or that what is being done belongs to.
    pub(crate) fn polling(&self) -> Option<u64> {
        let acting_for = Some(self.acting_for.get()).filter(|&task| task != 0);
        acting_for.or_else(|| self.running.get().map(|(task, ..)| task))
    }

    /// What is done until the answer is dropped belongs to `task`, though it is not being polled; 0 ends that.
    pub(crate) fn act_for(&self, task: u64) -> PutBack<'_> {
        PutBack(&self.acting_for, self.acting_for.replace(task))
    }

    /// Calls `work` as `task` would, which is not being polled: what belongs to it is dropped.
    pub(crate) fn on_behalf_of<R>(&self, task: u64, work: impl FnOnce() -> R) -> R {
        let _put_back = self.act_for(task);
        work()
    }

    /// The future that `block_on` was given has this number from now on; 0: there is none.
    pub(crate) fn set_root(&self, task: u64) {
        self.root.set(task);
        self.running.end();
    }

    /// The tasks that are queued, the next one first.
    pub(crate) fn tasks(&self) -> VecDeque<u64> {
        let mut tasks = VecDeque::new();
        self.ready.each(|ready| match ready {
            Ready::Task(task) => tasks.push_back(task.header().task()),
            Ready::Number(number) if *number == self.root.get() => tasks.push_back(*number),
            Ready::Number(_) => {}
        });
        tasks
    }

    /// Calls `show` for each task that is not being polled: with what is known of it, and whether it is
    /// queued.
    pub(crate) fn each(&self, mut show: impl FnMut(&dyn Runnable, TaskMeta, bool)) {
        let slots = self.slots.borrow();
        self.ready.each(|ready| {
            if let Ready::Task(task) = ready {
                let slot = task.header().slot();
                show(&**task, slots[slot as usize].meta, true);
            }
        });
        for (_, slot) in slots.iter() {
            if let Some(task) = &slot.task {
                show(&**task, slot.meta, false);
            }
        }
    }

    /// What is known of the task of this slot.
    pub(crate) fn meta(&self, slot: u32) -> Option<TaskMeta> {
        self.slots.borrow().get(slot as usize).map(|slot| slot.meta)
    }
}

/// Puts a number back into its cell, also when a panic passes by.
pub(crate) struct PutBack<'a>(&'a Cell<u64>, u64);

impl Drop for PutBack<'_> {
    fn drop(&mut self) {
        self.0.set(self.1);
    }
}

/// Wakes a task if this thread is in its runtime; says whether. (`None`: it is, and each wake is reported.)
#[inline]
pub(crate) fn wake_local(header: &Header) -> bool {
    let woken = CURRENT.try_with(|current| match &*current.borrow() {
        Some(queue) if queue.unwatched_home.get() == header.home() => {
            queue.wake(header, false);
            Some(true)
        }
        Some(queue) => (queue.home != header.home()).then_some(false),
        None => Some(false),
    });
    let woken = woken.unwrap_or(Some(false));
    woken.unwrap_or_else(|| wake_watched(header))
}

/// The same in a machine that is watched. What observes may enter any runtime: nothing is borrowed.
#[cold]
fn wake_watched(header: &Header) -> bool {
    let queue = CURRENT.with(|current| current.borrow().clone());
    queue.inspect(|queue| queue.wake(header, true)).is_some()
}

/// Makes `queue` this thread's queue; returns the previous one.
pub(crate) fn swap(queue: Option<Rc<RunQueue>>) -> Option<Rc<RunQueue>> {
    CURRENT.with(|current| current.replace(queue))
}

/// The task that is being polled on this thread, if any.
pub(crate) fn polling() -> Option<u64> {
    with_current(RunQueue::polling)
}

/// Whether a waker is that of the task which is being polled on this thread: then it holds a header, and
/// nothing else.
pub(crate) fn is_own(waker: &Waker) -> bool {
    with_current(|queue| queue.running.is(waker.data()).then_some(())).is_some()
}

/// The same, but for the future that `block_on` was given.
pub(crate) fn polling_spawned() -> Option<u64> {
    with_current(|queue| queue.polling().filter(|&task| task != queue.root.get()))
}

fn with_current<R>(work: impl FnOnce(&RunQueue) -> Option<R>) -> Option<R> {
    CURRENT.with(|current| current.borrow().as_deref().and_then(work))
}
