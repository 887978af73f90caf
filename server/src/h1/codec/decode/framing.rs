//! The headers that a connection obeys: where the body ends, and what comes after.
//!
//! Most headers are the handler's business. Seven are the connection's:
//!
//! | header | decides |
//! |---|---|
//! | `Content-Length` | how many bytes of body follow |
//! | `Transfer-Encoding: chunked` | that the body says itself where it ends |
//! | `Connection` | whether another request may follow |
//! | `Expect: 100-continue` | whether the client waits to be asked for its body |
//! | `TE: trailers` | whether the answer may have trailers |
//! | `Upgrade` | that the client would like another protocol, if `Connection` says `upgrade` |
//! | `Host` | which site is meant; required, so that no proxy has to guess |
//!
//! How it can go wrong: with the first two. If a request says both, or says one of them
//! twice, then a proxy may believe one and the server the other, and bytes that the proxy
//! took for a body become a request here. No client sends such a thing by accident, so it is
//! refused, always (RFC 9112, sections 6.1 and 6.3, and the reason is its section 11.2).

use http::{HeaderName, Method, StatusCode, Version, header};

use super::target::is_host;
use crate::h1::codec::refusal::Refusal;

/// Where the body of a message ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// After so many bytes; nought for a message without a body.
    Length(u64),
    /// Where the chunks say.
    Chunked,
    /// Where the connection ends. Only a response may end so.
    UntilClose,
}

/// What a connection must know about a request to answer it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) framing: Framing,
    /// The client is willing to send another request.
    pub(crate) keep_alive: bool,
    /// The client speaks 1.0: no chunks, and to keep the connection must be said aloud.
    pub(crate) is_http10: bool,
    /// HEAD: answer as to a GET, but leave the body out.
    pub(crate) is_head: bool,
    /// The client sends its body only when asked.
    pub(crate) expects_continue: bool,
    /// The client reads trailers (`TE: trailers`).
    pub(crate) takes_trailers: bool,
    /// The client would like another protocol, or a tunnel.
    pub(crate) asks_for_upgrade: bool,
    /// `CONNECT`: it is a tunnel.
    pub(crate) is_connect: bool,
}

/// A request of which nothing is known.
impl Default for Facts {
    #[inline]
    fn default() -> Self {
        Facts {
            framing: Framing::Length(0),
            keep_alive: true,
            is_http10: false,
            is_head: false,
            expects_continue: false,
            takes_trailers: false,
            asks_for_upgrade: false,
            is_connect: false,
        }
    }
}

/// What the header lines said, while they are being read.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Fields {
    length: Option<u64>,
    transfer: Option<Transfer>,
    has_host: bool,
    close: bool,
    keep_alive: bool,
    expects_continue: bool,
    takes_trailers: bool,
    /// There is an `Upgrade`.
    names_protocol: bool,
    /// `Connection: upgrade`: the client itself has said it, and not a hop before it.
    upgrade: bool,
    is_connect: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Transfer {
    Chunked,
    /// A coding that we do not know, with chunks around it.
    Unknown,
}

impl Fields {
    /// Looks at one header line. A name that the connection obeys is recognised here, and comes back
    /// as such: it need not be looked up once more.
    #[inline]
    pub(crate) fn note(
        &mut self,
        name: &[u8],
        value: &[u8],
    ) -> Result<Option<HeaderName>, Refusal> {
        let is = |known: &HeaderName| name.eq_ignore_ascii_case(known.as_str().as_bytes());
        Ok(Some(match name.len() {
            2 if is(&header::TE) => {
                self.te(value);
                header::TE
            }
            4 if is(&header::HOST) => {
                self.host(value)?;
                header::HOST
            }
            6 if is(&header::EXPECT) => {
                self.expect(value)?;
                header::EXPECT
            }
            7 if is(&header::UPGRADE) => {
                self.names_protocol = true;
                header::UPGRADE
            }
            10 if is(&header::CONNECTION) => {
                self.connection(value);
                header::CONNECTION
            }
            14 if is(&header::CONTENT_LENGTH) => {
                self.content_length(value)?;
                header::CONTENT_LENGTH
            }
            17 if is(&header::TRANSFER_ENCODING) => {
                self.transfer_encoding(value)?;
                header::TRANSFER_ENCODING
            }
            _ => return Ok(None),
        }))
    }

    /// What the lines may say depends on the method that they come with.
    pub(super) fn is_of(&mut self, method: &Method) {
        self.is_connect |= method == Method::CONNECT;
    }

    /// What it all means together is written to `facts`.
    pub(crate) fn conclude(
        mut self,
        method: &Method,
        version: Version,
        facts: &mut Facts,
    ) -> Result<(), Refusal> {
        let is_http10 = version == Version::HTTP_10;
        self.is_of(method);
        if !self.has_host && !is_http10 {
            return Err(Refusal::bad("the Host header is missing"));
        }
        let framing = self.framing(version)?;
        *facts = Facts {
            framing,
            keep_alive: self.keeps_alive(version),
            is_http10,
            is_head: method == Method::HEAD,
            expects_continue: self.expects_continue && !is_http10,
            takes_trailers: self.takes_trailers && !is_http10,
            asks_for_upgrade: self.is_connect || self.names_protocol && self.upgrade && !is_http10,
            is_connect: self.is_connect,
        };
        Ok(())
    }

