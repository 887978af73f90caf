//! The `Date` header, written once a second.
//!
//! Every response says when it was made (RFC 9110, section 6.6.1), to the second. Asking the
//! operating system for the time and spelling out `Sun, 06 Nov 1994 08:49:37 GMT` takes
//! longer than all other headers together, and at 100,000 responses a second it would give
//! the same 29 characters 100,000 times.
//!
//! So the finished line is kept, together with the moment at which the second ends, and with
//! the status line that nearly every answer has in front of it: `200 OK` and the date are one
//! piece of memory, and one copy. That moment is on the runtime's clock, which the connection has read anyway; the wall clock
//! is only looked at when it has passed.
//!
//! How it can go wrong: the two clocks drift apart when the wall clock is set. The
//! line then lags for the rest of one second, and is right again.

use std::cell::Cell;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use runtime::time::Instant;

/// The status line of most answers.
pub(crate) const OK: [u8; 17] = *b"HTTP/1.1 200 OK\r\n";

/// `date: Sun, 06 Nov 1994 08:49:37 GMT\r\n`.
const LENGTH: usize = 6 + 29 + 2;

/// How an answer begins: a status line, and when it was made.
pub(crate) struct Opening([u8; OK.len() + LENGTH]);

impl Opening {
    /// With that date line.
    pub(crate) fn new(date: [u8; LENGTH]) -> Self {
        let mut lines = [0; OK.len() + LENGTH];
        lines[..OK.len()].copy_from_slice(&OK);
        lines[OK.len()..].copy_from_slice(&date);
        Opening(lines)
    }

    /// The line that says 200, and the date line.
    #[inline]
    pub(crate) fn ok(&self) -> &[u8; OK.len() + LENGTH] {
        &self.0
    }

    /// The date line alone.
    pub(crate) fn date(&self) -> &[u8] {
        &self.0[OK.len()..]
    }
}

/// The opening of the current second.
pub(crate) struct DateLine {
    opening: Opening,
    /// When the line is no longer true. `None`: it was never written.
    stale_at: Option<Instant>,
}

impl DateLine {
    pub(crate) fn new() -> Self {
        DateLine {
            opening: Opening::new([b' '; LENGTH]),
            stale_at: None,
        }
    }

    /// How an answer begins that is made at `now`.
    #[inline]
    pub(crate) fn at(&mut self, now: Instant) -> &Opening {
        if self.stale_at.is_none_or(|moment| now >= moment) {
            self.rewrite(now);
        }
        &self.opening
    }

    #[cold]
    fn rewrite(&mut self, now: Instant) {
        let wall = wall_at(now);
        self.opening = Opening::new(spell(wall));
        self.stale_at = now.checked_add(rest_of_second(wall));
    }
}

thread_local! {
    static WALL: Cell<Option<(Instant, SystemTime)>> = const { Cell::new(None) };
}

/// For tests: sets this thread's wall clock to a moment, from where it goes with the runtime's
/// clock; or back to the system's. A line that is written already stays until it is stale.
pub(crate) fn set_wall(wall: Option<(Instant, SystemTime)>) {
    WALL.set(wall);
}

/// What the wall clock shows.
fn wall_at(now: Instant) -> SystemTime {
    match WALL.get() {
        None => SystemTime::now(),
        Some((instant, wall)) => wall + now.saturating_duration_since(instant),
    }
}

/// The header line for a moment on the wall clock.
fn spell(wall: SystemTime) -> [u8; LENGTH] {
    let text = format!(
        "date: {}\r\n",
        httpdate::fmt_http_date(within_calendar(wall))
    );
    let mut line = [b' '; LENGTH];
    line.copy_from_slice(text.as_bytes());
    line
}

/// A clock set before 1970 or beyond the year 9999 would make the formatting panic; such
/// a clock says nothing true anyway, so it is taken for 1970.
fn within_calendar(wall: SystemTime) -> SystemTime {
    const YEAR_10000: u64 = 253_402_300_800;
    match wall.duration_since(UNIX_EPOCH) {
        Ok(since) if since.as_secs() < YEAR_10000 => wall,
        _ => UNIX_EPOCH,
    }
}

fn rest_of_second(wall: SystemTime) -> Duration {
    let since = wall.duration_since(UNIX_EPOCH).unwrap_or_default();
    Duration::from_secs(1) - Duration::from_nanos(u64::from(since.subsec_nanos()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_spelled_as_the_rfc_does() {
        let wall = UNIX_EPOCH + Duration::new(784_111_777, 123);
        assert_eq!(&spell(wall), b"date: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
    }

    #[test]
    fn a_clock_outside_the_calendar_does_no_harm() {
        let before = UNIX_EPOCH - Duration::from_secs(1);
        let beyond = UNIX_EPOCH + Duration::from_secs(300_000_000_000);
        assert_eq!(&spell(before), b"date: Thu, 01 Jan 1970 00:00:00 GMT\r\n");
        assert_eq!(spell(before), spell(beyond));
    }

    #[test]
    fn the_line_turns_stale_when_the_second_ends() {
        let wall = UNIX_EPOCH + Duration::new(10, 250_000_000);
        assert_eq!(rest_of_second(wall), Duration::from_millis(750));
    }
}
