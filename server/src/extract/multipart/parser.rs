//! Fields and their bytes, out of a body that arrives in pieces (RFC 2046, section 5.1).
//!
//! ```text
//! preamble --boundary CRLF headers CRLF CRLF data CRLF--boundary CRLF … CRLF--boundary--
//! ```
//!
//! The parser asks the body for a piece only if what it has is not enough, so at most one
//! piece and one field's headers are in memory. Data is handed on as soon as it cannot be a
//! part of the delimiter. Each step leaves the parser in a state from which it goes on, so a
//! future that is dropped between two steps loses nothing.
//!
//! How it can go wrong: the delimiter comes in two pieces. So what may be its beginning stays
//! until the next piece has told. A boundary holds no CR, so only the last CR in the buffer can
//! begin one.

use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue};
use memchr::memmem;

use super::error::{Kind, MultipartError};
use crate::body::Body;

/// Bytes that the headers of a field may have.
const HEADERS: usize = 16 * 1024;

/// Headers that a field may have.
const MAX_HEADERS: usize = 32;

/// Where in the body the parser is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Before the first boundary.
    Preamble,
    /// Behind a boundary; it may be the last one.
    Boundary,
    /// Behind a boundary and its line end.
    Headers,
    /// In a field's data.
    Data,
    /// Behind the last boundary.
    End,
}

/// A body, and how far it has been read.
#[derive(Debug)]
pub(super) struct Parser {
    body: Body,
    /// CRLF, two dashes, the boundary.
    delimiter: memmem::Finder<'static>,
    buffer: BytesMut,
    /// Bytes of the buffer in which the end of the headers does not begin.
    searched: usize,
    stage: Stage,
}

impl Parser {
    pub(super) fn new(body: Body, boundary: &str) -> Self {
        let delimiter = format!("\r\n--{boundary}");
        Parser {
            body,
            delimiter: memmem::Finder::new(delimiter.as_bytes()).into_owned(),
            buffer: BytesMut::new(),
            searched: 0,
            stage: Stage::Preamble,
        }
    }

