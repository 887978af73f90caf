//! One event, as text.

use std::fmt;
use std::io;
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use memchr::{memchr, memchr2, memchr2_iter};
use serde::Serialize;

use crate::Error;

/// One event under way to a client.
///
/// Each field may be set once; comments as often as you like.
///
/// ```
/// use server::response::sse::Event;
///
/// let event = Event::default().id("7").event("shift").data("two lines\nof text");
/// let _last = event.retry(std::time::Duration::from_secs(5)).comment("the last one");
/// ```
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct Event {
    text: Text,
    has_data: bool,
    has_event: bool,
    has_id: bool,
    has_retry: bool,
}

/// The lines of an event.
#[derive(Debug, Clone)]
enum Text {
    /// More lines may come.
    Open(BytesMut),
    /// The event has ended.
    Whole(Bytes),
}

impl Default for Text {
    fn default() -> Self {
        Text::Open(BytesMut::new())
    }
}

impl Text {
    fn open(&mut self) -> &mut BytesMut {
        if let Text::Whole(bytes) = self {
            *self = Text::Open(BytesMut::from(&bytes[..]));
        }
        match self {
            Text::Open(bytes) => bytes,
            Text::Whole(_) => unreachable!("it has just been opened"),
        }
    }
}

impl Event {
    /// An empty comment: what [`KeepAlive`](super::KeepAlive) sends unless told otherwise.
    /// Its example is [`KeepAlive`](super::KeepAlive)'s.
    pub const DEFAULT_KEEP_ALIVE: Self = Event {
        text: Text::Whole(Bytes::from_static(b":\n\n")),
        has_data: false,
        has_event: false,
        has_id: false,
        has_retry: false,
    };

    /// The event's data. Each line of it gets a line of its own. Its example is [`Event`]'s.
    ///
    /// # Panics
    ///
    /// If the event has data already.
    pub fn data(self, data: impl AsRef<str>) -> Self {
        let mut writer = self.into_data_writer();
        writer.write(data.as_ref().as_bytes());
        writer.into_event()
    }

    /// The event's data, as JSON.
    ///
    /// # Errors
    ///
    /// If the value cannot be serialized.
    ///
    /// # Panics
    ///
    /// If the event has data already.
    ///
    /// ```
    /// use server::response::sse::Event;
    ///
    /// let event = Event::default().json_data([1, 2, 3]).unwrap();
    /// # let _ = event;
    /// ```
    pub fn json_data(self, data: impl Serialize) -> Result<Self, Error> {
        let mut writer = self.into_data_writer();
        serde_json::to_writer(Json(&mut writer), &data).map_err(Error::new)?;
        Ok(writer.into_event())
    }

    /// Begins the event's data, to be written piece by piece.
    ///
    /// ```
    /// use std::fmt::Write;
    /// use server::response::sse::Event;
    ///
    /// let mut data = Event::default().into_data_writer();
    /// write!(data, "{} of {}", 3, 4).unwrap();
    /// let event = data.into_event();
    /// # let _ = event;
    /// ```
    pub fn into_data_writer(self) -> EventDataWriter {
        EventDataWriter {
            event: self,
            begun: false,
            after_return: false,
        }
    }

    /// A comment, which the client ignores. Its example is [`Event`]'s.
    ///
    /// # Panics
    ///
    /// If it has more than one line.
    pub fn comment(mut self, comment: impl AsRef<str>) -> Self {
        self.field("", comment.as_ref());
        self
    }

    /// The event's name: what a browser's listener listens for. Its example is [`Event`]'s.
    ///
    /// # Panics
    ///
    /// If the event has a name already, or the name has more than one line.
    pub fn event(mut self, event: impl AsRef<str>) -> Self {
        assert!(!self.has_event, "Called `Event::event` multiple times");
        self.has_event = true;
        self.field("event", event.as_ref());
        self
    }

    /// How long a client waits before it connects again, in whole milliseconds.
    /// Its example is [`Event`]'s.
    ///
    /// # Panics
    ///
    /// If the event says so already.
    pub fn retry(mut self, duration: Duration) -> Self {
        assert!(!self.has_retry, "Called `Event::retry` multiple times");
        self.has_retry = true;
        self.field("retry", &duration.as_millis().to_string());
        self
    }

    /// The event's number, which the client sends when it connects again.
    /// Its example is [`Event`]'s.
    ///
    /// # Panics
    ///
    /// If the event has one already, or it has more than one line or a null character.
    pub fn id(mut self, id: impl AsRef<str>) -> Self {
        assert!(!self.has_id, "Called `Event::id` multiple times");
        self.has_id = true;
        let id = id.as_ref();
        assert!(
            memchr(0, id.as_bytes()).is_none(),
            "Event ID cannot contain null characters",
        );
        self.field("id", id);
        self
    }

