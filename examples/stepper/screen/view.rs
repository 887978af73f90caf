//! The page: where everything stands.
//!
//! ```text
//!  the program, the event, the time
//!  what has happened, in a sentence; because of what
//!  the hosts, if there are several
//!  the loop and its steps                      inbox
//!  run queue
//!  what tasks share, or what the program says of its state
//!  tasks
//!  wheel                 sources
//!  the runtime's source  the program's source
//!  keys
//! ```
//!
//! It is made for 80 × 24. What a window has more is given to the sentence, the causes, the
//! pictures and, most of it, to the source. In a wide window the pictures stand on the left, one below the
//! other, and the source on the right.

use runtime::trace::Snapshot;

use super::page::{Page, split};
use super::{Screen, asking, bars, code, help, hosts, paint};
use crate::lanes::Step;
use crate::pictures::{Picture, inbox, queue, reactor, round, shared, state, tasks, wheel};
use crate::terminal::{Frame, Line, Style};

/// The least window in which anything can be seen.
const LEAST: (u16, u16) = (72, 20);

/// From this width on, pictures and source stand side by side.
const WIDE: u16 = 150;

/// The place of the loop's steps, beside which the inbox stands.
const LOOP: u16 = 56;

/// The heights of the parts, for a window's height. What is left is for the source.
struct Heights {
    sentence: u16,
    causes: u16,
    /// Of the hosts, if there are several.
    lanes: u16,
    shared: u16,
    /// Of the tasks, and of the wheel.
    picture: u16,
}

impl Heights {
    /// The last part wants `least` rows, and each of the pictures has `floor` rows also if there are not so many left.
    /// `hosts`: so many there are.
    fn of(height: u16, [least, floor]: [u16; 2], hosts: u16) -> Heights {
        let spare = height.saturating_sub(24);
        let (sentence, causes) = (2 + (spare / 8).min(1), 1 + (spare / 3).min(4));
        let shared = 1 + (spare / 4).min(3);
        let lanes = if hosts > 1 {
            1 + hosts.min(3 + spare / 3)
        } else {
            0
        };
        let left = height.saturating_sub(4 + sentence + causes + lanes + shared);
        let least_picture = match hosts {
            0 | 1 => 5,
            _ if height < 24 => 3,
            _ => 4,
        };
        let picture = (least_picture + spare / 5).min(left.saturating_sub(least) / 2);
        let picture = picture.max(floor);
        Heights {
            sentence,
            causes,
            lanes,
            shared,
            picture,
        }
    }
}

/// Draws the whole page.
pub(super) fn draw(screen: &Screen, frame: &mut Frame) {
    let area = frame.area();
    if area.width < LEAST.0 || area.height < LEAST.1 {
        let text = format!(
            "This window is too small: {} x {} is the least.",
            LEAST.0, LEAST.1
        );
        return frame.text(&text, Style::new(), area);
    }
    if screen.help {
        return frame.lines(&help::page(area.width.into(), area.height.into()), area);
    }
    let [before, after] = screen.lanes.states();
    let states = [&before, &after];
    let is_code = screen.lanes.shown().at() > 0;
    let wanted = match asking::question(screen) {
        Some(question) => [asking::height(&question, area), 1],
        None if screen.verdict.is_some() => [asking::HEIGHT, 2],
        None if is_code => [0, 3],
        None => [asking::HEIGHT, 3],
    };
    let hosts = screen.lanes.names().len() as u16;
    let heights = Heights::of(area.height, wanted, hosts);
    let mut page = Page::of(frame);
    bars::title(&mut page, screen, states[1]);
    bars::sentence(&mut page, screen, [heights.sentence, heights.causes]);
    let area = page.take(heights.lanes);
    page.lines(hosts::rows(screen, area), area);
    let body = page.take_all_but(1);
    match area.width >= WIDE {
        true => {
            let (left, right) = split(body, (area.width * 9 / 20).max(84));
            wide(&mut page.within(left), screen, states);
            beside(&mut page.within(right), screen, states);
        }
        false => narrow(&mut page.within(body), screen, states, &heights),
    }
    bars::keys(&mut page, screen);
}

/// Everything below each other.
fn narrow(page: &mut Page<'_>, screen: &Screen, states: [&Snapshot; 2], heights: &Heights) {
    first_rows(page, screen, states);
    let [before, after] = states;
    let width = page.rest.width;
    let (shared, tasks) = (shared_or_state(screen, states), tasks_of(screen, states));
    let left = wheel_width(width);
    let wheel = wheel::draw(before, after, left as usize);
    let sources = reactor::draw(before, after);
    let low = paint::height(&wheel, left).max(paint::height(&sources, width - left - 1));
    let wanted = [
        paint::least_height(&shared, width),
        paint::height(&tasks, width),
        low,
    ];
    let given = [heights.shared, heights.picture, heights.picture];
    let [for_shared, for_tasks, low] = match screen.lanes.shown().record() {
        Some(_) => balanced(given, wanted),
        // Before the first event there is more to read than to see.
        None => std::array::from_fn(|at| given[at].min(wanted[at])),
    };
    let area = page.take(for_shared);
    page.picture(&shared, area);
    let area = page.take(for_tasks);
    page.picture(&tasks, area);
    let (left, right) = split(page.take(low), left);
    page.picture(&wheel, left);
    page.picture(&sources, right);
    last_part(page, screen, states, false);
}

