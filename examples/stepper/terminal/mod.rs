//! The terminal: taken over, drawn on, given back.
//!
//! A page is drawn as a whole, each time. That is a few thousand bytes, and it leaves nothing to go
//! wrong: no memory of what the terminal shows has to agree with what it does show. Each page is
//! one synchronised update, so that a terminal that knows of these never shows half of one.

mod frame;
mod text;

use std::io::{self, Write};
use std::panic;

use crossterm::cursor::{Hide, Show};
use crossterm::terminal::{self, EnterAlternateScreen, LeaveAlternateScreen};
use crossterm::terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate};
use crossterm::{execute, queue};

pub(crate) use frame::{Frame, Rect};
pub(crate) use text::{Line, Span, Style};

/// Switches on raw mode and the second screen. A panic from now on gives the terminal back before its
/// message is printed.
pub(crate) fn take_over() -> io::Result<()> {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let _ = give_back();
        hook(info);
    }));
    terminal::enable_raw_mode()?;
    execute!(io::stdout(), EnterAlternateScreen, Hide)
}

/// Switches both off. More than once does no harm.
pub(crate) fn give_back() -> io::Result<()> {
    let cooked = terminal::disable_raw_mode();
    execute!(io::stdout(), LeaveAlternateScreen, Show)?;
    cooked
}

/// Draws a page, as large as the window is now.
pub(crate) fn draw(page: impl FnOnce(&mut Frame)) -> io::Result<()> {
    let (width, height) = terminal::size()?;
    let mut frame = Frame::new(width, height);
    page(&mut frame);
    let mut bytes = Vec::new();
    queue!(bytes, BeginSynchronizedUpdate)?;
    frame.write_to(&mut bytes)?;
    queue!(bytes, EndSynchronizedUpdate)?;
    let mut out = io::stdout().lock();
    out.write_all(&bytes)?;
    out.flush()
}
