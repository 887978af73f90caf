//! The numbers of timers: 1, 2, 3, ... in the order in which they were first spoken of.
//!
//! A timer is found by its place in the wheel and by which of the place's tenants it is. Places
//! are few and used again, so the table is a plain list by place. A task that waits for the same
//! timer in poll after poll is looked up in it at each of them.

/// Which number each timer has.
#[derive(Default)]
pub(super) struct Numbers {
    /// By place: which tenant's number it is, and the number; 0 if there is none.
    places: Vec<(u64, u64)>,
    given: u64,
}

impl Numbers {
    /// The number of a timer, by its key: the place is the lower half of it.
    #[inline]
    pub(super) fn of(&mut self, key: u64) -> u64 {
        match self.places.get(place(key)) {
            Some(&(tenant, number)) if tenant == key && number > 0 => number,
            _ => self.give(key),
        }
    }

    #[cold]
    #[inline(never)]
    fn give(&mut self, key: u64) -> u64 {
        let place = place(key);
        if self.places.len() <= place {
            self.places.resize(place + 1, (0, 0));
        }
        self.given += 1;
        self.places[place] = (key, self.given);
        self.given
    }

    /// The timer has fired or was dropped. (Set again, it is another to whoever looks on.)
    pub(super) fn forget(&mut self, key: u64) {
        if let Some((tenant, number)) = self.places.get_mut(place(key))
            && *tenant == key
        {
            *number = 0;
        }
    }
}

fn place(key: u64) -> usize {
    // A place is a number of 32 bits.
    (key & u64::from(u32::MAX)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timer_keeps_its_number_and_a_place_does_not() {
        let (mut numbers, second_tenant) = (Numbers::default(), |place: u64| 2 << 32 | place);
        assert_eq!((numbers.of(5), numbers.of(3), numbers.of(5)), (1, 2, 1));
        assert_eq!(numbers.of(second_tenant(5)), 3);
        numbers.forget(5); // Its number is long gone, and the tenant's stays.
        assert_eq!(numbers.of(second_tenant(5)), 3);
        numbers.forget(second_tenant(5));
        assert_eq!((numbers.of(second_tenant(5)), numbers.of(3)), (4, 2));
    }
}