/// The rows that were given to what tasks share, to the tasks, and to wheel and sources; those that one does not
/// want go to another that wants more.
fn balanced(mut given: [u16; 3], wanted: [u16; 3]) -> [u16; 3] {
    for lacks in [1, 0, 2] {
        for has in [2, 1, 0] {
            let spare = given[has].saturating_sub(wanted[has]);
            let rows = spare.min(wanted[lacks].saturating_sub(given[lacks]));
            given[has] -= rows;
            given[lacks] += rows;
        }
    }
    given
}

/// The pictures of a wide window.
fn wide(page: &mut Page<'_>, screen: &Screen, states: [&Snapshot; 2]) {
    first_rows(page, screen, states);
    let [before, after] = states;
    let width = page.rest.width as usize;
    let pictures = [
        tasks_of(screen, states),
        shared_or_state(screen, states),
        wheel::draw(before, after, width),
        reactor::draw(before, after),
    ];
    let mut left = pictures.len() as u16;
    for picture in pictures {
        // As many rows as it has; what it does not need is for those below.
        let share = page.rest.height / left;
        let wants = paint::height(&picture, page.rest.width) + 1;
        let area = page.take(share.min(wants).max(share / 2));
        page.picture(&picture, area);
        left -= 1;
    }
    story(page, screen);
}

/// What has happened before, as much as there is room for.
fn story(page: &mut Page<'_>, screen: &Screen) {
    let area = page.rest;
    let lanes = &screen.lanes;
    let told = lanes.told_before(area.height.saturating_sub(1).into());
    if told.is_empty() {
        return;
    }
    let heading = paint::heading("BEFORE THIS", "the latest last", area.width as usize);
    let line = |(step, told): &(Step, String)| {
        let number = format!("#{}", lanes.record_of(*step).seq);
        match lanes.are_many() {
            true => format!("{number:>5} {}: {told}", lanes.name_of(step.recording)),
            false => format!("{number:>5} {told}"),
        }
    };
    let lines = told.iter().map(|told| Line::from(line(told)));
    page.lines([heading].into_iter().chain(lines).collect(), area);
}

/// Beside the pictures: the source, and what to watch.
fn beside(page: &mut Page<'_>, screen: &Screen, states: [&Snapshot; 2]) {
    let is_tall = page.rest.height >= 30 && screen.lanes.shown().record().is_some();
    let area = page.take_all_but(if is_tall { 8 } else { 0 });
    last_part(&mut page.within(area), screen, states, true);
    if is_tall {
        watch(page, screen);
    }
}

fn first_rows(page: &mut Page<'_>, screen: &Screen, [before, after]: [&Snapshot; 2]) {
    let record = screen.lanes.shown_record();
    let (left, right) = split(page.take(1), LOOP);
    page.picture(&round::draw(record, before, after), left);
    page.picture(&inbox::draw(record, after), right);
    let area = page.take(1);
    page.picture(&queue::draw(before, after), area);
}

fn tasks_of(screen: &Screen, [before, after]: [&Snapshot; 2]) -> Picture {
    let lanes = &screen.lanes;
    tasks::draw(lanes.shown(), lanes.shown_record(), before, after)
}

fn shared_or_state(screen: &Screen, [before, after]: [&Snapshot; 2]) -> Picture {
    let lanes = &screen.lanes;
    match lanes.shown().has_notes() {
        true => state::draw(lanes.shown().noted()),
        false => shared::draw(lanes.shown(), lanes.shown_record(), before, after),
    }
}

/// The question, what an answer was worth, the source, or what to watch.
fn last_part(page: &mut Page<'_>, screen: &Screen, states: [&Snapshot; 2], is_stacked: bool) {
    if let Some(question) = asking::question(screen) {
        let area = page.rest;
        return page.lines(asking::rows(&question, area), area);
    }
    if let Some(verdict) = &screen.verdict {
        let area = page.take(asking::VERDICT);
        page.text(verdict, paint::bold(), area);
    }
    match screen.lanes.shown().record() {
        Some(record) => code::both(page, screen, record.place, states, is_stacked),
        None => watch(page, screen),
    }
}

fn watch(page: &mut Page<'_>, screen: &Screen) {
    let area = page.take(1);
    let heading = paint::heading("WHAT TO WATCH", "", area.width as usize);
    page.lines(vec![heading], area);
    let area = page.rest;
    page.text(&screen.watch, Style::new(), area);
}

/// Wide enough for 64 slots, if the sources beside it still have room.
fn wheel_width(width: u16) -> u16 {
    match width {
        114.. => 78,
        _ => 45,
    }
}

/// A line that says only this.
pub(super) fn faint(text: &str) -> Line {
    Line::styled(text, paint::faint())
}
