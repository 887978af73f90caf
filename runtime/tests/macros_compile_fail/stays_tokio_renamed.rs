// A reader in Tokio's shape.
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, ReadBuf}; //~ warning: `poll_read` takes `&mut [u8]`

struct Zeros;

impl AsyncRead for Zeros {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        _: &mut ReadBuf<'_>, //~ warning: how many bytes it has written //~ error: incompatible type
    ) -> Poll<std::io::Result<()>> {
        Poll::Pending
    }
}

fn main() {}
