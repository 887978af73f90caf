//! How a runtime is put together.

use std::cell::Cell;
use std::io;
use std::rc::Rc;
use std::sync::Arc;

use super::{Gate, Handle, Phase, Runtime};
use crate::clock::Clock;
use crate::context::{self, Machine};
use crate::driver::Driver;
use crate::executor::Executor;
use crate::rng;
use crate::trace::Recorder;

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

    /// How many polls are made, while tasks are ready, before the driver is looked at. 61
    /// unless set. A small number serves sockets and timers sooner; a large one saves system
    /// calls.
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

    /// Builds the runtime, on this thread, where it stays.
    ///
    /// # Errors
    ///
    /// If the operating system refuses the descriptors that the reactor needs.
    ///
    /// ```
    /// let runtime = runtime::runtime::Builder::new_current_thread().build()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn build(&mut self) -> io::Result<Runtime> {
        let clock = Rc::new(Clock::new(self.start_paused));
        let trace = Rc::new(Recorder::new(Rc::clone(&clock)));
        let driver = Driver::new(Rc::clone(&clock), Rc::clone(&trace))?;
        let inbox = Arc::clone(driver.inbox());
        let seed = self.rng_seed.unwrap_or_else(rng::random_seed);
        let machine = Rc::new(Machine {
            executor: Executor::new(Arc::clone(&inbox), Rc::clone(&trace)),
            driver,
            clock,
            trace,
            rng: Cell::new(rng::state_of(seed)),
            polls_left: Cell::new(0),
            io_enabled: self.enable_io,
            time_enabled: self.enable_time,
        });
        context::settle(&machine);
        Ok(Runtime {
            machine,
            handle: Handle::new(Arc::clone(&inbox)),
            gate: Gate::new(inbox),
            phase: Cell::new(Phase::Inbox),
            event_interval: self.event_interval,
            running: Cell::new(false),
        })
    }
}
