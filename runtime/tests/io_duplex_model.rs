//! The pair of streams in memory against a plain model: two queues with a bound, told in the
//! simplest way. Random reads, writes, endings and drops must do to both the same, and wake
//! exactly those whom the model knows to be waiting.

#[path = "support/scripted.rs"]
mod scripted;

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use futures_io::{AsyncRead, AsyncWrite};
use proptest::prelude::*;
use runtime::io::{AsyncWriteExt, DuplexStream, ErrorKind, duplex};
use scripted::{Counter, poll_once};

/// What may be done to a pair; `end` is 0 or 1.
#[derive(Clone, Debug)]
enum Action {
    Read { end: usize, room: usize },
    Write { end: usize, len: usize },
    Shutdown { end: usize },
    Drop { end: usize },
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        10 => (0..2_usize, 0..12_usize).prop_map(|(end, room)| Action::Read { end, room }),
        10 => (0..2_usize, 0..12_usize).prop_map(|(end, len)| Action::Write { end, len }),
        1 => (0..2_usize).prop_map(|end| Action::Shutdown { end }),
        1 => (0..2_usize).prop_map(|end| Action::Drop { end }),
    ]
}

/// What a direction is, told in the plainest way: `pipes[end]` is what `end` writes to.
#[derive(Default)]
struct Model {
    bytes: VecDeque<u8>,
    closed: bool,
    reader_waits: bool,
    writer_waits: bool,
}

/// One end, with a waker of its own for each direction.
struct End {
    stream: DuplexStream,
    reader: (Arc<Counter>, Waker),
    writer: (Arc<Counter>, Waker),
}

impl End {
    fn new(stream: DuplexStream) -> Option<Self> {
        Some(End {
            stream,
            reader: Counter::new(),
            writer: Counter::new(),
        })
    }
}

/// Checks that exactly those were woken whom the model says were waiting.
struct Pair {
    max: usize,
    pipes: [Model; 2],
    ends: [Option<End>; 2],
    /// How often each end's reader and writer must have been woken by now.
    wakes: [(usize, usize); 2],
    next: u8,
}

impl Pair {
    fn new(max: usize) -> Self {
        let (left, right) = duplex(max);
        let ends = [End::new(left), End::new(right)];
        Pair {
            max,
            pipes: Default::default(),
            ends,
            wakes: [(0, 0); 2],
            next: 0,
        }
    }

    fn apply(&mut self, action: &Action) {
        match *action {
            Action::Read { end, room } => self.read(end, room),
            Action::Write { end, len } => self.write(end, len),
            Action::Shutdown { end } => self.shutdown(end),
            Action::Drop { end } => self.drop(end),
        }
        for (end, wakes) in self.ends.iter().zip(self.wakes) {
            if let Some(end) = end {
                assert_eq!((end.reader.0.wakes(), end.writer.0.wakes()), wakes);
            }
        }
    }

    fn read(&mut self, end: usize, room: usize) {
        let Some(me) = &mut self.ends[end] else {
            return;
        };
        let pipe = &mut self.pipes[1 - end];
        let mut buf = vec![0; room];
        let mut cx = Context::from_waker(&me.reader.1);
        let got = Pin::new(&mut me.stream).poll_read(&mut cx, &mut buf);
        let n = room.min(pipe.bytes.len());
        if n == 0 && room > 0 && !pipe.closed {
            pipe.reader_waits = true;
            assert!(got.is_pending());
            return;
        }
        assert!(
            matches!(got, Poll::Ready(Ok(got)) if got == n),
            "{got:?}, expected {n}"
        );
        assert!(pipe.bytes.drain(..n).eq(buf[..n].iter().copied()));
        if n > 0 && std::mem::take(&mut pipe.writer_waits) {
            self.wakes[1 - end].1 += 1;
        }
    }

    fn write(&mut self, end: usize, len: usize) {
        let Some(me) = &mut self.ends[end] else {
            return;
        };
        let pipe = &mut self.pipes[end];
        let src: Vec<u8> = (0..len).map(|n| self.next.wrapping_add(n as u8)).collect();
        let mut cx = Context::from_waker(&me.writer.1);
        let done = Pin::new(&mut me.stream).poll_write(&mut cx, &src);
        if pipe.closed {
            assert!(matches!(&done, Poll::Ready(Err(e)) if e.kind() == ErrorKind::BrokenPipe));
            return;
        }
        let n = len.min(self.max - pipe.bytes.len());
        if n == 0 && len > 0 {
            pipe.writer_waits = true;
            assert!(done.is_pending());
            return;
        }
        assert!(
            matches!(done, Poll::Ready(Ok(done)) if done == n),
            "{done:?}, expected {n}"
        );
        pipe.bytes.extend(&src[..n]);
        self.next = self.next.wrapping_add(n as u8);
        if n > 0 && std::mem::take(&mut pipe.reader_waits) {
            self.wakes[1 - end].0 += 1;
        }
    }

    fn shutdown(&mut self, end: usize) {
        let Some(me) = &mut self.ends[end] else {
            return;
        };
        assert!(poll_once(&mut me.stream.shutdown()).is_ready());
        self.end_of_writes(end);
    }

    fn drop(&mut self, end: usize) {
        let Some(me) = self.ends[end].take() else {
            return;
        };
        drop(me.stream);
        drop((me.reader.1, me.writer.1));
        assert_eq!(
            Arc::strong_count(&me.reader.0),
            1,
            "no reader's waker is left behind"
        );
        assert_eq!(
            Arc::strong_count(&me.writer.0),
            1,
            "no writer's waker is left behind"
        );
        self.end_of_writes(end);
        let incoming = &mut self.pipes[1 - end];
        incoming.closed = true;
        incoming.bytes.clear();
        if std::mem::take(&mut incoming.writer_waits) {
            self.wakes[1 - end].1 += 1;
        }
    }

    fn end_of_writes(&mut self, end: usize) {
        let pipe = &mut self.pipes[end];
        pipe.closed = true;
        pipe.writer_waits = false;
        if std::mem::take(&mut pipe.reader_waits) {
            self.wakes[1 - end].0 += 1;
        }
    }
}

proptest! {
    #[test]
    fn a_pair_behaves_like_two_queues(
        max in 1..20_usize,
        actions in proptest::collection::vec(action(), 0..200),
    ) {
        let mut pair = Pair::new(max);
        for action in &actions {
            pair.apply(action);
        }
    }
}
