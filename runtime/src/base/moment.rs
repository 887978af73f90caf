//! A moment, as timers keep it: nanoseconds since the runtime's clock was made.
//!
//! An `Instant` takes 16 bytes, and to compare or to round it is work on two numbers. In a `Moment`
//! the nanoseconds of nearly every deadline are one `u64`: 584 years from the start. Moments before
//! the start, and those that only a program thinks of, are told apart by the third word. So a
//! moment holds every `Instant` exactly, and takes 12 bytes.
//!
//! Words of four bytes, so that it can lie beside another such word without a gap: a
//! [`Sleep`](crate::time::Sleep) has 40 bytes, and a boxed one 48 of the allocator's.

/// See the file's heading.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Moment {
    /// The lower and the upper half of the nanoseconds' lower 64 bits.
    words: [u32; 2],
    /// The bits above; zero for a moment from the start to 584 years after it.
    high: i32,
}

impl Moment {
    /// So many nanoseconds after the start.
    #[inline(always)]
    pub(crate) fn near(nanos: u64) -> Moment {
        Moment {
            words: [nanos as u32, (nanos >> 32) as u32],
            high: 0,
        }
    }

    /// So many nanoseconds after the start, or before it. The seconds of an `Instant` are an
    /// `i64`, so 96 bits hold them.
    #[cold]
    pub(crate) fn of(nanos: i128) -> Moment {
        Moment {
            high: (nanos >> 64) as i32,
            ..Moment::near(nanos as u64)
        }
    }

    /// The nanoseconds, if the moment is not before the start and not beyond 584 years.
    #[inline(always)]
    pub(crate) fn nanos(self) -> Option<u64> {
        (self.high == 0).then_some(self.low())
    }

    /// The nanoseconds of any moment.
    pub(crate) fn all_nanos(self) -> i128 {
        (i128::from(self.high) << 64) | i128::from(self.low())
    }

    #[inline(always)]
    fn low(self) -> u64 {
        u64::from(self.words[0]) | (u64::from(self.words[1]) << 32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_holds_all_that_an_instant_can() {
        let most = i128::from(i64::MAX) * 1_000_000_000;
        let ends = [0, 1, u64::MAX.into(), i128::from(u64::MAX) + 1, most];
        for nanos in ends.into_iter().flat_map(|nanos| [nanos, -nanos]) {
            let moment = Moment::of(nanos);
            assert_eq!(moment.all_nanos(), nanos);
            assert_eq!(moment.nanos(), u64::try_from(nanos).ok());
        }
        assert_eq!(size_of::<Moment>(), 12);
    }
}
