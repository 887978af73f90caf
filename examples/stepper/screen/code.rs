//! The source: the line of the runtime that did it, and the line of the program.

use runtime::trace::{Place, Snapshot};
use story::{place, source};

use super::page::{Page, split};
use super::view::faint;
use super::{Screen, paint};
use crate::resume;
use crate::terminal::Rect;

/// Both, side by side or one below the other.
pub(super) fn both(
    page: &mut Page<'_>,
    screen: &Screen,
    runtime: Place,
    states: [&Snapshot; 2],
    is_stacked: bool,
) {
    let area = page.rest;
    let (first, second) = match is_stacked {
        true => (page.take(area.height / 2), page.rest),
        false => split(area, area.width / 2),
    };
    one(page, screen, ("RUNTIME", runtime), first);
    match resume::line(screen.lanes.shown(), states) {
        Some((what, place)) => one(page, screen, (&format!("PROGRAM {what}"), place), second),
        None => {
            let heading = paint::heading("PROGRAM", "no line of it", second.width as usize);
            page.lines(vec![heading], second);
        }
    }
}

fn one(page: &mut Page<'_>, screen: &Screen, (whose, place): (&str, Place), area: Rect) {
    let width = area.width as usize;
    let is_over = whose.ends_with("after");
    let whose = match whose.split_once(' ') {
        Some((program, "after")) => format!("{program} goes on after"),
        Some((program, how @ ("enters" | "entered"))) => format!("{program} {how} poll at"),
        _ => whose.to_owned(),
    };
    let name = place::name(place);
    let name = paint::fit_end(&name, width.saturating_sub(whose.len() + 2));
    let height = area.height.saturating_sub(1) as usize;
    let code = screen.lanes.shown().sources.around(place, height);
    let next = if is_over {
        next(&code, place.line)
    } else {
        None
    };
    let mut lines = vec![paint::heading(&whose, &name, width)];
    if code.is_empty() {
        lines.push(faint("This file cannot be read here."));
    }
    lines.extend(code.iter().map(|line| {
        let sign = match line.number {
            number if number == place.line && is_over => '✓',
            number if number == place.line || Some(number) == next => '▶',
            _ => ' ',
        };
        paint::code(line, sign, width)
    }));
    page.lines(lines, area);
}

/// The line at which the code goes on after this one, if that can be seen: the statement ends on it, and
/// another follows in the same block.
fn next(code: &[source::Line], own: u32) -> Option<u32> {
    let text = |line: &source::Line| {
        let code = line.text.split("//").next().unwrap_or_default();
        code.trim().to_owned()
    };
    let at = code.iter().position(|line| line.number == own)?;
    let ending = text(&code[at]);
    let is_whole = ending.contains(".await") && ending.ends_with([';', '{']);
    let mut rest = code[at + 1..].iter().filter(|line| !text(line).is_empty());
    let next = rest.next().filter(|_| is_whole)?;
    (!text(next).starts_with(['}', ')', ']'])).then_some(next.number)
}
