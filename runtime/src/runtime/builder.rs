//! How a runtime is put together.

use std::cell::Cell;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use super::{Gate, Handle, Runtime};
use crate::base::clock::Clock;
use crate::base::pool::{Limits, Pool};
use crate::base::rng;
use crate::glass::{Recorder, Thresholds, begin_by_variable};
use crate::machine::context::{self};
use crate::machine::driver::Driver;
use crate::machine::executor::Executor;
use crate::machine::inspect::snapshot::Complete;
#[cfg(feature = "sim")]
use crate::machine::reactor::Parts;
use crate::machine::turn::Machine;
use crate::machine::turn::Position;
use crate::machine::turn::RemoteHandle;
use crate::trace::{Observer, Switch};

/// Builds a [`Runtime`].
///
/// ```
/// use runtime::runtime::Builder;
///
/// let runtime = Builder::new_current_thread().enable_all().build()?;
/// runtime.block_on(async {});
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Builder {
    enable_io: bool,
    enable_time: bool,
    start_paused: bool,
    rng_seed: Option<u64>,
    event_interval: u32,
    io_events: usize,
    blocking: Limits,
    thresholds: Thresholds,
    /// Which answers of the system are odd, if it was said.
    #[cfg(feature = "sim")]
    pub(super) odd: Option<Parts>,
}

impl Builder {
    /// A builder of a runtime that runs on the thread that builds it, which is the only kind.
    /// Nothing is enabled yet.
    ///
    /// ```
    /// let runtime = runtime::runtime::Builder::new_current_thread().build()?;
    /// runtime.block_on(async {});
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn new_current_thread() -> Builder {
        Builder {
            enable_io: false,
            enable_time: false,
            start_paused: false,
            rng_seed: None,
            event_interval: 61,
            io_events: 1024,
            blocking: Limits::default(),
            thresholds: Thresholds::default(),
            #[cfg(feature = "sim")]
            odd: None,
        }
    }

