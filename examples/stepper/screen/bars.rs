//! The rows above and below the pictures: where the reader stands, what has happened and why, the keys.

use crossterm::style::Stylize;
use runtime::trace::{Doing, Event, Snapshot};
use story::words;

use super::page::Page;
use super::{Screen, asking, hosts, keys, paint};
use crate::lanes::{Link, Only, Step};
use crate::pictures::MARKS;
use crate::sleeping;
use crate::terminal::{Line, Style};

/// The first row.
pub(super) fn title(page: &mut Page<'_>, screen: &Screen, now: &Snapshot) {
    let area = page.take(1);
    let width = area.width as usize;
    let time = words::time(screen.lanes.time());
    let right = format!("{}   {}   {time} ", place(screen), doing(now));
    let room = width.saturating_sub(right.chars().count() + 4);
    let lanes = &screen.lanes;
    let left = match (lanes.only, lanes.held()) {
        (Some(Only::Task(_, task)), _) => format!("ONLY TASK {task}  {}", screen.title),
        (Some(Only::Host(host)), _) => format!("ONLY {}  {}", lanes.names()[host], screen.title),
        (None, Some(host)) => format!("PANELS OF {host}  {}", screen.title),
        (None, None) => screen.title.clone(),
    };
    let left = format!(" {:<room$}", paint::fit(&left, room));
    page.lines(vec![Line::styled(format!("{left}   {right}"), bar())], area);
}

fn bar() -> Style {
    Style::new().reverse()
}

/// What has happened, in a sentence, and because of what. The heights are those of the two.
pub(super) fn sentence(page: &mut Page<'_>, screen: &Screen, [sentence, causes]: [u16; 2]) {
    let (lanes, player) = (&screen.lanes, screen.lanes.present());
    let (before, after) = (player.before(), player.now());
    let told = match lanes.step() {
        Some(step) => story::tell(&player.records()[step.index..], &before, &after),
        None => story::before_the_first(&after),
    };
    let told = match lanes.step() {
        Some(step) if lanes.are_many() => {
            format!("{}: {told}", lanes.name_of(step.recording).to_uppercase())
        }
        _ => told,
    };
    let area = page.take(sentence);
    page.text(&told, paint::bold(), area);
    let area = page.take(causes);
    let lines = because(screen, area.width as usize, area.height as usize);
    page.lines(lines.into_iter().map(Line::from).collect(), area);
}

/// The last row: what is typed, what the last key did, or the keys.
pub(super) fn keys(page: &mut Page<'_>, screen: &Screen) {
    let area = page.take(1);
    let width = area.width as usize;
    let text = match (&screen.prompt, &screen.notice) {
        (Some(prompt), _) => prompt.text(),
        (None, Some(notice)) => notice.clone(),
        (None, None) => bar_of_keys(screen, width),
    };
    page.lines(vec![Line::styled(format!("{text:<width$}"), bar())], area);
}

/// The keys, in words for which there is room.
fn bar_of_keys(screen: &Screen, width: usize) -> String {
    let is_asking = asking::question(screen).is_some();
    let [bar, short] = match screen.lanes.are_many() {
        _ if is_asking => asking::BARS,
        true => hosts::BARS,
        false => keys::BARS,
    };
    let long = match is_asking {
        true => bar.to_owned(),
        false => format!("{bar}     {MARKS}"),
    };
    let fits = |text: &&str| text.chars().count() <= width;
    let fitting = [&*long, bar].into_iter().find(fits);
    fitting.unwrap_or(short).to_owned()
}

/// Where the reader stands.
fn place(screen: &Screen) -> String {
    let count = screen.lanes.len();
    let runs = match screen.running {
        true => format!("  {}", screen.pace()),
        false => String::new(),
    };
    let record = screen.lanes.step().map(|step| screen.lanes.record_of(step));
    match record {
        Some(record) => format!(
            "event #{} ({} of {count}){runs}",
            record.seq,
            screen.lanes.at()
        ),
        None => format!("before the first of {}{runs}", words::count(count, "event")),
    }
}

fn doing(now: &Snapshot) -> String {
    match now.doing {
        Doing::Polling { task, .. } => format!("polls task {task}"),
        Doing::Parked { .. } => "parked".to_owned(),
        _ => "polls no task".to_owned(),
    }
}

/// The chain of causes from the link on that the reader has come to: as much as there is room for, in one
/// line, or else a link a line.
fn because(screen: &Screen, width: usize, height: usize) -> Vec<String> {
    let Some(step) = screen.lanes.step() else {
        return vec![
            "Right arrow: one event forwards. Left arrow: back. ? all keys, q quits.".to_owned(),
        ];
    };
    let links = screen.lanes.causes(step.recording, step.index);
    if links.is_empty() {
        return vec![paint::fit(
            &format!("BECAUSE  {}", no_event(screen, step)),
            width,
        )];
    }
    let first = screen.link.min(links.len() - 1);
    let number = |link: &Link| screen.lanes.seq_of(link);
    let rest = links[first..].iter();
    let texts = rest.map(|link| format!("{} #{}", link.text, number(link)));
    let mut texts: Vec<String> = texts.collect();
    let lead = match first {
        0 => "BECAUSE  ".to_owned(),
        _ => format!("BECAUSE  ({first} before) ← "),
    };
    if height == 1 {
        return vec![paint::fit(&format!("{lead}{}", texts.join(" ← ")), width)];
    }
    if texts.len() > height {
        let more = texts.split_off(height - 1).len();
        texts.push(format!("… and {more} more (PgDn)"));
    }
    let lead = [lead.as_str()]
        .into_iter()
        .chain(std::iter::repeat("       ← "));
    let lines = lead.zip(&texts).map(|(lead, text)| format!("{lead}{text}"));
    lines.map(|line| paint::fit(&line, width)).collect()
}

/// Why something happens of which no event is the cause.
fn no_event(screen: &Screen, step: Step) -> String {
    let event = &screen.lanes.record_of(step).event;
    let wheel = screen.lanes.present().now().wheel;
    sleeping::until_a_cascade(event, &wheel).unwrap_or_else(|| {
        let who = match is_of_the_loop(event) {
            true => "the loop does this between two polls.",
            false => "the program does this, outside of any task.",
        };
        who.to_owned()
    })
}

/// Whether only the loop does such a thing.
fn is_of_the_loop(event: &Event) -> bool {
    matches!(
        event,
        Event::Parked { .. }
            | Event::Unparked
            | Event::Held { .. }
            | Event::Turned { .. }
            | Event::Ready { .. }
            | Event::InboxTaken { .. }
            | Event::JobEnded { .. }
            | Event::ClockAdvanced { .. }
            | Event::WheelAdvanced { .. }
            | Event::Cascaded { .. }
            | Event::TimerFired { .. }
            | Event::PollStart { .. }
            | Event::PollEnd { .. }
            | Event::Stranded { .. }
            | Event::LongPoll { .. }
            | Event::Ended { .. }
    )
}