    fn field(&mut self, name: &str, value: &str) {
        assert!(
            memchr2(b'\r', b'\n', value.as_bytes()).is_none(),
            "SSE field value cannot contain newlines or carriage returns",
        );
        let text = self.text.open();
        for part in [name, ": ", value, "\n"] {
            text.put_slice(part.as_bytes());
        }
    }

    /// The event as it is sent, with the empty line that ends it.
    pub(super) fn into_bytes(self) -> Bytes {
        match self.text {
            Text::Whole(bytes) => bytes,
            Text::Open(mut text) => {
                text.put_u8(b'\n');
                text.freeze()
            }
        }
    }

    /// The same event, which costs nothing to send again.
    pub(super) fn whole(mut self) -> Self {
        self.text = Text::Whole(self.clone().into_bytes());
        self
    }
}

/// Writes an event's data piece by piece. From [`Event::into_data_writer`].
/// Its example is [`Event::into_data_writer`]'s.
#[derive(Debug)]
#[must_use]
pub struct EventDataWriter {
    event: Event,
    /// Something has been written with this writer.
    begun: bool,
    /// The last byte was a carriage return: a line feed after it begins no other line.
    after_return: bool,
}

impl EventDataWriter {
    /// The event with its data. Its example is [`Event::into_data_writer`]'s.
    pub fn into_event(self) -> Event {
        let mut event = self.event;
        if self.begun {
            event.text.open().put_u8(b'\n');
        }
        event
    }

    fn write(&mut self, data: &[u8]) {
        if data.is_empty() {
            return;
        }
        if !self.begun {
            assert!(!self.event.has_data, "Called `Event::data*` multiple times");
            self.event.has_data = true;
            self.begun = true;
            self.event.text.open().put_slice(b"data: ");
        }
        let text = self.event.text.open();
        let mut written = 0;
        for end in memchr2_iter(b'\r', b'\n', data) {
            let before = match end.checked_sub(1) {
                Some(before) => data[before] == b'\r',
                None => self.after_return,
            };
            if data[end] == b'\n' && before {
                // The second half of one line break.
                written = end + 1;
                continue;
            }
            text.put_slice(&data[written..=end]);
            text.put_slice(b"data: ");
            written = end + 1;
        }
        text.put_slice(&data[written..]);
        self.after_return = data.last() == Some(&b'\r');
    }
}

impl fmt::Write for EventDataWriter {
    fn write_str(&mut self, data: &str) -> fmt::Result {
        self.write(data.as_bytes());
        Ok(())
    }
}

/// What `serde_json` writes into.
struct Json<'a>(&'a mut EventDataWriter);

impl io::Write for Json<'_> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.0.write(data);
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    #[track_caller]
    fn assert_text(event: Event, expected: &str) {
        assert_eq!(event.into_bytes(), expected);
    }

    #[test]
    fn every_line_of_the_data_is_a_line_of_the_event() {
        let data = |text: &str| Event::default().data(text);
        assert_text(data("one"), "data: one\n\n");
        assert_text(data(" spaced"), "data:  spaced\n\n");
        assert_text(
            data("a\nb\rc\r\nd"),
            "data: a\ndata: b\rdata: c\rdata: d\n\n",
        );
        assert_text(data("end\n"), "data: end\ndata: \n\n");
        assert_text(data(""), "\n");
    }

    #[test]
    fn data_may_be_written_in_pieces() {
        let mut writer = Event::default().into_data_writer();
        for piece in ["", "a\r", "\nb", "\r", "c"] {
            writer.write_str(piece).unwrap();
        }
        assert_text(writer.into_event(), "data: a\rdata: b\rdata: c\n\n");
    }

    #[test]
    fn the_fields_stand_in_the_order_in_which_they_were_set() {
        let event = Event::default()
            .comment("hi")
            .id("7")
            .event("shift")
            .retry(Duration::from_micros(1_500_999))
            .json_data(["x"])
            .unwrap();
        assert_text(
            event,
            ": hi\nid: 7\nevent: shift\nretry: 1500\ndata: [\"x\"]\n\n",
        );
    }

    #[test]
    fn an_event_that_is_whole_can_be_continued() {
        assert_text(Event::DEFAULT_KEEP_ALIVE, ":\n\n");
        assert_text(Event::default().data("x").whole().whole(), "data: x\n\n");
    }

    #[test]
    #[should_panic = "Called `Event::data*` multiple times"]
    fn data_is_set_once() {
        let _ = Event::default().data("a").data("b");
    }

    #[test]
    #[should_panic = "SSE field value cannot contain newlines or carriage returns"]
    fn a_name_is_one_line() {
        let _ = Event::default().event("a\nb");
    }

    #[test]
    #[should_panic = "Event ID cannot contain null characters"]
    fn an_id_has_no_null() {
        let _ = Event::default().id("\0");
    }
}
