//! The story as text: every event, one after another.
//!
//! For pipes, files, tests, and for a reader who likes to read from top to bottom. Each event has its
//! number and time, the sentence, the line of the runtime that did it, the program's line where
//! one is known, what it changed in the pictures, and, for a poll, the chain of its causes.

use std::io::{self, Write};

use runtime::trace::{Event, Place, Record, Snapshot};

use crate::pictures::{MARKS, Mark, Picture, Row, inbox, queue, reactor, shared, tasks, wheel};
use crate::player::Player;
use story::source::Sources;
use story::{causes, place, words};

/// Wide enough for a ring of 64 signs.
const WIDTH: usize = 80;

/// Prints all of it.
pub(crate) fn print(mut player: Player, sources: &Sources, out: &mut impl Write) -> io::Result<()> {
    let events = player.records().len();
    writeln!(out, "{MARKS};  {}", tasks::SIGNS)?;
    for at in 1..=events {
        player.go_to(at);
        let (before, after) = (player.before(), player.now());
        let records = &player.records()[at - 1..];
        let sentence = story::tell(records, &before, &after);
        print_event(&records[0], &sentence, [&before, &after], sources, out)?;
        print_causes(player.records(), at - 1, out)?;
    }
    print_end(&player.now(), events, out)
}

fn print_event(
    record: &Record,
    sentence: &str,
    [before, after]: [&Snapshot; 2],
    sources: &Sources,
    out: &mut impl Write,
) -> io::Result<()> {
    writeln!(out, "#{} at {}", record.seq, words::time(record.time))?;
    writeln!(out, "    {sentence}")?;
    print_line("runtime", record.place, sources, out)?;
    if let Some((whose, place)) = story::line_of_program(record, [before, after]) {
        print_line(whose, place, sources, out)?;
    }
    let pictures = [
        queue::draw(before, after),
        tasks::draw(Some(record), before, after),
        wheel::draw(before, after, WIDTH),
        reactor::draw(before, after),
        inbox::draw(Some(record), after),
        shared::draw(before, after),
    ];
    pictures
        .iter()
        .try_for_each(|picture| print_changes(picture, out))
}

fn print_line(whose: &str, at: Place, sources: &Sources, out: &mut impl Write) -> io::Result<()> {
    let text = sources.line(at);
    writeln!(out, "    {whose:<9} {} | {text}", place::name(at))
}

/// Only what the event has changed.
fn print_changes(picture: &Picture, out: &mut impl Write) -> io::Result<()> {
    let is_changed = |row: &&Row| row.mark != Mark::Same;
    let title = picture.title.to_lowercase();
    for row in picture.rows.iter().filter(is_changed) {
        writeln!(out, "    {title:<9} {}", row.text().trim_end())?;
    }
    Ok(())
}

fn print_causes(records: &[Record], index: usize, out: &mut impl Write) -> io::Result<()> {
    if !matches!(records[index].event, Event::PollStart { .. }) {
        return Ok(());
    }
    for link in causes::chain(records, index) {
        writeln!(
            out,
            "    because   #{} {}",
            records[link.index].seq, link.text
        )?;
    }
    Ok(())
}

fn print_end(last: &Snapshot, events: usize, out: &mut impl Write) -> io::Result<()> {
    let left = last.tasks.len();
    writeln!(
        out,
        "The end, after {}. {} left.",
        words::count(events, "event"),
        match left {
            0 => "No task is".to_owned(),
            1 => "1 task is".to_owned(),
            _ => format!("{left} tasks are"),
        }
    )?;
    for task in last.stuck() {
        let waits = last.tasks[&task].waits.iter().map(words::wait_with_line);
        let why = match waits.collect::<Vec<_>>().join(", ") {
            none if none.is_empty() => "it has left its waker nowhere".to_owned(),
            waits => format!("it waits for {waits}"),
        };
        let name = words::task(task, [last, last]);
        writeln!(out, "    {name} can never go on: {why}")?;
    }
    for (number, view) in &last.shared {
        let (thing, said) = (view.kind.thing(), words::shared(*number, view, last));
        writeln!(out, "    {thing} {number}: {said}")?;
    }
    Ok(())
}
