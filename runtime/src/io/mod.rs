//! Reading and writing bytes: Tokio's methods over futures-io's traits.
//!
//! A stream of bytes has two faces. The one that an implementor sees is a *trait with
//! poll methods*: [`AsyncRead`], [`AsyncWrite`], [`AsyncBufRead`]. A poll method never
//! waits; it does what it can at once, or it remembers the task's waker and answers
//! `Pending`. The other face is what a program calls: `stream.read(&mut buf).await`. That
//! is an *extension trait*: [`AsyncReadExt`], [`AsyncWriteExt`], [`AsyncBufReadExt`], each
//! implemented once for everything that has the poll methods.
//!
//! Treadle takes the poll traits from the crate `futures-io`, because they belong to no
//! runtime: TLS, WebSocket and compression crates that are written against them run here
//! unchanged. The extension traits are our own, with Tokio's names and behaviour, so that
//! code which *calls* a stream is the same for both. Code which *implements* one sees the
//! other traits (`runtime/DIFFERENCES.md` has an example); one name differs, too: what Tokio's trait calls `poll_shutdown` is `poll_close` in futures-io;
//! [`AsyncWriteExt::shutdown`] calls it.
//!
//! # What is where
//!
//! | file | concept |
//! |---|---|
//! | `read_ext`, `write_ext`, `buf_read_ext` | the methods: three lists to read through |
//! | `read`, `read_to_end`, `write`, `flush` | the futures of reading and writing |
//! | `until`, `lines`, `fill_buf` | the futures of reading up to a delimiter |
//! | `seek_ext`, `seek` | going to another place in a stream that has places |
//! | `text` | from bytes to strings |
//! | `buf_reader`, `buf_writer`, `buf_stream` | few large reads and writes instead of many small ones |
//! | `take`, `chain` | a part of a stream; two streams as one |
//! | `number` | numbers in binary formats |
//! | `split`, `join` | one stream in two hands; two hands as one stream |
//! | `empty` | streams without content: `empty`, `sink`, `repeat` |
//! | `copy` | from one stream into another, and both ways |
//! | `pipe`, `duplex`, `simplex` | streams in memory, with back-pressure |
//! | `stdio` | the standard streams of the process |
//!
//! # What may be lost when a future is dropped
//!
//! A future that is dropped before it is ready has been *cancelled*: `select!` does it to
//! every branch that lost, `timeout` does it when time is up. An operation is *cancel
//! safe* if it can be dropped at any `.await` without losing bytes. The rule behind the
//! table is short: an operation that makes **one** attempt is cancel safe, for it either
//! was ready or did nothing; an operation that makes **several** is cancel safe only if
//! what it has so far lives somewhere that outlasts the future.
//!
//! | operation | cancel safe | because |
//! |---|---|---|
//! | `read`, `read_buf`, `write`, `write_vectored`, `write_buf` | yes | one attempt |
//! | `fill_buf` | yes | nothing is taken before `consume` |
//! | `next_line`, `next_segment` | yes | what came of a line stays in the `Lines` |
//! | `flush`, `shutdown` | yes | they may be called again |
//! | `write_all_buf` | yes | the caller's buffer has been advanced past what was written |
//! | `read_exact`, `write_all` | no | how far it came is known to the future alone |
//! | `read_u16`, `write_u16` and their kin | no | the bytes of one number may go in pieces |
//! | `copy`, `copy_bidirectional` | no | what was read and not yet written is held by the future |
//! | `read_line`, `read_to_string` | no | the bytes so far are held by the future until they are known to be text |
//! | `read_until`, `read_to_end` | in part | the bytes so far are in the caller's vector; their count is lost |
//! | `copy_buf` | in part | what was not written is still in the reader; the count is lost |

mod buf_read_ext;
mod buf_reader;
mod buf_stream;
mod buf_writer;
mod chain;
mod copy;
mod duplex;
mod empty;
mod fill_buf;
mod flush;
mod join;
mod lines;
mod number;
mod pipe;
mod read;
mod read_buf;
mod read_ext;
mod read_to_end;
mod seek;
mod seek_ext;
mod simplex;
mod split;
mod stdio;
mod take;
mod text;
mod until;
mod write;
mod write_ext;

pub use buf_read_ext::AsyncBufReadExt;
pub use buf_reader::BufReader;
pub use buf_stream::BufStream;
pub use buf_writer::BufWriter;
pub use chain::Chain;
pub use copy::{copy, copy_bidirectional, copy_bidirectional_with_sizes, copy_buf};
pub use duplex::{DuplexStream, duplex};
pub use empty::{Empty, Repeat, Sink, empty, repeat, sink};
pub use join::{Join, join};
pub use lines::{Lines, Split};
#[allow(deprecated, reason = "it is a signpost")]
pub use read_buf::ReadBuf;
pub use read_ext::AsyncReadExt;
pub use seek_ext::AsyncSeekExt;
pub use simplex::{SimplexStream, simplex};
pub use split::{ReadHalf, WriteHalf, split};
pub use stdio::{Stderr, Stdin, Stdout, stderr, stdin, stdout};
pub use take::Take;
pub use write_ext::AsyncWriteExt;

pub use crate::machine::reactor::{Interest, Ready};

#[doc(no_inline)]
pub use futures_io::{AsyncBufRead, AsyncRead, AsyncSeek, AsyncWrite};
#[doc(no_inline)]
pub use std::io::{Error, ErrorKind, Result, SeekFrom};

/// The size of every buffer whose size the caller did not choose: 8 KiB.
///
/// Two pages: large enough that the cost of a system call (some hundreds of
/// nanoseconds) is spread over thousands of bytes, small enough for the processor's
/// first cache.
const DEFAULT_BUF_SIZE: usize = 8 * 1024;

/// Whether an attempt was interrupted by a signal before it did anything.
///
/// Such an attempt is simply made again by every operation that makes several. One that
/// makes a single attempt hands the error to its caller.
fn interrupted<T>(result: &Result<T>) -> bool {
    matches!(result, Err(error) if error.kind() == ErrorKind::Interrupted)
}
