//! From bytes to a request: reading the head.
//!
//! A request begins with a few lines of text:
//!
//! ```text
//! POST /api/echo?loud HTTP/1.1\r\n      method, target, version
//! Host: example.com\r\n                 headers, one a line
//! Content-Length: 5\r\n
//! \r\n                                  an empty line ends the head
//! hello                                 what follows is the body
//! ```
//!
//! Cutting the lines apart is `httparse`'s work; it is fast and strict about which bytes
//! may stand where. What this module adds is everything that is *between* the lines: how
//! much is too much, which headers decide where the body ends ([`framing`]), what a target
//! may look like ([`target`]), and a [`Request`] of the `http` crate made without copying
//! each value by itself. The head is copied once, together with those that came with it, into
//! memory that the thread recycles, and all values are slices of that copy ([`lines`]).
//!
//! How it can go wrong:
//!
//! * **A byte at a time.** A parser that starts anew with every byte that arrives does
//!   quadratic work, 64 KiB of head would cost two thousand million steps, and an attacker
//!   has all day. So a head that has not come at once is read by another reader,
//!   [`Progress`], which remembers how far it was, and the parser is asked again at the end.
//! * **Being kind.** Every leniency is a chance for two programs to read one request
//!   differently. So a line that ends in a bare LF, a folded header, a blank before a colon
//!   are all refused, although RFC 9112 would allow some of them to be understood.
//! * **Being different.** A head must be taken or refused alike however it was cut into
//!   packets. Each refusal comes from [`Progress`], which sees bytes and no packets.

mod blank;
mod framing;
mod lines;
mod progress;
mod response;
mod target;

use std::mem::MaybeUninit;

use bytes::Bytes;
use http::{Method, Request, Version};

use crate::body::Body;
use crate::h1::codec::buffer_pool::BufferPool;
use crate::h1::codec::methods;
use crate::h1::codec::refusal::Refusal;
use crate::h1::config::{Config, MAX_HEADERS};
pub(crate) use blank::{begins_request, blank_lines, is_silence};
use framing::Fields;
pub(crate) use framing::{Facts, Framing, elements};
use lines::{collect, slice_of};
pub(crate) use progress::Progress;
use progress::{HEAD_TOO_LARGE, LONGEST_METHOD, Scan, TARGET_TOO_LONG};
pub(crate) use response::{ResponseFacts, ResponseReader};

/// The first line of a request, and the others as far as they have been cut apart.
type Lines<'h, 'b> = httparse::Request<'h, 'b>;

/// What is needed to read a head.
pub(crate) struct HeadReader<'a> {
    pub(crate) config: &'a Config,
    pub(crate) pool: &'a mut BufferPool,
    /// How far this head has been read, if it has not come at once.
    pub(crate) progress: &'a mut Progress,
    /// A copy of how the input begins, as far as there is one.
    pub(crate) copy: &'a mut Bytes,
    /// Where the request is put.
    pub(crate) place: &'a mut Option<Request<Body>>,
    /// Where it is put down what the connection must know of it.
    pub(crate) facts: &'a mut Facts,
}

