//! The two ends of a Unix stream against a plain model: a queue of bytes each way.
//!
//! Random reads and writes of all sizes begin at both ends, are polled, are given up before or
//! after they were woken; ends say that they are done, or are dropped by halves. Each byte must
//! arrive once and in order, an end must be heard after the last byte and not before, and no task
//! may sleep who could go on. How much fits into a connection is the system's business: the model
//! only knows that an empty one has room.
#![forbid(unsafe_code)]
#![cfg(unix)]

#[path = "support/by_hand.rs"]
mod by_hand;
#[path = "support/machine.rs"]
mod machine;
#[path = "support/waits.rs"]
mod waits;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::io::{self, ErrorKind, IoSlice, IoSliceMut};
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

use by_hand::{Hand, Held, by_hand};
use futures_io::{AsyncRead, AsyncWrite};
use proptest::collection::vec;
use proptest::prelude::*;
use runtime::net::UnixStream;
use runtime::net::unix::{OwnedReadHalf, OwnedWriteHalf};

/// What may be done; an end is 0 or 1, and has one read and one write at a time.
#[derive(Clone, Debug)]
enum Action {
    Read(usize, Amount),
    Write(usize, Amount),
    PollRead(usize),
    PollWrite(usize),
    GiveUpRead(usize),
    GiveUpWrite(usize),
    Shutdown(usize),
    DropReader(usize),
    DropWriter(usize),
    Turn,
}

/// How many bytes are offered, and how.
#[derive(Clone, Copy, Debug)]
struct Amount {
    bytes: usize,
    way: Way,
}

#[derive(Clone, Copy, Debug)]
enum Way {
    Plain,
    Vectored,
    /// Now or not at all.
    Try,
}

fn amount() -> impl Strategy<Value = Amount> {
    let bytes = prop_oneof![1..10_usize, 10..3000_usize, 3000..90_000_usize];
    let way = prop_oneof![Just(Way::Plain), Just(Way::Vectored), Just(Way::Try)];
    (bytes, way).prop_map(|(bytes, way)| Amount { bytes, way })
}

fn action() -> impl Strategy<Value = Action> {
    let end = || 0..2_usize;
    prop_oneof![
        10 => (end(), amount()).prop_map(|(end, amount)| Action::Read(end, amount)),
        12 => (end(), amount()).prop_map(|(end, amount)| Action::Write(end, amount)),
        8 => end().prop_map(Action::PollRead),
        8 => end().prop_map(Action::PollWrite),
        2 => end().prop_map(Action::GiveUpRead),
        2 => end().prop_map(Action::GiveUpWrite),
        1 => end().prop_map(Action::Shutdown),
        1 => end().prop_map(Action::DropReader),
        1 => end().prop_map(Action::DropWriter),
        10 => Just(Action::Turn),
    ]
}

type Shared<T> = Rc<RefCell<T>>;

/// Reads once in that way.
async fn read(half: Shared<OwnedReadHalf>, amount: Amount) -> io::Result<Vec<u8>> {
    let mut buffer = vec![0; amount.bytes];
    let count = poll_fn(|cx| {
        let half = &mut *half.borrow_mut();
        match amount.way {
            Way::Plain => Pin::new(half).poll_read(cx, &mut buffer),
            Way::Vectored => {
                let chunks = buffer.chunks_mut(amount.bytes.div_ceil(3));
                let mut slices: Vec<_> = chunks.map(IoSliceMut::new).collect();
                Pin::new(half).poll_read_vectored(cx, &mut slices)
            }
            Way::Try => Poll::Ready(half.try_read(&mut buffer)),
        }
    });
    let count = count.await?;
    buffer.truncate(count);
    Ok(buffer)
}