    /// Enables sockets, signals and timers.
    ///
    /// ```
    /// let runtime = runtime::runtime::Builder::new_current_thread().enable_all().build()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn enable_all(&mut self) -> &mut Builder {
        self.enable_io().enable_time()
    }

    /// Enables sockets and signals. Without it, making one panics.
    ///
    /// ```
    /// let runtime = runtime::runtime::Builder::new_current_thread().enable_io().build()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn enable_io(&mut self) -> &mut Builder {
        self.enable_io = true;
        self
    }

    /// How many events are taken from the operating system at most, each time that it is asked. The
    /// rest comes with the next question. 1,024 unless set.
    ///
    /// # Panics
    ///
    /// If it is zero.
    ///
    /// ```
    /// let mut builder = runtime::runtime::Builder::new_current_thread();
    /// let runtime = builder.enable_io().max_io_events_per_tick(64).build()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn max_io_events_per_tick(&mut self, events: usize) -> &mut Builder {
        assert!(events > 0, "max_io_events_per_tick must be greater than 0");
        self.io_events = events;
        self
    }

    /// Enables timers. Without it, making one panics.
    ///
    /// ```
    /// let runtime = runtime::runtime::Builder::new_current_thread().enable_time().build()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn enable_time(&mut self) -> &mut Builder {
        self.enable_time = true;
        self
    }

    /// Whether the clock begins paused; see [`time::pause`](crate::time::pause).
    ///
    /// ```
    /// use runtime::time::{Duration, Instant, sleep};
    ///
    /// let mut builder = runtime::runtime::Builder::new_current_thread();
    /// builder.enable_time().start_paused(true).build()?.block_on(async {
    ///     let start = Instant::now();
    ///     sleep(Duration::from_secs(3600)).await;
    ///     assert_eq!(start.elapsed().as_secs(), 3600);
    /// });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn start_paused(&mut self, start_paused: bool) -> &mut Builder {
        self.start_paused = start_paused;
        self
    }

    /// The seed of the generator that `select!` draws from, so that a run can be repeated.
    /// Without it every runtime has another.
    ///
    /// ```
    /// let runtime = runtime::runtime::Builder::new_current_thread().rng_seed(7).build()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn rng_seed(&mut self, seed: u64) -> &mut Builder {
        self.rng_seed = Some(seed);
        self
    }

    /// How many polls are made at most, while tasks are ready, before the driver is looked at. 61
    /// unless set. A small number serves sockets and timers sooner; a large one saves system
    /// calls. If polls take long the driver is looked at sooner: the loop reads the clock after 4, 16,
    /// 64, … polls and stops if half a millisecond has passed. (Not with a paused clock, which stands
    /// still meanwhile, and not while a person [steps](crate::runtime::Runtime::step) the runtime or
    /// holds its [gate](crate::runtime::Runtime::gate).)
    ///
    /// # Panics
    ///
    /// If it is zero.
    ///
    /// ```
    /// let runtime = runtime::runtime::Builder::new_current_thread().event_interval(7).build()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn event_interval(&mut self, polls: u32) -> &mut Builder {
        assert!(polls > 0, "event_interval must be greater than 0");
        self.event_interval = polls;
        self
    }

    /// How many threads the pool for [`spawn_blocking`](crate::task::spawn_blocking) may have.
    /// 512 unless set. They are started when there is work for them.
    ///
    /// # Panics
    ///
    /// If it is zero.
    ///
    /// ```
    /// let runtime = runtime::runtime::Builder::new_current_thread().max_blocking_threads(4).build()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    #[doc(alias = "max_threads")]
    pub fn max_blocking_threads(&mut self, threads: usize) -> &mut Builder {
        assert!(threads > 0, "max_blocking_threads must be greater than 0");
        self.blocking.threads = threads;
        self
    }

    /// How long a thread of that pool may be idle before it leaves. 10 s unless set.
    ///
    /// ```
    /// use runtime::time::Duration;
    ///
    /// let mut builder = runtime::runtime::Builder::new_current_thread();
    /// let runtime = builder.thread_keep_alive(Duration::from_millis(100)).build()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn thread_keep_alive(&mut self, idle: Duration) -> &mut Builder {
        self.blocking.keep_alive = idle;
        self
    }

    /// What the threads of that pool are called. (The runtime's own thread is the one that
    /// builds it, and keeps its name.)
    ///
    /// ```
    /// let mut builder = runtime::runtime::Builder::new_current_thread();
    /// let runtime = builder.thread_name("worker").build()?;
    /// let name = runtime.spawn_blocking(|| std::thread::current().name().map(str::to_owned));
    /// assert_eq!(runtime.block_on(name).unwrap().as_deref(), Some("worker"));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn thread_name(&mut self, name: impl Into<String>) -> &mut Builder {
        self.blocking.name = name.into();
        self
    }

    /// The size of the stack of that pool's threads, in bytes. The system's default unless set.
    ///
    /// ```
    /// let mut builder = runtime::runtime::Builder::new_current_thread();
    /// let runtime = builder.thread_stack_size(1024 * 1024).build()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn thread_stack_size(&mut self, bytes: usize) -> &mut Builder {
        self.blocking.stack = Some(bytes);
        self
    }

    /// A poll that holds the thread for longer than this is an event of its own,
    /// [`LongPoll`](crate::trace::Event::LongPoll), while the runtime is observed. 10 ms unless told.
    ///
    /// ```
    /// # use runtime::runtime::Builder;
    /// # use std::time::Duration;
    /// let runtime = Builder::new_current_thread()
    ///     .warn_long_poll(Duration::from_millis(1))
    ///     .build()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn warn_long_poll(&mut self, longer_than: Duration) -> &mut Builder {
        self.thresholds.long_poll = longer_than;
        self
    }

    /// When one line has made so many timers in a row that were dropped before they fired, that
    /// is an event of its own, [`TimersDropped`](crate::trace::Event::TimersDropped), while
    /// the runtime is observed. 1,000 unless told; 0 never warns.
    ///
    /// The usual culprit is a `select!` in a loop with a fresh `sleep` in each round, which
    /// never gets to its end.
    ///
    /// ```
    /// # use runtime::runtime::Builder;
    /// let runtime = Builder::new_current_thread().warn_timers_dropped(100).build()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn warn_timers_dropped(&mut self, times: u32) -> &mut Builder {
        self.thresholds.timers_dropped = times;
        self
    }

    /// Builds the runtime, on this thread, where it stays.
    ///
    /// While the environment variable `TREADLE_RECORD` is set, the runtime is recorded to the file that it
    /// names, event by event, for [`Recording::read_from`](crate::trace::Recording) and the stepper. That
    /// needs the crate feature `serde`. The second runtime of the process writes to `file-2.jsonl` instead
    /// of `file.jsonl`. What cannot be recorded is said on the standard error.
    ///
    /// # Errors
    ///
    /// If the operating system refuses the descriptors that the reactor needs, and in the destructor
    /// of a thread-local, when the thread has dropped those that the runtime needs. With the crate feature `sim` also if
    /// the variable `TREADLE_ODD` is set and cannot be understood.
    ///
    /// ```
    /// let runtime = runtime::runtime::Builder::new_current_thread().build()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn build(&mut self) -> io::Result<Runtime> {
        let clock = Rc::new(Clock::new(self.start_paused));
        let recorder = Rc::new(Recorder::new(Rc::clone(&clock), self.thresholds));
        let trace = Rc::new(Switch::new(Rc::clone(&recorder) as Rc<dyn Observer>));
        let driver = Driver::new(Rc::clone(&clock), Rc::clone(&trace), self.io_events)?;
        let inbox = Arc::clone(driver.inbox());
        let remote = RemoteHandle {
            inbox: Arc::clone(&inbox),
            pool: Pool::new(self.blocking.clone()),
        };
        let seed = self.rng_seed.unwrap_or_else(rng::random_seed);
        let machine = Rc::new(Machine {
            executor: Executor::new(Arc::clone(&inbox), Rc::clone(&clock), Rc::clone(&trace)),
            driver,
            remote: remote.clone(),
            clock,
            trace,
            observed: Rc::clone(&recorder) as Rc<dyn Complete>,
            rng: Cell::new(rng::state_of(seed)),
            position: Position::new(self.event_interval),
            gate: Gate::new(inbox),
            io_enabled: self.enable_io,
            time_enabled: self.enable_time,
        });
        let weak = Rc::downgrade(&machine);
        let look = move || weak.upgrade().map(|machine| machine.snapshot());
        recorder.set_look(Rc::new(look));
        let weak = Rc::downgrade(&machine);
        let follow = move |watched| weak.upgrade().into_iter().for_each(|it| it.watch(watched));
        machine.trace.set_follower(Box::new(follow));
        context::settle(&machine).map_err(io::Error::other)?;
        let runtime = Runtime {
            machine,
            recorder,
            handle: Handle::new(remote),
            running: Cell::new(false),
            patience: Cell::new(None),
        };
        #[cfg(feature = "sim")]
        runtime.begin_oddly(self, seed)?;
        begin_by_variable(&runtime.trace());
        Ok(runtime)
    }
}
