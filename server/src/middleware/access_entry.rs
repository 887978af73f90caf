//! One request in the access log: what is known of it, and how it is written.

use std::fmt::{self, Write};
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{Method, StatusCode};
use http_body::{Frame, SizeHint};
use runtime::time::Instant;

use crate::body::{Body, BodyError};
use crate::current::Ids;
use crate::extract::ids::ids;
use crate::extract::{ConnectInfo, OriginalUri};
use crate::message::{Request, Response};

/// How a line looks.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form {
    Text,
    Json,
}

/// In what durations are told.
#[derive(Debug, Clone, Copy)]
pub(super) enum Unit {
    Milliseconds,
    Microseconds,
}

impl Unit {
    fn name(self) -> &'static str {
        match self {
            Unit::Milliseconds => "ms",
            Unit::Microseconds => "us",
        }
    }
}

/// A request under way. Its line is written when this is dropped.
pub(super) struct Entry {
    method: Method,
    path: String,
    peer: Option<SocketAddr>,
    /// If the line shall tell them: `None` inside, if they are not known.
    ids: Option<Option<Ids>>,
    begin: Instant,
    status: Option<StatusCode>,
    bytes: u64,
    /// How many bytes the body has, if it says so: what it gives behind these is not asked for.
    length: Option<u64>,
    is_complete: bool,
    form: Form,
    unit: Unit,
    write: Rc<dyn Fn(&str)>,
}

impl Entry {
    pub(super) fn new(
        request: &Request,
        form: Form,
        unit: Unit,
        with_ids: bool,
        write: Rc<dyn Fn(&str)>,
    ) -> Self {
        let extensions = request.extensions();
        let original = extensions.get::<OriginalUri>();
        let uri = original.map_or(request.uri(), |OriginalUri(uri)| uri);
        let info = extensions.get::<ConnectInfo<SocketAddr>>();
        Entry {
            method: request.method().clone(),
            path: uri.path().to_owned(),
            peer: info.map(|ConnectInfo(peer)| *peer),
            ids: with_ids.then(|| ids(extensions)),
            begin: Instant::now(),
            status: None,
            bytes: 0,
            length: None,
            is_complete: false,
            form,
            unit,
            write,
        }
    }

    /// The handler has answered.
    pub(super) fn answered(&mut self, response: &Response) {
        self.status = Some(response.status());
        let length = response.headers().get(CONTENT_LENGTH);
        let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
        self.length = match self.method {
            Method::HEAD => Some(0),
            _ => length.or(response.body().exact_length()),
        };
    }

    /// So many bytes more have been handed over. (An answer to HEAD has none.)
    pub(super) fn count(&mut self, bytes: usize) {
        if self.method != Method::HEAD {
            self.bytes += bytes as u64;
        }
    }

    /// The body has come to its end.
    pub(super) fn complete(&mut self) {
        self.is_complete = true;
    }

    fn duration(&self) -> u128 {
        let duration = self.begin.elapsed();
        match self.unit {
            Unit::Milliseconds => duration.as_millis(),
            Unit::Microseconds => duration.as_micros(),
        }
    }

    fn text(&self) -> String {
        format!(
            "{} {} {} {} {}{} {}{}{}\n",
            self.method,
            Escaped(&self.path, Form::Text),
            OrElse(self.status.map(|status| status.as_u16()), "-"),
            self.bytes,
            self.duration(),
            self.unit.name(),
            OrElse(self.peer, "-"),
            self.ids.map_or(String::new(), text_of_ids),
            if self.is_complete { "" } else { " incomplete" },
        )
    }

    fn json(&self) -> String {
        let peer = self.peer.map(|peer| format!("\"{peer}\""));
        format!(
            "{{\"method\":\"{}\",\"path\":\"{}\",\"status\":{},\"bytes\":{},\"duration_{}\":{},\
             \"peer\":{}{},\"complete\":{}}}\n",
            self.method,
            Escaped(&self.path, Form::Json),
            OrElse(self.status.map(|status| status.as_u16()), "null"),
            self.bytes,
            self.unit.name(),
            self.duration(),
            OrElse(peer, "null"),
            self.ids.map_or(String::new(), json_of_ids),
            self.is_complete,
        )
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.is_complete |= self.length == Some(self.bytes);
        let line = match self.form {
            Form::Text => self.text(),
            Form::Json => self.json(),
        };
        // This may run while the handler's panic unwinds; a second panic would end the process.
        let _ = catch_unwind(AssertUnwindSafe(|| (self.write)(&line)));
    }
}

fn text_of_ids(ids: Option<Ids>) -> String {
    match ids {
        Some(ids) => format!(" {}/{}", ids.connection, ids.request),
        None => " -".to_owned(),
    }
}

fn json_of_ids(ids: Option<Ids>) -> String {
    let (connection, request) = (ids.map(|it| it.connection), ids.map(|it| it.request));
    format!(
        ",\"connection\":{},\"request\":{}",
        OrElse(connection, "null"),
        OrElse(request, "null")
    )
}

/// A value, or what stands for none.
struct OrElse<T>(Option<T>, &'static str);

impl<T: fmt::Display> fmt::Display for OrElse<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(value) => value.fmt(f),
            None => f.write_str(self.1),
        }
    }
}

/// Text of the client's: visible ASCII as it is, all else escaped.
struct Escaped<'a>(&'a str, Form);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for char in self.0.chars() {
            match (char, self.1) {
                ('\\', Form::Text) => f.write_str("\\\\")?,
                ('"' | '\\', Form::Json) => write!(f, "\\{char}")?,
                _ if char.is_ascii_graphic() => f.write_char(char)?,
                (_, Form::Text) => write!(f, "{}", char.escape_unicode())?,
                (_, Form::Json) => {
                    for unit in char.encode_utf16(&mut [0; 2]) {
                        write!(f, "\\u{unit:04x}")?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// A body whose bytes are counted.
pub(super) struct Counted {
    body: Body,
    entry: Entry,
}

impl Counted {
    pub(super) fn new(body: Body, entry: Entry) -> Self {
        Counted { body, entry }
    }
}

impl http_body::Body for Counted {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let frame = ready!(self.body.poll_any(cx));
        match &frame {
            Some(Ok(frame)) => self.entry.count(frame.data_ref().map_or(0, Bytes::len)),
            Some(Err(_)) => {}
            None => self.entry.complete(),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        http_body::Body::is_end_stream(&self.body)
    }

    fn size_hint(&self) -> SizeHint {
        http_body::Body::size_hint(&self.body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_visible_ascii_is_escaped() {
        let evil = "/a\n\u{1b}[2J\u{9b}\"\\ü😀\u{7f}";
        let text = Escaped(evil, Form::Text).to_string();
        assert_eq!(
            text,
            "/a\\u{a}\\u{1b}[2J\\u{9b}\"\\\\\\u{fc}\\u{1f600}\\u{7f}"
        );
        let json = format!("\"{}\"", Escaped(evil, Form::Json));
        assert!(json.bytes().all(|byte| byte.is_ascii_graphic()));
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), evil);
    }
}
