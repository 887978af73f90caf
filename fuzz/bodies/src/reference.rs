//! The grammar of messages, read slowly: the whole input is there, and each rule of RFC 9112 is a
//! function that takes what it describes from the front.

/// How a body reads.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Body {
    /// It ends after so many bytes.
    Complete { data: Vec<u8>, length: usize },
    /// All is well so far, and the end is not there.
    Incomplete { data: Vec<u8> },
    /// No bytes that follow can make it a body.
    Malformed,
}

/// Why a rule does not match.
enum No {
    /// It might, if more came.
    More,
    Never,
}

type Rule = Result<(), No>;

/// The header lines, names in lower case.
pub(crate) fn headers(lines: &[httparse::Header<'_>]) -> Vec<(String, Vec<u8>)> {
    lines
        .iter()
        .map(|line| (line.name.to_ascii_lowercase(), line.value.to_vec()))
        .collect()
}

/// A chunked body (RFC 9112, section 7.1).
pub(crate) fn chunked(wire: &[u8]) -> Body {
    let mut input = Input { wire, at: 0 };
    let mut data = Vec::new();
    match input.chunked_body(&mut data) {
        Ok(()) => Body::Complete {
            data,
            length: input.at,
        },
        Err(No::More) => Body::Incomplete { data },
        Err(No::Never) => Body::Malformed,
    }
}

struct Input<'a> {
    wire: &'a [u8],
    at: usize,
}

impl Input<'_> {
    fn peek(&self) -> Result<u8, No> {
        self.wire.get(self.at).copied().ok_or(No::More)
    }

    /// Takes this byte.
    fn expect(&mut self, byte: u8) -> Rule {
        if self.peek()? != byte {
            return Err(No::Never);
        }
        self.at += 1;
        Ok(())
    }

    /// Takes bytes of a kind, as many as there are. The byte after them must be there.
    fn many(&mut self, kind: impl Fn(u8) -> bool) -> Result<usize, No> {
        let from = self.at;
        while kind(self.peek()?) {
            self.at += 1;
        }
        Ok(self.at - from)
    }

    fn some(&mut self, kind: impl Fn(u8) -> bool) -> Rule {
        match self.many(kind)? {
            0 => Err(No::Never),
            _ => Ok(()),
        }
    }

    fn crlf(&mut self) -> Rule {
        self.expect(b'\r')?;
        self.expect(b'\n')
    }

    /// `chunked-body = *chunk last-chunk trailer-section CRLF`
    fn chunked_body(&mut self, data: &mut Vec<u8>) -> Rule {
        loop {
            let size = self.size()?;
            self.extensions()?;
            self.crlf()?;
            if size == 0 {
                break;
            }
            self.data(size, data)?;
            self.crlf()?;
        }
        while self.peek()? != b'\r' {
            self.field_line()?;
        }
        self.crlf()
    }

    /// `chunk-size = 1*HEXDIG`. What takes more than 64 bits is no size of anything.
    fn size(&mut self) -> Result<u64, No> {
        let zeros = self.many(|byte| byte == b'0')?;
        let from = self.at;
        while self.peek()?.is_ascii_hexdigit() {
            self.at += 1;
            if self.at - from > 16 {
                return Err(No::Never);
            }
        }
        let digits = std::str::from_utf8(&self.wire[from..self.at]).map_err(|_| No::Never)?;
        match (zeros, digits) {
            (0, "") => Err(No::Never),
            (_, "") => Ok(0),
            _ => u64::from_str_radix(digits, 16).map_err(|_| No::Never),
        }
    }

    fn data(&mut self, size: u64, data: &mut Vec<u8>) -> Rule {
        let left = &self.wire[self.at..];
        let count = usize::try_from(size).map_or(left.len(), |size| size.min(left.len()));
        data.extend_from_slice(&left[..count]);
        self.at += count;
        match count as u64 == size {
            true => Ok(()),
            false => Err(No::More),
        }
    }

    /// `chunk-ext = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )`
    fn extensions(&mut self) -> Rule {
        // White space belongs to an extension: a line that ends in it is none.
        let mut blank = self.many(is_blank)? > 0;
        while self.peek()? == b';' {
            self.at += 1;
            self.many(is_blank)?;
            self.some(is_token)?;
            blank = self.many(is_blank)? > 0;
            if self.peek()? == b'=' {
                self.at += 1;
                self.many(is_blank)?;
                self.extension_value()?;
                blank = self.many(is_blank)? > 0;
            }
        }
        match blank {
            true => Err(No::Never),
            false => Ok(()),
        }
    }

    /// `chunk-ext-val = token / quoted-string`
    fn extension_value(&mut self) -> Rule {
        if self.peek()? != b'"' {
            return self.some(is_token);
        }
        self.at += 1;
        loop {
            self.many(|byte| is_text(byte) && byte != b'"' && byte != b'\\')?;
            match self.peek()? {
                b'"' => return self.expect(b'"'),
                b'\\' => self.at += 1,
                _ => return Err(No::Never),
            }
            if !is_text(self.peek()?) {
                return Err(No::Never);
            }
            self.at += 1;
        }
    }

    /// `field-line = field-name ":" OWS field-value OWS`
    fn field_line(&mut self) -> Rule {
        self.some(is_token)?;
        self.expect(b':')?;
        self.many(is_text)?;
        self.crlf()
    }
}

fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

/// What a value may hold: visible characters, white space, and what is beyond ASCII.
fn is_text(byte: u8) -> bool {
    byte == b'\t' || (byte >= b' ' && byte != 0x7f)
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