impl HeadReader<'_> {
    /// Reads a head from the front of `input` and puts request and facts into their places.
    /// `None` if the head is not complete yet; else how many bytes it took.
    #[inline]
    pub(crate) fn read(&mut self, input: &[u8]) -> Result<Option<usize>, Refusal> {
        if !self.progress.is_empty() && !self.progress.advance(input, self.config)? {
            return Ok(None);
        }
        let mut ours = None;
        // The parser is called from one place only, so that it becomes part of this function.
        loop {
            match self.parse(ours.as_deref().unwrap_or(input)) {
                Ok(Some(length)) => {
                    self.progress.reset();
                    return Ok(Some(length));
                }
                Ok(None) => return self.progress.advance(input, self.config).map(|_| None),
                Err(refusal) if ours.is_some() => return Err(refusal),
                Err(refusal) => match self.read_slowly(input, refusal)? {
                    None => return Ok(None),
                    head => ours = head,
                },
            }
        }
    }

    /// Reads a head with the parser.
    #[inline]
    fn parse(&mut self, input: &[u8]) -> Result<Option<usize>, Refusal> {
        let mut table = [const { MaybeUninit::uninit() }; MAX_HEADERS];
        let mut lines = Lines::new(&mut []);
        match lines.parse_with_uninit_headers(input, &mut table) {
            Ok(httparse::Status::Complete(length)) => {
                self.within_limits(&lines, length)?;
                self.read_lines(&lines, input, length)?;
                Ok(Some(length))
            }
            Ok(httparse::Status::Partial) => Ok(None),
            Err(_) => Err(NOT_UNDERSTOOD),
        }
    }

    /// The parser does not take this head. The slow reader says why, or that the head has
    /// not ended (`None`), or how it would read if it did not begin in HTTP/1.2.
    #[cold]
    fn read_slowly(&mut self, input: &[u8], refusal: Refusal) -> Result<Option<Vec<u8>>, Refusal> {
        let mut scan = Scan::default();
        if scan.advance(input, self.config)? {
            return scan.as_our_version(input).ok_or(refusal).map(Some);
        }
        self.progress.advance(input, self.config).map(|_| None)
    }

    /// Makes a request of a head that the parser has cut into lines.
    #[inline]
    fn read_lines(
        &mut self,
        lines: &Lines<'_, '_>,
        input: &[u8],
        length: usize,
    ) -> Result<(), Refusal> {
        const AHEAD: usize = 2 * 1024;
        if self.copy.len() < length {
            let ahead = length.max(AHEAD).min(input.len());
            // What is left of the last one would keep its memory from being used again.
            *self.copy = Bytes::new();
            *self.copy = self.pool.share(&input[..ahead]);
        }
        let (head, copy) = (&input[..length], &*self.copy);
        let request = self.place.insert(Request::new(Body::empty()));
        self.pool
            .lend_map(request.headers_mut(), lines.headers.len());
        let mut fields = Fields::default();
        collect(
            lines.headers,
            head,
            copy,
            request.headers_mut(),
            |name, value| fields.note(name, value),
        )?;
        let target = lines.path.unwrap_or_default();
        let shared_target = || slice_of(copy, head, target.as_bytes());
        finish(
            request,
            lines,
            self.config,
            shared_target,
            fields,
            self.facts,
        )
    }

    /// Whether a complete head is small enough.
    #[inline]
    fn within_limits(&self, lines: &Lines<'_, '_>, length: usize) -> Result<(), Refusal> {
        if lines
            .method
            .is_some_and(|method| method.len() > LONGEST_METHOD)
        {
            return Err(methods::UNKNOWN);
        }
        if lines
            .path
            .is_some_and(|target| target.len() > self.config.max_target)
        {
            return Err(TARGET_TOO_LONG);
        }
        if length > self.config.max_head {
            return Err(HEAD_TOO_LARGE);
        }
        Ok(())
    }
}

/// Adds what the first line says, and concludes.
#[inline]
fn finish(
    request: &mut Request<Body>,
    lines: &Lines<'_, '_>,
    config: &Config,
    target: impl FnOnce() -> Bytes,
    fields: Fields,
    facts: &mut Facts,
) -> Result<(), Refusal> {
    *request.version_mut() = version(lines);
    let name = lines.method.unwrap_or_default();
    *request.method_mut() = methods::parse(name.as_bytes(), &config.methods)?;
    let text = lines.path.unwrap_or_default().as_bytes();
    if text != b"/" || request.method() == Method::CONNECT {
        *request.uri_mut() = target::parse(text, target(), request.method(), config.is_secure)?;
        target::name_host(request)?;
    }
    fields.conclude(request.method(), request.version(), facts)
}

#[inline]
fn version(lines: &Lines<'_, '_>) -> Version {
    match lines.version {
        Some(0) => Version::HTTP_10,
        _ => Version::HTTP_11,
    }
}

/// What is said of a head that the parser does not take although the slow reader would.
const NOT_UNDERSTOOD: Refusal = Refusal::bad("the head of the request is malformed");

#[cfg(test)]
mod cuts;
#[cfg(test)]
mod tests;