/// Writes once in that way: bytes that count up from `first`.
async fn write(half: Shared<OwnedWriteHalf>, amount: Amount, first: u8) -> io::Result<usize> {
    let data: Vec<u8> = counting(first).take(amount.bytes).collect();
    poll_fn(|cx| {
        let half = &mut *half.borrow_mut();
        match amount.way {
            Way::Plain => Pin::new(half).poll_write(cx, &data),
            Way::Vectored => {
                let chunks = data.chunks(amount.bytes.div_ceil(3));
                let slices: Vec<_> = chunks.map(IoSlice::new).collect();
                Pin::new(half).poll_write_vectored(cx, &slices)
            }
            Way::Try => Poll::Ready(half.try_write(&data)),
        }
    })
    .await
}

fn counting(first: u8) -> impl Iterator<Item = u8> {
    (0..=u8::MAX).cycle().skip(usize::from(first))
}

/// One direction, told in the plainest way.
#[derive(Default)]
struct Pipe {
    bytes: VecDeque<u8>,
    /// Nothing more will be written.
    ended: bool,
    /// The reader is gone, and its socket with it.
    broken: bool,
    /// The next byte that is written.
    next: u8,
}

impl Pipe {
    fn has_news_for_reader(&self) -> bool {
        !self.bytes.is_empty() || self.ended
    }

    fn has_news_for_writer(&self) -> bool {
        self.bytes.is_empty() || self.broken
    }
}

/// An end; what has been dropped is `None`.
struct End {
    reader: Option<Shared<OwnedReadHalf>>,
    writer: Option<Shared<OwnedWriteHalf>>,
    reading: Option<Held<io::Result<Vec<u8>>>>,
    writing: Option<Held<io::Result<usize>>>,
    /// Its peer has gone without having read everything: the system may say so, once.
    reset: bool,
}

impl End {
    fn new(stream: UnixStream) -> End {
        let (reader, writer) = stream.into_split();
        End {
            reader: Some(Rc::new(RefCell::new(reader))),
            writer: Some(Rc::new(RefCell::new(writer))),
            reading: None,
            writing: None,
            reset: false,
        }
    }
}

struct Pair<'a, 'b> {
    hand: &'a Hand<'b>,
    ends: [End; 2],
    /// `pipes[end]` is what `end` writes to.
    pipes: [Pipe; 2],
}

impl Pair<'_, '_> {
    fn apply(&mut self, action: &Action) {
        match *action {
            Action::Read(end, amount) => self.begin_read(end, amount),
            Action::Write(end, amount) => self.begin_write(end, amount),
            Action::PollRead(end) => self.poll_read(end),
            Action::PollWrite(end) => self.poll_write(end),
            Action::GiveUpRead(end) => self.ends[end].reading = None,
            Action::GiveUpWrite(end) => self.ends[end].writing = None,
            Action::Shutdown(end) => self.shut_down(end),
            Action::DropReader(end) => {
                (self.ends[end].reading, self.ends[end].reader) = (None, None);
                self.closed(end);
            }
            Action::DropWriter(end) => {
                (self.ends[end].writing, self.ends[end].writer) = (None, None);
                self.pipes[end].ended = true;
                self.closed(end);
            }
            Action::Turn => self.turn(),
        }
    }

    fn begin_read(&mut self, end: usize, amount: Amount) {
        let me = &mut self.ends[end];
        if let (Some(half), None) = (&me.reader, &me.reading) {
            me.reading = Some(Held::new(read(Rc::clone(half), amount)));
            self.poll_read(end);
        }
    }

    fn begin_write(&mut self, end: usize, amount: Amount) {
        let me = &mut self.ends[end];
        if let (Some(half), None) = (&me.writer, &me.writing) {
            let first = self.pipes[end].next;
            me.writing = Some(Held::new(write(Rc::clone(half), amount, first)));
            self.poll_write(end);
        }
    }

    fn poll_read(&mut self, end: usize) {
        let Some(wait) = &mut self.ends[end].reading else {
            return;
        };
        if let Poll::Ready(read) = wait.poll() {
            self.ends[end].reading = None;
            self.was_read(end, read);
        }
    }

