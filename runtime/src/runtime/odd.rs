//! A runtime whose operating system answers oddly, as it rarely does: for tests of programs on the real machine.
//!
//! What the answers are is told in `machine/reactor/odd.rs`. Here they are asked for: by the builder, or by an
//! environment variable, so that a test suite that is there already can be run below them.

use std::env;
use std::io;
use std::time::Duration;

use super::{Builder, Runtime};
use crate::base::chance::Chance;
use crate::base::odd::of_a_million;
use crate::machine::reactor::{OddAnswers, Parts};

/// The name of the variable.
const VARIABLE: &str = "TREADLE_ODD";

/// Keeps the choices apart from those that the program's `select!` draws with the same seed.
const STREAM: u64 = 0x6F64_6421;

impl Builder {
    /// Which part of the calls the operating system answers in a way that is unusual and legal. None, if it is not
    /// set. A program need not notice these answers.
    ///
    /// An operation on a socket or a pipe would block although it would not, and news that it does not come some
    /// turns of the loop later; it is interrupted by a signal (`EINTR`), and the runtime makes it again; a transfer of
    /// bytes is a short one, but of a pipe. What became ready is told late, or is not so; the question for it is
    /// interrupted. Nothing is held back for ever. An operation of the program's own, given to
    /// [`try_io`](crate::net::TcpStream::try_io), is not made again: the program hears of `Interrupted`.
    /// If all answers are to be odd, nothing gets done. What a program does have to notice is set apart:
    /// [`odd_refusals`](Builder::odd_refusals), [`odd_clock`](Builder::odd_clock).
    ///
    /// Chance chooses, by the [seed](Builder::rng_seed), and does not disturb what `select!` draws. On a real machine
    /// the same seed need not give the same run. How many answers were odd is told by
    /// [`Runtime::odd_answers`].
    ///
    /// The environment variable `TREADLE_ODD` does the same for each runtime whose builder sets none of the three, so
    /// that a test suite that is there already can be run below it:
    /// `TREADLE_ODD=0.05` has one answer in twenty be odd. More may follow, in any order:
    /// `TREADLE_ODD=0.05,refusals=0.01,clock=100,seed=7` (the clock in milliseconds). Hosts of a
    /// [`Sim`](crate::sim::Sim) have [their own](crate::sim::Sim::set_odd_answers).
    ///
    /// Crate feature `sim`.
    ///
    /// # Panics
    ///
    /// If it is not a number from 0 to 1.
    ///
    /// ```
    /// use runtime::io::{AsyncReadExt, AsyncWriteExt};
    /// use runtime::net::unix::pipe::pipe;
    /// use runtime::runtime::Builder;
    ///
    /// let mut builder = Builder::new_current_thread();
    /// let runtime = builder.enable_all().rng_seed(7).odd_answers(0.2).build()?;
    /// runtime.block_on(async {
    ///     let (mut sender, mut receiver) = pipe()?;
    ///     for sent in 0..100 {
    ///         sender.write_u64(sent).await?;
    ///         assert_eq!(receiver.read_u64().await?, sent);
    ///     }
    ///     std::io::Result::Ok(())
    /// })?;
    /// assert!(runtime.odd_answers().would_block > 0);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn odd_answers(&mut self, part: f64) -> &mut Builder {
        self.odd_parts().answers = of_a_million(part, "odd_answers");
        self
    }

    /// Which part of the calls the operating system refuses although it need not. None, if it is not set.
    ///
    /// There are no descriptors left for a new socket or pipe (`EMFILE`), or for a connection that is to be accepted;
    /// a client has given up before it was accepted (`ECONNABORTED`). In each case another call may succeed, and a server
    /// goes on.
    ///
    /// Chance chooses, as it chooses [other answers](Builder::odd_answers). Crate feature `sim`.
    ///
    /// # Panics
    ///
    /// If it is not a number from 0 to 1.
    ///
    /// ```
    /// use runtime::net::TcpListener;
    /// use runtime::runtime::Builder;
    ///
    /// let mut builder = Builder::new_current_thread();
    /// let runtime = builder.enable_all().odd_refusals(1.0).build()?;
    /// let refused = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap_err();
    /// assert!(refused.to_string().contains("open files"), "{refused}");
    /// assert_eq!(runtime.odd_answers().no_descriptor, 1);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn odd_refusals(&mut self, part: f64) -> &mut Builder {
        self.odd_parts().refusals = of_a_million(part, "odd_refusals");
        self
    }

    /// How far the clock jumps ahead at most, each time that it does: as often as the loop looks at it and its
    /// answer is to be [odd](Builder::odd_answers). A machine that was asleep has such a clock. Timers that are
    /// due by then fire, each once. The clock does not jump, if this is not set, and while it is
    /// [paused](crate::time::pause).
    ///
    /// Short jumps and long ones are as likely: the longest, half of it, a quarter, and so on down to half a millionth.
    /// Only the clock of the runtime's own thread jumps: to other threads, those of the pool too, an
    /// [`Instant`](crate::time::Instant) is the system's.
    ///
    /// Crate feature `sim`.
    ///
    /// ```
    /// use runtime::runtime::Builder;
    /// use runtime::time::{Duration, Instant, sleep};
    ///
    /// let hour = Duration::from_secs(3600);
    /// let mut builder = Builder::new_current_thread();
    /// let runtime = builder.enable_all().odd_answers(0.5).odd_clock(hour).build()?;
    /// runtime.block_on(async {
    ///     let begun = Instant::now();
    ///     while begun.elapsed() < hour {
    ///         sleep(Duration::from_millis(1)).await;
    ///     }
    /// });
    /// assert!(runtime.odd_answers().jumps > 0);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn odd_clock(&mut self, furthest: Duration) -> &mut Builder {
        self.odd_parts().furthest = furthest;
        self
    }

    fn odd_parts(&mut self) -> &mut Parts {
        self.odd.get_or_insert_default()
    }
}

