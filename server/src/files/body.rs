//! A part of a file, piece by piece.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_io::AsyncRead;
use http_body::{Frame, SizeHint};
use runtime::fs::File;

/// So many bytes of a file, from where it stands.
#[derive(Debug)]
pub(super) struct FileBody {
    file: File,
    left: u64,
    piece: usize,
    /// Where the piece goes that is being read. Empty while none is.
    buffer: Vec<u8>,
}

impl FileBody {
    pub(super) fn new(file: File, length: u64, piece: usize) -> Self {
        FileBody {
            file,
            left: length,
            piece,
            buffer: Vec::new(),
        }
    }
}

impl http_body::Body for FileBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let this = &mut *self;
        if this.left == 0 {
            return Poll::Ready(None);
        }
        if this.buffer.is_empty() {
            let most = usize::try_from(this.left).map_or(this.piece, |left| left.min(this.piece));
            this.buffer.resize(most, 0);
        }
        let read = ready!(Pin::new(&mut this.file).poll_read(cx, &mut this.buffer))?;
        if read == 0 {
            // The head has promised more. To break off is the only honest way to say so.
            let error = io::Error::new(io::ErrorKind::UnexpectedEof, "the file was cut meanwhile");
            return Poll::Ready(Some(Err(error)));
        }
        let mut piece = std::mem::take(&mut this.buffer);
        piece.truncate(read);
        this.left -= read as u64;
        Poll::Ready(Some(Ok(Frame::data(piece.into()))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
