//! A pair of Unix datagram sockets against a plain model: a queue of datagrams each way.
//!
//! Random sends and receives of every kind begin at both ends, are polled, are given up before or
//! after they were woken; now and then one end fills the other's queue, so that senders must
//! wait; and at some time an end goes away. Each datagram that was sent must be received once,
//! in order, cut off where the room ends; one that was given up must not; no task may sleep that
//! could go on; and the machine must hold exactly the waits that are there. How many datagrams
//! fit is the system's business: the model only knows that an empty queue has room.
#![forbid(unsafe_code)]
#![cfg(unix)]

#[path = "support/by_hand.rs"]
mod by_hand;
#[path = "support/machine.rs"]
mod machine;
#[path = "support/waits.rs"]
mod waits;

use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::rc::Rc;
use std::task::Poll;

use by_hand::{Hand, Held, by_hand};
use proptest::collection::vec;
use proptest::prelude::*;
use runtime::io::Interest;
use runtime::net::UnixDatagram;

/// A way to receive.
#[derive(Clone, Copy, Debug)]
enum How {
    Recv,
    RecvFrom,
    RecvBuf,
    /// Waits until there is something, and then tries.
    Ready,
}

/// What may be done at an end. Numbers are bytes, or say which of its receives or sends it is.
#[derive(Clone, Debug)]
enum Action {
    Receive(usize, How),
    TryReceive(usize),
    PollReceive(usize),
    GiveUpReceive(usize),
    /// By `send`, or by waiting until there is room, and then trying.
    Send(usize, bool),
    TrySend(usize),
    Fill,
    PollSend(usize),
    GiveUpSend(usize),
    Turn,
    Drop,
}

fn how() -> impl Strategy<Value = How> {
    prop_oneof![
        Just(How::Recv),
        Just(How::RecvFrom),
        Just(How::RecvBuf),
        Just(How::Ready)
    ]
}

fn action() -> impl Strategy<Value = (usize, Action)> {
    let which = || 0..3_usize;
    let len = || 0..20_usize;
    let action = prop_oneof![
        80 => (1..24_usize, how()).prop_map(|(room, how)| Action::Receive(room, how)),
        40 => (1..24_usize).prop_map(Action::TryReceive),
        90 => which().prop_map(Action::PollReceive),
        30 => which().prop_map(Action::GiveUpReceive),
        60 => (len(), any::<bool>()).prop_map(|(len, ready)| Action::Send(len, ready)),
        40 => len().prop_map(Action::TrySend),
        20 => Just(Action::Fill),
        60 => which().prop_map(Action::PollSend),
        30 => which().prop_map(Action::GiveUpSend),
        90 => Just(Action::Turn),
        2 => Just(Action::Drop),
    ];
    (0..2_usize, action)
}

async fn receive(socket: Rc<UnixDatagram>, room: usize, how: How) -> io::Result<Vec<u8>> {
    let mut buffer = vec![0; room];
    let len = match how {
        How::Recv => socket.recv(&mut buffer).await?,
        How::RecvFrom => socket.recv_from(&mut buffer).await?.0,
        How::RecvBuf => socket.recv_buf(&mut &mut buffer[..]).await?,
        How::Ready => loop {
            socket.readable().await?;
            match socket.try_recv(&mut buffer) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                received => break received?,
            }
        },
    };
    buffer.truncate(len);
    Ok(buffer)
}

async fn send(socket: Rc<UnixDatagram>, data: Vec<u8>, ready: bool) -> io::Result<usize> {
    if !ready {
        return socket.send(&data).await;
    }
    loop {
        socket.ready(Interest::WRITABLE).await?;
        match socket.try_send(&data) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            sent => return sent,
        }
    }
}

/// A receive or a send that has begun: with its room, or with what it sends.
type Receiving = (usize, Held<io::Result<Vec<u8>>>);
type Sending = (Vec<u8>, Held<io::Result<usize>>);

struct End {
    socket: Rc<UnixDatagram>,
    receives: Vec<Receiving>,
    sends: Vec<Sending>,
}

impl End {
    fn new(socket: UnixDatagram) -> Option<End> {
        Some(End {
            socket: Rc::new(socket),
            receives: Vec::new(),
            sends: Vec::new(),
        })
    }

    fn begin_receive(&mut self, room: usize, how: How) {
        let wait = Held::new(receive(Rc::clone(&self.socket), room, how));
        self.receives.push((room, wait));
    }

    fn begin_send(&mut self, data: Vec<u8>, ready: bool) {
        let wait = Held::new(send(Rc::clone(&self.socket), data.clone(), ready));
        self.sends.push((data, wait));
    }

    fn asleep(&self) -> usize {
        let receives = self.receives.iter().filter(|(_, wait)| wait.is_asleep());
        receives.count()
            + self
                .sends
                .iter()
                .filter(|(_, wait)| wait.is_asleep())
                .count()
    }
}

struct Pair<'a, 'b> {
    hand: &'a mut Hand<'b>,
    /// What has been dropped is `None`.
    ends: [Option<End>; 2],
    /// `queues[end]` is what `end` has sent and its peer has not received.
    queues: [VecDeque<Vec<u8>>; 2],
    next: u8,
}