    /// Reads on to the next field and gives its headers; `None` behind the last field. What is
    /// left of the field before is dropped.
    pub(super) fn poll_headers(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<HeaderMap>, MultipartError>> {
        loop {
            let is_through = match self.stage {
                Stage::Preamble => self.preamble(),
                Stage::Boundary => self.boundary()?,
                Stage::Headers => match self.headers()? {
                    Some(headers) => return Poll::Ready(Ok(Some(headers))),
                    None => false,
                },
                Stage::Data => {
                    let data = ready!(self.poll_data(cx))?;
                    debug_assert!(data.is_some() || self.stage != Stage::Data);
                    true
                }
                Stage::End => return Poll::Ready(Ok(None)),
            };
            if !is_through && !ready!(self.poll_fill(cx))? {
                return Poll::Ready(Err(MultipartError(Kind::IncompleteStream)));
            }
        }
    }

    /// The next bytes of the field; `None` at its end.
    pub(super) fn poll_data(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<Bytes>, MultipartError>> {
        while self.stage == Stage::Data {
            if let Some(data) = self.data() {
                return Poll::Ready(Ok(Some(data)));
            }
            if self.stage == Stage::Data && !ready!(self.poll_fill(cx))? {
                return Poll::Ready(Err(MultipartError(Kind::IncompleteField(None))));
            }
        }
        Poll::Ready(Ok(None))
    }

    /// Adds the next piece of the body to the buffer. `false`: there is none.
    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<Result<bool, MultipartError>> {
        match ready!(self.body.poll_chunk(cx)) {
            Some(Ok(piece)) => {
                self.buffer.extend_from_slice(&piece);
                Poll::Ready(Ok(true))
            }
            Some(Err(error)) => Poll::Ready(Err(MultipartError(Kind::Body(error)))),
            None => Poll::Ready(Ok(false)),
        }
    }

    /// Drops what stands before the first boundary, and the boundary.
    fn preamble(&mut self) -> bool {
        let boundary = &self.delimiter.needle()[2..];
        match memmem::find(&self.buffer, boundary) {
            Some(at) => {
                self.buffer.advance(at + boundary.len());
                self.stage = Stage::Boundary;
                true
            }
            None => {
                let kept = boundary.len() - 1;
                self.buffer.advance(self.buffer.len().saturating_sub(kept));
                false
            }
        }
    }

    /// Reads what stands behind a boundary: two dashes, or blanks and a line end.
    fn boundary(&mut self) -> Result<bool, MultipartError> {
        if self.buffer.starts_with(b"--") {
            self.stage = Stage::End;
            return Ok(true);
        }
        let blanks = self
            .buffer
            .iter()
            .take_while(|byte| matches!(byte, b' ' | b'\t'));
        let blanks = blanks.count();
        let rest = &self.buffer[blanks..];
        if rest.starts_with(b"\r\n") {
            self.buffer.advance(blanks + 2);
            self.searched = 0;
            self.stage = Stage::Headers;
            return Ok(true);
        }
        let may_come = match rest {
            [] => blanks <= HEADERS,
            [b'\r'] => true,
            [b'-'] => blanks == 0,
            _ => false,
        };
        if may_come {
            return Ok(false);
        }
        Err(MultipartError(Kind::IncompleteStream))
    }

    /// Takes a field's headers, if they are all there.
    fn headers(&mut self) -> Result<Option<HeaderMap>, MultipartError> {
        let end = memmem::find(&self.buffer[self.searched..], b"\r\n\r\n");
        let Some(end) = end.map(|end| self.searched + end + 4) else {
            self.searched = self.buffer.len().saturating_sub(3);
            if self.buffer.len() > HEADERS {
                return Err(MultipartError(Kind::HeadersTooLarge));
            }
            return Ok(None);
        };
        if end > HEADERS {
            return Err(MultipartError(Kind::HeadersTooLarge));
        }
        let headers = read_headers(&self.buffer[..end])?;
        self.buffer.advance(end);
        self.stage = Stage::Data;
        Ok(Some(headers))
    }

    /// Takes data out of the buffer, up to what may be the delimiter. `None`: there is none
    /// yet, or the field has ended.
    fn data(&mut self) -> Option<Bytes> {
        let delimiter = self.delimiter.needle();
        let data = match self.delimiter.find(&self.buffer) {
            Some(end) => {
                let data = self.buffer.split_to(end);
                self.buffer.advance(delimiter.len());
                self.stage = Stage::Boundary;
                data
            }
            None => {
                let start = self.buffer.len().saturating_sub(delimiter.len() - 1);
                let tail = memchr::memrchr(b'\r', &self.buffer[start..]);
                let tail = tail.map(|at| start + at);
                let is_start = |at: &usize| delimiter.starts_with(&self.buffer[*at..]);
                let end = tail.filter(is_start).unwrap_or(self.buffer.len());
                self.buffer.split_to(end)
            }
        };
        (!data.is_empty()).then(|| data.freeze())
    }
}

fn read_headers(text: &[u8]) -> Result<HeaderMap, MultipartError> {
    let mut room = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let read = httparse::parse_headers(text, &mut room);
    let read = read.map_err(|error| MultipartError(Kind::Headers(error)))?;
    let httparse::Status::Complete((_, lines)) = read else {
        return Err(MultipartError(Kind::HeadersTooLarge));
    };
    let mut headers = HeaderMap::with_capacity(lines.len());
    for line in lines {
        let name = HeaderName::from_bytes(line.name.as_bytes())
            .map_err(|_| MultipartError(Kind::Headers(httparse::Error::HeaderName)))?;
        let value = HeaderValue::from_bytes(line.value)
            .map_err(|error| MultipartError(Kind::HeaderValue(error)))?;
        headers.append(name, value);
    }
    Ok(headers)
}
