//! A token bucket: so many calls a second on average, and a few at once after a quiet time.
//!
//! The bucket holds tokens. A call takes one, and the clock brings them back evenly, up to as many
//! as fit. A call that finds no token is refused and is told when to come again.
//!
//! The obvious way is a number of tokens and a task that adds to it. This bucket needs neither: it
//! keeps the one moment at which it will be *full*. A token that is taken moves that moment by the
//! time one token needs to come back; a bucket that has been full for an hour is just full. So there
//! are no fractions to add up, and nothing is lost by rounding.
//!
//! How it can go wrong: a bucket that is too large lets a burst through that the service behind it
//! cannot bear. And it says nothing of how long calls take: a slow service needs the limit of
//! `concurrency_limit` besides.

use runtime::time::{Duration, Instant};

/// Tokens that are taken, and that the clock brings back.
pub(crate) struct TokenBucket {
    capacity: u32,
    /// How long one token takes to come back.
    refill: Duration,
    /// When it is full, if nothing is taken. In the past: it is full.
    full_at: Instant,
}

impl TokenBucket {
    /// A full bucket. It holds `capacity` tokens, and gets one back each `refill`.
    pub(crate) fn new(capacity: u32, refill: Duration) -> Self {
        TokenBucket {
            capacity,
            refill,
            full_at: Instant::now(),
        }
    }

    /// Takes a token. If there is none, the error says after how long there will be one.
    pub(crate) fn take(&mut self) -> Result<(), Duration> {
        let now = Instant::now();
        let full_at = self.full_at.max(now) + self.refill;
        let latest = now + self.refill * self.capacity;
        if full_at > latest {
            return Err(full_at - latest);
        }
        self.full_at = full_at;
        Ok(())
    }

    /// How many whole tokens there are.
    pub(crate) fn tokens(&self) -> u32 {
        let time = self.full_at.saturating_duration_since(Instant::now());
        let missing = time.as_nanos().div_ceil(self.refill.as_nanos());
        self.capacity
            .saturating_sub(u32::try_from(missing).unwrap_or(u32::MAX))
    }

    pub(crate) fn capacity(&self) -> u32 {
        self.capacity
    }

    /// Another size and pace. The whole tokens stay, as many as still fit.
    pub(crate) fn resize(&mut self, capacity: u32, refill: Duration) {
        let tokens = self.tokens().min(capacity);
        *self = TokenBucket::new(capacity, refill);
        self.full_at += refill * (capacity - tokens);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use runtime::time::sleep;

    const TICK: Duration = Duration::from_millis(100);

    #[runtime::test(start_paused = true)]
    async fn a_full_bucket_gives_what_it_holds_and_then_refuses() {
        let mut bucket = TokenBucket::new(3, TICK);
        for left in [2, 1, 0] {
            assert_eq!(bucket.take(), Ok(()));
            assert_eq!(bucket.tokens(), left);
        }
        assert_eq!(bucket.take(), Err(TICK));
        assert_eq!(bucket.take(), Err(TICK), "a refused call costs no token");
    }

    #[runtime::test(start_paused = true)]
    async fn a_token_comes_back_at_its_time_and_not_a_moment_earlier() {
        let mut bucket = TokenBucket::new(2, TICK);
        (bucket.take(), bucket.take()).0.expect("two tokens");
        sleep(TICK - Duration::from_millis(1)).await;
        assert_eq!(bucket.tokens(), 0);
        assert_eq!(bucket.take(), Err(Duration::from_millis(1)));
        sleep(Duration::from_millis(1)).await;
        assert_eq!(bucket.tokens(), 1);
        assert_eq!(bucket.take(), Ok(()));
        assert_eq!(bucket.take(), Err(TICK));
    }

    #[runtime::test(start_paused = true)]
    async fn it_is_never_fuller_than_it_holds() {
        let mut bucket = TokenBucket::new(2, TICK);
        sleep(Duration::from_secs(3600)).await;
        assert_eq!(bucket.tokens(), 2);
        let taken = (0..10).filter(|_| bucket.take().is_ok()).count();
        assert_eq!(taken, 2);
    }

    #[runtime::test(start_paused = true)]
    async fn over_a_long_time_no_token_is_lost_or_won() {
        let third = Duration::from_secs(1) / 3;
        let mut bucket = TokenBucket::new(5, third);
        let begun = Instant::now();
        let mut taken = 0_u32;
        while taken < 5 + 3000 {
            match bucket.take() {
                Ok(()) => taken += 1,
                Err(wait) => sleep(wait).await,
            }
        }
        // The clock of timers counts milliseconds, so a wait may be longer by less than one.
        let late = begun.elapsed() - third * 3000;
        assert!(late < Duration::from_millis(1), "{late:?}");
    }

    #[runtime::test(start_paused = true)]
    async fn another_size_keeps_the_tokens_that_fit() {
        let mut bucket = TokenBucket::new(8, TICK);
        bucket.resize(3, TICK);
        assert_eq!((bucket.tokens(), bucket.capacity()), (3, 3));
        bucket.take().expect("a token");
        bucket.resize(10, TICK * 2);
        assert_eq!(bucket.tokens(), 2, "a larger bucket is not fuller");
        sleep(TICK * 2).await;
        assert_eq!(bucket.tokens(), 3);
    }
}
