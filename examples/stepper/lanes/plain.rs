//! The story of several hosts as text: one line an event.
//!
//! The line has the time on the clock that all share, the host, the event's number at that host, and the
//! sentence. Where a socket became ready because of another host, the next line says so. All there is to
//! say of one host's events is said if its recording is stepped alone.

use std::io::{self, Write};

use runtime::trace::Run;
use story::words;

use super::Lanes;

/// Prints all of it.
pub(crate) fn print(lanes: &Lanes, out: &mut impl Write) -> io::Result<()> {
    let width = lanes.names().iter().map(|name| name.chars().count()).max();
    let width = width.unwrap_or(0);
    let mut crashes = lanes.crashes();
    crashes.reverse();
    for (step, told) in lanes.told(0..lanes.len()) {
        while let Some((run, recording)) = crashes.pop_if(|(run, _)| step.is_after(*run)) {
            print_crash(lanes.name_of(recording), run, width, out)?;
        }
        let (time, name) = (words::time(step.at), lanes.name_of(step.recording));
        let number = format!("#{}", lanes.record_of(step).seq);
        writeln!(out, "{time:>12}  {name:<width$}  {number:<5} {told}")?;
        if let Some(link) = lanes.sent(step.recording, step.index) {
            // No event is the crash.
            let number = match link.is_crash {
                true => String::new(),
                false => format!(" #{}", lanes.seq_of(&link)),
            };
            let (from, text) = (lanes.name_of(link.recording), &link.text);
            writeln!(
                out,
                "{:>12}  {:width$}  because {from}{number}: {text}",
                "", ""
            )?;
        }
    }
    while let Some((run, recording)) = crashes.pop() {
        print_crash(lanes.name_of(recording), run, width, out)?;
    }
    let (events, hosts) = (lanes.len(), lanes.names().len());
    writeln!(
        out,
        "The end, after {} of {}.",
        words::count(events, "event"),
        words::count(hosts, "host")
    )
}

fn print_crash(name: &str, run: Run, width: usize, out: &mut impl Write) -> io::Result<()> {
    let time = words::time(run.at);
    writeln!(
        out,
        "{time:>12}  {name:<width$}  crashes: its tasks are dropped, its connections reset"
    )
}
