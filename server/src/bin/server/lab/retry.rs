//! Another try after a failure, with a pause that grows: *backoff*, and a little chance: *jitter*.
//!
//! Many failures are over after a moment, so a second try helps. But a service fails most often when
//! it has too much to do, and a thousand clients that all try again at once keep it down. So each
//! pause is twice as long as the one before, up to a bound; and a part of each pause is left to
//! chance, so that the clients do not come back all at the same moment.
//!
//! How it can go wrong: a request that changes something is done twice, because only its answer was
//! lost. Retry what is idempotent. And layers that each try three times multiply: retry in one place.

use std::future::Future;

use runtime::time::{Duration, sleep};

/// How often, and after which pauses.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Backoff {
    /// All tries, the first included.
    pub(crate) attempts: u32,
    /// The first pause.
    pub(crate) base: Duration,
    /// No pause is longer.
    pub(crate) longest: Duration,
    /// How many hundredths of each pause are left to chance.
    pub(crate) jitter: u32,
}

impl Backoff {
    /// The pause after this attempt, the first of which is 1.
    pub(crate) fn pause(&self, attempt: u32) -> Duration {
        let doubled = 2_u32.saturating_pow(attempt.saturating_sub(1));
        let whole = self.base.saturating_mul(doubled).min(self.longest);
        let random = whole * self.jitter.min(100) / 100;
        let nanos = u64::try_from(random.as_nanos()).unwrap_or(u64::MAX);
        whole - random + Duration::from_nanos(fastrand::u64(..=nanos))
    }
}

/// Calls until a call succeeds or there have been enough attempts. The last error is returned.
/// `call` is told which attempt it is. Cancel safe as far as `call` is.
pub(crate) async fn retry<T, E, F>(backoff: Backoff, mut call: impl FnMut(u32) -> F) -> Result<T, E>
where
    F: Future<Output = Result<T, E>>,
{
    let mut attempt = 1;
    loop {
        match call(attempt).await {
            Err(_) if attempt < backoff.attempts => {
                sleep(backoff.pause(attempt)).await;
                attempt += 1;
            }
            ended => return ended,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use runtime::time::Instant;

    const SECOND: Duration = Duration::from_secs(1);

    fn backoff(jitter: u32) -> Backoff {
        Backoff {
            attempts: 5,
            base: SECOND,
            longest: SECOND * 5,
            jitter,
        }
    }

    #[test]
    fn the_pauses_double_up_to_the_longest() {
        let pauses = [1, 2, 3, 4, 40, u32::MAX].map(|it| backoff(0).pause(it).as_secs());
        assert_eq!(pauses, [1, 2, 4, 5, 5, 5]);
    }

    #[test]
    fn jitter_makes_a_pause_shorter_by_its_part_and_never_longer() {
        fastrand::seed(2);
        let pauses: Vec<_> = (0..200).map(|_| backoff(50).pause(3)).collect();
        assert!(
            pauses
                .iter()
                .all(|it| (SECOND * 2..=SECOND * 4).contains(it))
        );
        assert!(pauses.iter().any(|it| *it < SECOND * 5 / 2));
        assert!(pauses.iter().any(|it| *it > SECOND * 7 / 2));
    }

    #[runtime::test(start_paused = true)]
    async fn it_tries_until_a_call_succeeds() {
        let begun = Instant::now();
        let ended = retry(backoff(0), async |attempt| match attempt {
            3 => Ok(attempt),
            _ => Err("down"),
        });
        assert_eq!(ended.await, Ok(3));
        assert_eq!(begun.elapsed(), SECOND * 3);
    }

    #[runtime::test(start_paused = true)]
    async fn it_gives_up_after_so_many_attempts_without_a_last_pause() {
        let begun = Instant::now();
        let ended = retry(backoff(0), async |attempt| Err::<(), _>(attempt));
        assert_eq!(ended.await, Err(5));
        assert_eq!(begun.elapsed(), SECOND * (1 + 2 + 4 + 5));
    }
}
