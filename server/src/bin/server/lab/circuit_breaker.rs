//! A circuit breaker: a service that fails is left alone for a while.
//!
//! After so many failures in a row the breaker is *open*: calls fail at once, the caller wastes no
//! time, and the service has its peace. After a while it is *half-open*: one call may try, a probe,
//! and all others still fail. If the probe succeeds, the breaker is *closed* again; if not, it is
//! open for another while.
//!
//! How it can go wrong: the probe's caller is dropped and says nothing. Then the breaker would wait
//! for it for ever. So a probe that is dropped counts as a failure. And a call that began before the
//! breaker opened may end later: it says nothing about now, and is not counted.

use std::cell::Cell;

use runtime::time::{Duration, Instant};

/// Counts failures, and refuses calls after too many.
pub(crate) struct CircuitBreaker {
    state: Cell<Inner>,
    /// So many failures in a row open it.
    threshold: u32,
    /// For so long it stays open.
    rest: Duration,
}

#[derive(Clone, Copy)]
enum Inner {
    Closed { failures: u32 },
    Open { until: Instant },
    Probing,
}

/// What it does with the next call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// The next call is let through. So many before it have failed in a row.
    Closed { failures: u32 },
    /// Calls are refused for so long.
    Open { rest: Duration },
    /// One call may try, or is trying.
    HalfOpen { is_probing: bool },
}

/// The call is refused: the breaker is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    /// When a call may have better luck. Zero: as soon as the probe has ended.
    pub(crate) retry_after: Duration,
}

impl CircuitBreaker {
    pub(crate) fn new(threshold: u32, rest: Duration) -> Self {
        CircuitBreaker {
            state: Cell::new(Inner::Closed { failures: 0 }),
            threshold,
            rest,
        }
    }

    /// Leave to make a call, unless the breaker is open.
    pub(crate) fn admit(&self) -> Result<Leave<'_>, Refused> {
        let is_probe = match self.state() {
            State::Closed { .. } => false,
            State::HalfOpen { is_probing: false } => true,
            State::HalfOpen { is_probing: true } => {
                let retry_after = Duration::ZERO;
                return Err(Refused { retry_after });
            }
            State::Open { rest: retry_after } => return Err(Refused { retry_after }),
        };
        if is_probe {
            self.state.set(Inner::Probing);
        }
        Ok(Leave {
            breaker: self,
            is_probe,
            has_failed: is_probe.then_some(true),
        })
    }

    pub(crate) fn state(&self) -> State {
        match self.state.get() {
            Inner::Closed { failures } => State::Closed { failures },
            Inner::Probing => State::HalfOpen { is_probing: true },
            Inner::Open { until } => match until.saturating_duration_since(Instant::now()) {
                Duration::ZERO => State::HalfOpen { is_probing: false },
                rest => State::Open { rest },
            },
        }
    }

    pub(crate) fn threshold(&self) -> u32 {
        self.threshold
    }

    pub(crate) fn rest(&self) -> Duration {
        self.rest
    }

    fn record(&self, is_probe: bool, has_failed: bool) {
        let failures = match self.state.get() {
            Inner::Probing if is_probe && has_failed => self.threshold,
            Inner::Probing if is_probe => 0,
            Inner::Closed { failures } if has_failed => failures + 1,
            Inner::Closed { .. } => 0,
            // It began before the breaker opened.
            Inner::Open { .. } | Inner::Probing => return,
        };
        self.state.set(match failures < self.threshold {
            true => Inner::Closed { failures },
            false => Inner::Open {
                until: Instant::now() + self.rest,
            },
        });
    }
}

/// A call that was let through. The breaker wants to hear how it ended.
pub(crate) struct Leave<'a> {
    breaker: &'a CircuitBreaker,
    is_probe: bool,
    /// `None`: the call was dropped, which says nothing about the service.
    has_failed: Option<bool>,
}

impl Leave<'_> {
    pub(crate) fn is_probe(&self) -> bool {
        self.is_probe
    }

    pub(crate) fn ended(mut self, has_failed: bool) {
        self.has_failed = Some(has_failed);
    }
}

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        if let Some(has_failed) = self.has_failed {
            self.breaker.record(self.is_probe, has_failed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use runtime::time::sleep;

    const REST: Duration = Duration::from_secs(5);

    fn opened() -> CircuitBreaker {
        let breaker = CircuitBreaker::new(3, REST);
        for failures in 0..3 {
            assert_eq!(breaker.state(), State::Closed { failures });
            breaker.admit().expect("closed").ended(true);
        }
        breaker
    }

    #[runtime::test(start_paused = true)]
    async fn it_opens_after_so_many_failures_in_a_row_and_a_success_counts_anew() {
        let breaker = CircuitBreaker::new(2, REST);
        for has_failed in [true, false, true, false] {
            breaker.admit().expect("closed").ended(has_failed);
        }
        assert_eq!(breaker.state(), State::Closed { failures: 0 });
        assert_eq!(opened().state(), State::Open { rest: REST });
    }

    #[runtime::test(start_paused = true)]
    async fn open_it_refuses_until_its_rest_is_over_and_says_how_long() {
        let breaker = opened();
        sleep(Duration::from_secs(4)).await;
        let retry_after = Duration::from_secs(1);
        assert_eq!(breaker.admit().err(), Some(Refused { retry_after }));
        sleep(retry_after).await;
        assert_eq!(breaker.state(), State::HalfOpen { is_probing: false });
    }

    #[runtime::test(start_paused = true)]
    async fn half_open_it_lets_one_probe_through_and_closes_if_that_succeeds() {
        let breaker = opened();
        sleep(REST).await;
        let probe = breaker.admit().expect("the probe");
        assert!(probe.is_probe());
        assert_eq!(breaker.state(), State::HalfOpen { is_probing: true });
        assert!(breaker.admit().is_err(), "there is one probe");
        probe.ended(false);
        assert_eq!(breaker.state(), State::Closed { failures: 0 });
    }

    #[runtime::test(start_paused = true)]
    async fn it_opens_again_if_the_probe_fails_or_is_dropped() {
        let breaker = opened();
        for is_dropped in [false, true] {
            sleep(REST).await;
            let probe = breaker.admit().expect("the probe");
            match is_dropped {
                true => drop(probe),
                false => probe.ended(true),
            }
            assert_eq!(breaker.state(), State::Open { rest: REST });
        }
    }

    #[runtime::test(start_paused = true)]
    async fn a_call_from_before_it_opened_changes_nothing() {
        let breaker = CircuitBreaker::new(1, REST);
        let calls = [0, 1, 2].map(|_| breaker.admit().expect("closed"));
        let [late, opens, later] = calls;
        opens.ended(true);
        late.ended(false);
        assert_eq!(breaker.state(), State::Open { rest: REST });
        sleep(REST).await;
        let probe = breaker.admit().expect("the probe");
        later.ended(true);
        assert_eq!(breaker.state(), State::HalfOpen { is_probing: true });
        probe.ended(false);
    }

    #[runtime::test(start_paused = true)]
    async fn a_call_that_is_dropped_while_it_is_closed_counts_neither_way() {
        let breaker = CircuitBreaker::new(2, REST);
        breaker.admit().expect("closed").ended(true);
        drop(breaker.admit());
        assert_eq!(breaker.state(), State::Closed { failures: 1 });
    }
}
