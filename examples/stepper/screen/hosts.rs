//! The hosts of a simulation on the screen: their lanes, and the keys that choose one.

use super::{Screen, asking, paint};
use crate::lanes::Only;
use crate::pictures::lanes;
use crate::terminal::{Line, Rect};

/// The last row of the page, of several hosts; and in the least window.
pub(super) const BARS: [&str; 2] = [
    "←→ step  p poll w wake  b cause  Tab host  o only it  f task  / find  G  ? help",
    "←→ step  p poll w wake  b cause  Tab host  o only it  / find  ? help",
];

/// What is said when no host is chosen any more.
pub(super) const FOLLOWING: &str = "The panels show the host of each event again.";

/// What is said where there is one only.
const ONE: &str = "There is one host here. Those of a simulation are opened together: --help.";

/// The picture of the lanes, with its heading; the hosts around the shown one, if there is no room for all.
pub(super) fn rows(screen: &Screen, area: Rect) -> Vec<Line> {
    if area.height == 0 {
        return Vec::new();
    }
    let width = area.width as usize;
    let hidden = asking::question(screen).is_some();
    let mut picture = lanes::draw(&screen.lanes, width, hidden);
    let room = area.height as usize - 1;
    let first = (screen.lanes.shown_host() + 1).saturating_sub(room);
    picture.rows.drain(..first);
    let mut rows = vec![paint::heading(picture.title, picture.legend, width)];
    rows.extend(paint::rows(
        &picture,
        area.width.into(),
        room.max(picture.rows.len()),
    ));
    rows
}

/// The panels stay at the next host, or at none.
pub(super) fn hold_next(screen: &mut Screen) {
    if !screen.lanes.are_many() {
        screen.notice = Some(ONE.to_owned());
        return;
    }
    screen.lanes.hold_next();
    screen.notice = Some(match screen.lanes.held() {
        Some(host) => format!("The panels stay at {host}, until Esc. Tab: the next host."),
        None => FOLLOWING.to_owned(),
    });
}

/// Only the events of the shown host are gone to, or those of all again.
pub(super) fn filter(screen: &mut Screen) {
    let lanes = &mut screen.lanes;
    let text = match lanes.only.take() {
        Some(_) => "All events again.".to_owned(),
        None if lanes.are_many() => {
            let host = lanes.shown_host();
            lanes.only = Some(Only::Host(host));
            format!(
                "Only the events of {}, until o or Esc.",
                lanes.names()[host]
            )
        }
        None => ONE.to_owned(),
    };
    screen.notice = Some(text);
}
