//! The story as text: every event, one after another.
//!
//! For pipes, files, tests, and for a reader who likes to read from top to bottom. Each event has its
//! number and time, the sentence, the line of the runtime that did it, the program's line where
//! one is known, what it changed in the pictures, and, for a poll, the chain of its causes. With
//! `--guess` it is asked before each event which one it will be.

use std::io::{self, BufRead, Write};

use runtime::trace::{Event, Place, Snapshot};

use crate::guessing::Guessing;
use crate::lanes::Lanes;
use crate::pictures::{
    MARKS, Mark, Picture, Row, inbox, queue, reactor, shared, state, tasks, wheel,
};
use crate::player::Player;
use crate::resume;
use crate::sleeping;
use story::source::Sources;
use story::{place, words};

/// Wide enough for a ring of 64 signs.
const WIDTH: usize = 80;

/// Prints all of it.
pub(crate) fn print(mut lanes: Lanes, out: &mut impl Write) -> io::Result<()> {
    let events = lanes.len();
    writeln!(out, "{MARKS};  {}", tasks::SIGNS)?;
    for at in 1..=events {
        lanes.go_to(at);
        let player = lanes.present();
        print_here(player, out)?;
        if let Some(why) = sleeping::until_a_cascade(event(player), &player.now().wheel) {
            writeln!(out, "    because   {why}")?;
        }
        if matches!(event(player), Event::PollStart { .. }) {
            print_causes(&lanes, out)?;
        }
    }
    print_end(&lanes.present().now(), events, out)
}

fn event(player: &Player) -> &Event {
    &player.records()[player.at() - 1].event
}

/// The event that has just happened.
fn print_here(player: &Player, out: &mut impl Write) -> io::Result<()> {
    let (before, after) = (player.before(), player.now());
    let index = player.at() - 1;
    let records = &player.records()[index..];
    let sentence = story::tell(records, &before, &after);
    print_event(player, &sentence, [&before, &after], out)?;
    print_changes(&state::draw(player.noted()), out)
}

/// Prints it event by event, and asks before each what comes next. An answer is a line of `input`, with the
/// number of a choice; an empty line shows the event without an answer; what is no answer, or the end of
/// `input`, ends it.
pub(crate) fn guess(
    mut lanes: Lanes,
    input: &mut impl BufRead,
    out: &mut impl Write,
) -> io::Result<()> {
    let mut guessing = Guessing::begin(&lanes);
    writeln!(out, "{MARKS};  {}", tasks::SIGNS)?;
    writeln!(
        out,
        "Answer with 1, 2, 3 or 4; an empty line shows the event; q ends it."
    )?;
    while let Some(question) = guessing.question(&lanes) {
        writeln!(out, "\nWhat happens next?")?;
        for (number, choice) in question.choices.iter().enumerate() {
            writeln!(out, "  {} {}", number + 1, choice.text)?;
        }
        out.flush()?;
        let mut line = String::new();
        let is_end = input.read_line(&mut line)? == 0;
        match line.trim() {
            "" if !is_end => {}
            answer => match answer.parse::<usize>() {
                Ok(number @ 1..=4) => {
                    writeln!(out, "{}", guessing.answer(&question, number - 1))?;
                }
                _ => break,
            },
        }
        lanes.go_to(lanes.at() + 1);
        guessing.see(&lanes);
        print_host(&lanes, out)?;
        print_here(lanes.present(), out)?;
        print_causes(&lanes, out)?;
    }
    writeln!(out, "\n{}", guessing.ending())
}

/// At which host it has happened, if there are several.
fn print_host(lanes: &Lanes, out: &mut impl Write) -> io::Result<()> {
    match lanes.step() {
        Some(step) if lanes.are_many() => writeln!(out, "{}:", lanes.name_of(step.recording)),
        _ => Ok(()),
    }
}

fn print_event(
    player: &Player,
    sentence: &str,
    [before, after]: [&Snapshot; 2],
    out: &mut impl Write,
) -> io::Result<()> {
    let index = player.at() - 1;
    let sources = &player.sources;
    let record = &player.records()[index];
    writeln!(out, "#{} at {}", record.seq, words::time(record.time))?;
    writeln!(out, "    {sentence}")?;
    print_line("runtime", record.place, sources, out)?;
    if let Some((whose, place)) = resume::line(player, [before, after]) {
        print_line(whose, place, sources, out)?;
    }
    let pictures = [
        queue::draw(before, after),
        tasks::draw(player, Some(record), before, after),
        wheel::draw(before, after, WIDTH),
        reactor::draw(before, after),
        inbox::draw(Some(record), after),
        shared::draw(player, Some(record), before, after),
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

fn print_causes(lanes: &Lanes, out: &mut impl Write) -> io::Result<()> {
    let Some(step) = lanes.step() else {
        return Ok(());
    };
    for link in lanes.chain(step.recording, step.index) {
        let seq = lanes.seq_of(&link);
        writeln!(out, "    because   #{seq} {}", link.text)?;
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
    let stuck = last.stuck();
    for &task in &stuck {
        let why = match words::waits(&last.tasks[&task], last) {
            none if none.is_empty() => "it has left its waker nowhere".to_owned(),
            waits => format!("it waits for {waits}"),
        };
        let circle = words::circle(task, last, &stuck).map(|circle| format!(", {circle}"));
        let name = words::task(task, [last, last]);
        let circle = circle.unwrap_or_default();
        writeln!(out, "    {name} can never go on: {why}{circle}")?;
    }
    for (number, view) in &last.shared {
        let (thing, said) = (view.kind.thing(), words::shared(*number, view, last));
        writeln!(out, "    {thing} {number}: {said}")?;
    }
    Ok(())
}