    /// Where the body ends, as far as the lines noted so far say it.
    pub(crate) fn framing(&self, version: Version) -> Result<Framing, Refusal> {
        let is_http10 = version == Version::HTTP_10;
        match (&self.transfer, self.length) {
            (None, None | Some(0)) => Ok(Framing::Length(0)),
            _ if self.is_connect => Err(Refusal::bad("a CONNECT has no content")),
            (None, Some(length)) => Ok(Framing::Length(length)),
            (Some(_), Some(_)) => Err(Refusal::bad(
                "Content-Length and Transfer-Encoding exclude each other",
            )),
            (Some(_), None) if is_http10 => {
                Err(Refusal::bad("HTTP/1.0 does not know Transfer-Encoding"))
            }
            (Some(Transfer::Chunked), None) => Ok(Framing::Chunked),
            (Some(Transfer::Unknown), None) => Err(Refusal::new(
                StatusCode::NOT_IMPLEMENTED,
                "this server knows no Transfer-Encoding but chunked",
            )),
        }
    }

    /// Where the body of a response ends that carries one (RFC 9112, section 6.3).
    pub(super) fn framing_of_response(&self, version: Version) -> Result<Framing, Refusal> {
        match (&self.transfer, self.length) {
            (None, None) => Ok(Framing::UntilClose),
            _ => self.framing(version),
        }
    }

    /// Whether another message may follow on the connection.
    pub(super) fn keeps_alive(&self, version: Version) -> bool {
        !self.close && (self.keep_alive || version != Version::HTTP_10)
    }

    fn host(&mut self, value: &[u8]) -> Result<(), Refusal> {
        if std::mem::replace(&mut self.has_host, true) {
            return Err(Refusal::bad("more than one Host header"));
        }
        if !is_host(value) {
            return Err(Refusal::bad("the Host header is malformed"));
        }
        Ok(())
    }

    fn content_length(&mut self, value: &[u8]) -> Result<(), Refusal> {
        if self.length.is_some() {
            return Err(Refusal::bad("more than one Content-Length"));
        }
        self.length = Some(decimal(value)?);
        Ok(())
    }

    /// `chunked`, once and alone. Something else with chunks around it is a coding that we
    /// lack; anything else leaves open where the body ends.
    ///
    /// It is a list (RFC 9112, section 6.1), so `,chunked` and `chunked,` say `chunked`: who
    /// receives a list must ignore its empty elements (RFC 9110, section 5.6.1.2). Nothing is
    /// guessed by that. A proxy that reads the line otherwise must not forward the request.
    fn transfer_encoding(&mut self, value: &[u8]) -> Result<(), Refusal> {
        if self.transfer.is_some() {
            return Err(Refusal::bad("more than one Transfer-Encoding"));
        }
        let is_chunked = |element: &&[u8]| element.eq_ignore_ascii_case(b"chunked");
        if is_chunked(&value) {
            self.transfer = Some(Transfer::Chunked);
            return Ok(());
        }
        let chunked = elements(value).filter(is_chunked).count();
        let last = elements(value).last();
        if chunked != 1 || !last.is_some_and(|last| is_chunked(&last)) {
            return Err(Refusal::bad(
                "the Transfer-Encoding does not end in one chunked",
            ));
        }
        self.transfer = Some(match elements(value).count() {
            1 => Transfer::Chunked,
            _ => Transfer::Unknown,
        });
        Ok(())
    }

    fn connection(&mut self, value: &[u8]) {
        if value.eq_ignore_ascii_case(b"keep-alive") {
            self.keep_alive = true;
            return;
        }
        for option in elements(value) {
            self.close |= option.eq_ignore_ascii_case(b"close");
            self.keep_alive |= option.eq_ignore_ascii_case(b"keep-alive");
            self.upgrade |= option.eq_ignore_ascii_case(b"upgrade");
        }
    }

    /// A list of codings that the client understands, and perhaps the word that says that it
    /// reads trailers (RFC 9110, section 10.1.4).
    fn te(&mut self, value: &[u8]) {
        self.takes_trailers |= elements(value).any(|one| one.eq_ignore_ascii_case(b"trailers"));
    }

    /// A list (RFC 9110, section 10.1.1). It may name what it names twice, or nothing; what
    /// we cannot do must not be promised by silence.
    fn expect(&mut self, value: &[u8]) -> Result<(), Refusal> {
        for expectation in elements(value) {
            if !expectation.eq_ignore_ascii_case(b"100-continue") {
                return Err(Refusal::new(
                    StatusCode::EXPECTATION_FAILED,
                    "the only expectation this server knows is 100-continue",
                ));
            }
            self.expects_continue = true;
        }
        Ok(())
    }
}

/// The elements of a comma-separated list, without the blanks around them. An empty element
/// counts for nothing (RFC 9110, section 5.6.1): `, a,,b` has two.
pub(crate) fn elements(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value
        .split(|byte| *byte == b',')
        .map(<[u8]>::trim_ascii)
        .filter(|element| !element.is_empty())
}

/// A length: digits only, no sign, no list, no blanks.
fn decimal(value: &[u8]) -> Result<u64, Refusal> {
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return Err(Refusal::bad("the Content-Length is not a number"));
    }
    let digit =
        |number: u64, byte: &u8| number.checked_mul(10)?.checked_add(u64::from(byte - b'0'));
    value.iter().try_fold(0, digit).ok_or(Refusal::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "the body is larger than allowed",
    ))
}
