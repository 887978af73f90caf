//! What the time was spent on: running, in the run queue, and waiting, for what and at which line.

use std::fmt::{self, Write as _};
use std::time::Duration;

use runtime::trace::{Place, Polled, Shared, Wait, WaitView};

/// So many things that were waited for are told apart.
const MOST: usize = 6;

/// See the file's heading.
#[derive(Clone, Debug, Default)]
pub(super) struct Times {
    pub(super) running: Duration,
    pub(super) queued: Duration,
    /// For what is not known.
    waiting: Duration,
    /// For this.
    waits: Vec<(WaitView, Duration)>,
    /// What the last poll has come to wait for.
    now: Vec<WaitView>,
}

impl Times {
    /// So long was it waited since the last poll; `polled` is known of the poll that ends this.
    pub(super) fn waited(&mut self, time: Duration, polled: Option<&Polled>) {
        if time.is_zero() {
            return;
        }
        let by = polled.and_then(|polled| polled.woken_by);
        let Some(&held_up) = WaitView::holding_up(&self.now, by) else {
            self.waiting += time;
            return;
        };
        let is_it = |(known, _): &&mut (WaitView, Duration)| key(known) == key(&held_up);
        match self.waits.iter_mut().find(is_it) {
            Some((_, sum)) => *sum += time,
            None => self.waits.push((held_up, time)),
        }
        self.now.clear();
    }

    /// The poll ends, and it waits: for all that was said since `before`.
    pub(super) fn waits_now(&mut self, before: Option<&Polled>) {
        let earlier = before.map_or(0, |before| before.waits.len());
        let waits = runtime::trace::polled().map(|polled| polled.waits);
        self.now = waits.unwrap_or_default();
        self.now.drain(..earlier.min(self.now.len()));
    }
}

/// Waits for the same kind of thing at the same line are one.
fn key(wait: &WaitView) -> (std::mem::Discriminant<Wait>, Option<Shared>, Option<Place>) {
    let shared = match wait.on {
        Wait::Shared(kind, _) => Some(kind),
        _ => None,
    };
    (std::mem::discriminant(&wait.on), shared, wait.at)
}

/// As the header has it: parts with a name, a time in milliseconds and a description.
impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut waits: Vec<_> = self.waits.iter().collect();
        waits.sort_by_key(|(_, time)| std::cmp::Reverse(*time));
        let rest = waits.split_off(waits.len().min(MOST));
        let rest: Duration = rest.iter().map(|(_, time)| *time).sum();
        part(f, "run", self.running, "running")?;
        part(f, ", queue", self.queued, "in the run queue")?;
        for (at, (wait, time)) in waits.into_iter().enumerate() {
            part(f, &format!(", wait{}", at + 1), *time, &said(wait))?;
        }
        part(f, ", wait", self.waiting + rest, "waiting")
    }
}

fn part(f: &mut fmt::Formatter<'_>, name: &str, time: Duration, said: &str) -> fmt::Result {
    let micros = time.as_micros();
    let (whole, part) = (micros / 1000, micros % 1000);
    write!(f, "{name};dur={whole}.{part:03};desc=\"{said}\"")
}

/// A wait in words that may stand between quotes in a header: the name of a file may have any sign.
fn said(wait: &WaitView) -> String {
    let mut said = format!("waiting for {}", wait.on);
    if let Some(at) = wait.at {
        let _ = write!(said, " at {at}");
    }
    let is_plain = |sign: char| matches!(sign, ' '..='~') && sign != '"' && sign != '\\';
    let sign = |sign| if is_plain(sign) { sign } else { '?' };
    said.chars().map(sign).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_waits_have_a_part_each_and_the_rest_is_one() {
        let timer = |number| WaitView::new(Wait::Timer(number), None);
        let mut times = Times {
            waiting: Duration::from_millis(1),
            ..Times::default()
        };
        for number in 1..=8 {
            let kind = [
                Shared::Mutex,
                Shared::Notify,
                Shared::Watch,
                Shared::Barrier,
            ];
            let other = WaitView::new(Wait::Shared(kind[number as usize % 4], number), None);
            times.now = vec![other];
            times.waited(Duration::from_millis(number), None);
        }
        assert_eq!(times.waits.len(), 4, "of the same kind at the same line");
        times.now = vec![timer(3)];
        times.waited(Duration::from_millis(100), None);
        for kind in [Shared::Duplex, Shared::JoinSet, Shared::Oneshot] {
            times.now = vec![WaitView::new(Wait::Shared(kind, 1), None)];
            times.waited(Duration::from_micros(1500), None);
        }
        let text = times.to_string();
        assert!(text.contains("wait1;dur=100.000;desc=\"waiting for timer 3\", wait2;dur=12.000;"));
        assert!(
            text.contains(", wait6;") && !text.contains("wait7"),
            "{text}"
        );
        assert!(
            text.ends_with(", wait;dur=4.000;desc=\"waiting\""),
            "{text}"
        );
    }
}