impl Runtime {
    /// How many answers of the operating system were odd so far, of each kind:
    /// see [`Builder::odd_answers`].
    ///
    /// Crate feature `sim`.
    pub fn odd_answers(&self) -> OddAnswers {
        self.machine.driver.reactor.odd.counts()
    }

    /// Has the system answer oddly, as the builder or the variable says.
    pub(super) fn begin_oddly(&self, builder: &Builder, seed: u64) -> io::Result<()> {
        let variable = env::var(VARIABLE).unwrap_or_default();
        let (parts, seed) = match builder.odd {
            Some(parts) => (parts, seed),
            None if variable.is_empty() => return Ok(()),
            None => parse(&variable, seed).ok_or_else(not_understood)?,
        };
        let chance = Chance::new(seed ^ STREAM);
        self.machine.driver.reactor.odd.begin(parts, chance);
        Ok(())
    }
}

/// What the variable asks for, and the seed, if it is not this one.
fn parse(text: &str, mut seed: u64) -> Option<(Parts, u64)> {
    let mut parts = Parts::default();
    for word in text.split(',') {
        match word.split_once('=') {
            None => parts.answers = part_of(word)?,
            Some(("refusals", part)) => parts.refusals = part_of(part)?,
            Some(("clock", millis)) => parts.furthest = Duration::from_millis(millis.parse().ok()?),
            Some(("seed", number)) => seed = number.parse().ok()?,
            Some(_) => return None,
        }
    }
    Some((parts, seed))
}

fn part_of(text: &str) -> Option<u32> {
    let part = text.parse().ok()?;
    let is_part = (0.0..=1.0).contains(&part);
    is_part.then(|| of_a_million(part, VARIABLE))
}

fn not_understood() -> io::Error {
    let text = format!("{VARIABLE} must be as in 0.05,refusals=0.01,clock=100,seed=7");
    io::Error::new(io::ErrorKind::InvalidInput, text)
}
