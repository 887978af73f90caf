//! A task that waits for bytes is seen to wait at the line of the program that asked for them.

#[path = "support/events.rs"]
mod events;
#[path = "support/tasks.rs"]
mod tasks;

use std::future::Future;
use std::pin::pin;

use bytes::BytesMut;
use events::{events, here, traced};
use runtime::io::{
    AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, BufWriter, DuplexStream, copy,
    copy_bidirectional, copy_buf, duplex, simplex, sink,
};
use runtime::runtime::Runtime;
use runtime::trace::{Event, Place, Shared, Wait};
use tasks::poll_once;

/// The waits since the last look: for what, and where they were made.
fn waits(runtime: &Runtime) -> Vec<(Wait, Option<Place>)> {
    let wait = |event| match event {
        Event::Waiting { on, at } => Some((on, at)),
        _ => None,
    };
    events(runtime).into_iter().filter_map(wait).collect()
}

/// What `$future` waits for is waited for on its line.
macro_rules! waits_here {
    ($runtime:ident, $future:expr) => {{
        waits(&$runtime);
        assert!(poll_once(&mut Box::pin($future)).is_pending());
        let waits = waits(&$runtime);
        assert_eq!(waits.len(), 1, "{waits:?}");
        let (on, at) = waits[0];
        assert!(matches!(on, Wait::Shared(Shared::Duplex, _)), "{on:?}");
        assert_eq!(at, Some(here()));
    }};
}

/// An end that has nothing to read and no room to write, and its peer.
fn stuck() -> (DuplexStream, DuplexStream) {
    let (mut near, far) = duplex(1);
    assert!(poll_once(&mut Box::pin(near.write_all(b"x"))).is_ready());
    (near, far)
}

#[test]
fn every_read_gives_its_line_on() {
    let runtime = traced();
    let _guard = runtime.enter();
    let (mut near, _far) = stuck();
    let mut buf = [0; 8];
    let (mut bytes, mut vec, mut text) = (BytesMut::new(), Vec::new(), String::new());
    waits_here!(runtime, near.read(&mut buf));
    waits_here!(runtime, near.read_buf(&mut bytes));
    waits_here!(runtime, near.read_exact(&mut buf));
    waits_here!(runtime, near.read_to_end(&mut vec));
    waits_here!(runtime, near.read_to_string(&mut text));
    waits_here!(runtime, near.read_u8());
    waits_here!(runtime, near.read_f64_le());
    waits_here!(runtime, copy(&mut near, &mut sink()));
    waits_here!(runtime, async { near.read(&mut buf).await });
    let mut near = BufReader::new(near);
    waits_here!(runtime, near.fill_buf());
    waits_here!(runtime, near.read_until(b'x', &mut vec));
    waits_here!(runtime, near.read_line(&mut text));
    waits_here!(runtime, near.read(&mut buf));
    waits_here!(runtime, copy_buf(&mut near, &mut sink()));
    let mut lines = near.lines();
    waits_here!(runtime, lines.next_line());
    let mut segments = lines.into_inner().split(b',');
    waits_here!(runtime, segments.next_segment());
    let (mut reader, _writer) = simplex(8);
    waits_here!(runtime, reader.read(&mut buf));
}

#[test]
fn every_write_gives_its_line_on() {
    let runtime = traced();
    let _guard = runtime.enter();
    let (mut near, _far) = stuck();
    let mut source: &[u8] = b"abc";
    waits_here!(runtime, near.write(b"x"));
    waits_here!(runtime, near.write_vectored(&[std::io::IoSlice::new(b"x")]));
    waits_here!(runtime, near.write_buf(&mut source));
    waits_here!(runtime, near.write_all_buf(&mut source));
    waits_here!(runtime, near.write_all(b"x"));
    waits_here!(runtime, near.write_u8(7));
    waits_here!(runtime, near.write_i128_le(7));
    waits_here!(runtime, copy(&mut &b"abc"[..], &mut near));
    let mut near = BufWriter::new(near);
    assert!(poll_once(&mut Box::pin(near.write_all(b"x"))).is_ready());
    waits_here!(runtime, near.flush());
    waits_here!(runtime, near.shutdown());
}

#[test]
fn a_copy_in_both_directions_waits_twice_at_one_line() {
    let runtime = traced();
    let _guard = runtime.enter();
    let ((mut a, _far), (mut b, _other)) = (duplex(8), duplex(8));
    let line = here().line + 1;
    assert!(poll_once(&mut Box::pin(copy_bidirectional(&mut a, &mut b))).is_pending());
    let waits = waits(&runtime);
    assert_eq!(waits.len(), 2);
    assert!(waits.iter().all(|(_, at)| at.unwrap().line == line));
    assert_ne!(waits[0].0, waits[1].0, "two pipes have two numbers");
}

#[test]
fn unobserved_and_without_a_runtime_the_same_is_only_pending() {
    fn pending<F: Future>(future: F) -> bool {
        let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
        pin!(future).poll(&mut cx).is_pending()
    }
    let (mut near, _far) = stuck();
    assert!(pending(near.read(&mut [0; 8])));
    assert!(pending(near.write(b"x")));
}