    fn was_read(&mut self, end: usize, read: io::Result<Vec<u8>>) {
        let pipe = &mut self.pipes[1 - end];
        match read {
            Ok(bytes) if bytes.is_empty() => {
                assert!(pipe.bytes.is_empty() && pipe.ended, "that was not the end");
            }
            Ok(bytes) => {
                assert!(bytes.len() <= pipe.bytes.len(), "no peer wrote that much");
                assert!(pipe.bytes.drain(..bytes.len()).eq(bytes));
            }
            Err(error) if error.kind() == ErrorKind::ConnectionReset => {
                assert!(std::mem::take(&mut self.ends[end].reset) && pipe.bytes.is_empty());
            }
            Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
        }
    }

    fn poll_write(&mut self, end: usize) {
        let Some(wait) = &mut self.ends[end].writing else {
            return;
        };
        let Poll::Ready(written) = wait.poll() else {
            return;
        };
        self.ends[end].writing = None;
        let pipe = &mut self.pipes[end];
        match written {
            Ok(count) => {
                assert!(count > 0 && !pipe.ended && !pipe.broken);
                let first = pipe.next;
                pipe.bytes.extend(counting(first).take(count));
                pipe.next = first.wrapping_add(count as u8);
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::BrokenPipe);
                assert!(pipe.ended || pipe.broken);
            }
        }
    }

    /// Says that nothing more will be written, and gives up what was being written.
    fn shut_down(&mut self, end: usize) {
        let me = &mut self.ends[end];
        if let Some(half) = &me.writer {
            me.writing = None;
            let half = Rc::clone(half);
            let close = poll_fn(move |cx| Pin::new(&mut *half.borrow_mut()).poll_close(cx));
            let done = Held::new(close).poll();
            assert!(matches!(done, Poll::Ready(Ok(()))));
            self.pipes[end].ended = true;
        }
    }

    /// If both halves of an end are gone, so is its socket, with what it had not read.
    fn closed(&mut self, end: usize) {
        let (me, incoming) = (&self.ends[end], &mut self.pipes[1 - end]);
        if me.reader.is_none() && me.writer.is_none() && !incoming.broken {
            incoming.broken = true;
            self.ends[1 - end].reset = !incoming.bytes.is_empty();
        }
    }

    /// After a turn no task sleeps that can go on.
    fn turn(&mut self) {
        let sleeper = |end: usize| {
            let (me, pipes) = (&self.ends[end], &self.pipes);
            let reads = me.reading.as_ref().is_some_and(Held::is_asleep);
            let writes = me.writing.as_ref().is_some_and(Held::is_asleep);
            (reads && pipes[1 - end].has_news_for_reader())
                || (writes && pipes[end].has_news_for_writer())
        };
        self.hand.until(|| !(0..2).any(sleeper));
    }

    /// All that was written is read, and then the end, if there is one.
    fn end(&mut self) {
        for end in 0..2 {
            self.ends[end].reading = None;
            let Some(half) = self.ends[end].reader.clone() else {
                continue;
            };
            let more = || Held::new(read(Rc::clone(&half), PLENTY));
            while self.pipes[1 - end].has_news_for_reader() {
                let last = self.pipes[1 - end].bytes.is_empty();
                let bytes = self.hand.output(&mut more());
                self.was_read(end, bytes);
                if last {
                    break;
                }
            }
            if !self.pipes[1 - end].ended {
                assert!(more().poll().is_pending());
            }
        }
    }
}

const PLENTY: Amount = Amount {
    bytes: 50_000,
    way: Way::Plain,
};

proptest! {
    #[test]
    fn a_stream_behaves_like_two_queues_of_bytes(actions in vec(action(), 0..120)) {
        by_hand(|hand| {
            let (near, far) = UnixStream::pair().unwrap();
            let ends = [End::new(near), End::new(far)];
            let mut pair = Pair { hand, ends, pipes: Default::default() };
            for action in &actions {
                pair.apply(action);
            }
            pair.end();
        });
    }
}