impl Pair<'_, '_> {
    fn apply(&mut self, end: usize, action: &Action) {
        match (action, &mut self.ends[end]) {
            (Action::Turn, _) => self.turn(),
            (_, None) => {}
            (Action::Drop, me) => {
                *me = None;
                self.queues[1 - end].clear();
            }
            (action, Some(me)) => match *action {
                Action::Receive(room, how) => me.begin_receive(room, how),
                Action::PollReceive(which) => self.poll_receive(end, which),
                Action::TryReceive(room) => self.try_receive(end, room),
                Action::GiveUpReceive(which) => give_up(&mut me.receives, which),
                Action::GiveUpSend(which) => give_up(&mut me.sends, which),
                Action::Send(..) | Action::TrySend(_) | Action::Fill | Action::PollSend(_) => {
                    self.send(end, action);
                }
                Action::Turn | Action::Drop => {}
            },
        }
        let asleep = self.ends.iter().flatten().map(End::asleep).sum();
        self.hand.check_waiting(asleep);
    }

    fn try_receive(&mut self, end: usize, room: usize) {
        let Some(me) = &self.ends[end] else {
            return;
        };
        let mut buffer = vec![0; room];
        match me.socket.try_recv(&mut buffer) {
            Ok(len) => self.received(end, room, &buffer[..len]),
            // Whether it had to receive something is asked after a turn, of the waits.
            Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
        }
    }

    fn poll_receive(&mut self, end: usize, which: usize) {
        let me = self.ends[end].as_mut();
        let Some((room, wait)) = me.and_then(|me| me.receives.get_mut(which)) else {
            return;
        };
        let room = *room;
        if let Poll::Ready(received) = wait.poll() {
            give_up(&mut self.ends[end].as_mut().unwrap().receives, which);
            self.received(end, room, &received.unwrap());
        }
    }

    fn received(&mut self, end: usize, room: usize, bytes: &[u8]) {
        let sent = self.queues[1 - end].pop_front();
        let sent = sent.expect("nothing was sent");
        assert_eq!(bytes, &sent[..room.min(sent.len())]);
    }

    /// Everything that sends. If the peer is gone, a send fails, and Linux then throws away what
    /// the peer had sent: so no task sends that has not received everything before.
    fn send(&mut self, end: usize, action: &Action) {
        if self.ends[1 - end].is_none() && !self.queues[1 - end].is_empty() {
            return;
        }
        match *action {
            Action::Send(len, ready) => {
                let data = self.data(len);
                self.ends[end].as_mut().unwrap().begin_send(data, ready);
            }
            Action::TrySend(len) => drop(self.try_send(end, len)),
            Action::Fill => while self.try_send(end, 1) {},
            Action::PollSend(which) => self.poll_send(end, which),
            _ => {}
        }
    }

    /// The next datagram, which differs from those before it.
    fn data(&mut self, len: usize) -> Vec<u8> {
        self.next = self.next.wrapping_add(1);
        vec![self.next; len]
    }

    fn try_send(&mut self, end: usize, len: usize) -> bool {
        let data = self.data(len);
        let socket = &self.ends[end].as_ref().unwrap().socket;
        let sent = socket.try_send(&data);
        let would_block = matches!(&sent, Err(error) if error.kind() == ErrorKind::WouldBlock);
        !would_block && self.sent(end, data, &sent)
    }

    fn poll_send(&mut self, end: usize, which: usize) {
        let sends = &mut self.ends[end].as_mut().unwrap().sends;
        let Some((_, wait)) = sends.get_mut(which) else {
            return;
        };
        if let Poll::Ready(sent) = wait.poll() {
            let (data, _) = sends.remove(which);
            self.sent(end, data, &sent);
        }
    }

    /// Whether it was sent: it fails if, and only if, the peer is gone.
    fn sent(&mut self, end: usize, data: Vec<u8>, sent: &io::Result<usize>) -> bool {
        assert_eq!(sent.is_ok(), self.ends[1 - end].is_some(), "{sent:?}");
        if let Ok(len) = sent {
            assert_eq!(*len, data.len());
            self.queues[end].push_back(data);
        }
        sent.is_ok()
    }

    /// After a turn no task sleeps that can go on.
    fn turn(&mut self) {
        let sleeper = |end: usize| {
            let Some(me) = &self.ends[end] else {
                return false;
            };
            let has_news = !self.queues[1 - end].is_empty();
            let has_room = self.queues[end].is_empty() || self.ends[1 - end].is_none();
            (has_news && me.receives.iter().any(|(_, wait)| wait.is_asleep()))
                || (has_room && me.sends.iter().any(|(_, wait)| wait.is_asleep()))
        };
        self.hand.until(|| !(0..2).any(sleeper));
    }

    /// All that was sent is received, and no more.
    fn end(&mut self) {
        for end in 0..2 {
            let Some(me) = &mut self.ends[end] else {
                continue;
            };
            me.receives.clear();
            let socket = Rc::clone(&me.socket);
            let receive = || Held::new(receive(Rc::clone(&socket), 24, How::Recv));
            while !self.queues[1 - end].is_empty() {
                let received = self.hand.output(&mut receive()).unwrap();
                self.received(end, 24, &received);
            }
            assert!(receive().poll().is_pending());
        }
    }
}

fn give_up<T>(waits: &mut Vec<T>, which: usize) {
    if which < waits.len() {
        waits.remove(which);
    }
}

proptest! {
    #[test]
    fn a_pair_behaves_like_two_queues_of_datagrams(actions in vec(action(), 0..150)) {
        by_hand(|hand| {
            let (near, far) = UnixDatagram::pair().unwrap();
            let ends = [End::new(near), End::new(far)];
            let mut pair = Pair { hand, ends, queues: Default::default(), next: 0 };
            for (end, action) in &actions {
                pair.apply(*end, action);
            }
            pair.end();
        });
    }
}
