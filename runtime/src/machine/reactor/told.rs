//! What a turn notes besides the events of the operating system.
//!
//! A simulated network tells what became ready; an odd system has held news back, or says what is not true.
//! Crate feature `sim`.

use std::task::Waker;

use super::news::News;
use super::{Reactor, place_of};
use crate::trace::Cause;

impl Reactor {
    /// A simulated network tells what became ready. The next turn notes it, beside what the system says.
    pub(crate) fn tell(&self, news: Vec<News>) {
        self.told.tell(news);
    }

    /// Notes it. Returns how much it was; what is still held back counts as one, for there is something to come
    /// round again for.
    pub(super) fn note_told(&self, woken: &mut Vec<(Cause, Waker)>) -> usize {
        let told = self.told.take();
        told.iter().for_each(|&news| self.note(news, false, woken));
        let due = self.odd.due();
        for &(news, is_urgent) in &due {
            self.note(self.asked_for(news), is_urgent, woken);
        }
        told.len() + due.len() + usize::from(self.odd.holds_any())
    }

    /// What the source was registered for, of these news.
    fn asked_for(&self, news: News) -> News {
        let sources = self.sources.borrow();
        let Some(source) = sources.get(place_of(news.token)) else {
            return news;
        };
        let interests = source.interests();
        News {
            read: news.read && interests.read,
            write: news.write && interests.write,
            ..news
        }
    }
}
