//! Three UDP sockets against a plain model: each is a queue of datagrams, with their senders.
//!
//! Random datagrams go to and fro, of all lengths from nothing on; receives of every kind begin,
//! are polled, are given up before or after they were woken; sockets are connected, connected
//! anew, closed and replaced. Each datagram must come to one receive, in order, cut off where the
//! room ends; a look must take nothing; no task may sleep while there is something to hear; and
//! the machine must hold exactly the waits that are there.
#![forbid(unsafe_code)]

#[path = "support/by_hand.rs"]
mod by_hand;
#[path = "support/machine.rs"]
mod machine;
#[path = "support/net.rs"]
mod net;
#[path = "support/waits.rs"]
mod waits;

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::rc::Rc;
use std::task::Poll;

use by_hand::{Hand, Held, by_hand};
use net::ANY;
use proptest::collection::vec;
use proptest::prelude::*;
use runtime::net::UdpSocket;

/// Few enough datagrams that no socket's queue in the kernel is ever full: it would lose some.
const ACTIONS: usize = 80;
/// How many sockets there are.
const SOCKETS: usize = 3;

/// A way to hear something, with so much room.
#[derive(Clone, Copy, Debug, PartialEq)]
enum How {
    Recv(usize),
    RecvFrom(usize),
    RecvBuf(usize),
    Peek(usize),
    PeekFrom(usize),
    PeekSender,
}

/// What may be done; `at`, `from` and `to` are sockets, `which` is one of a socket's waits.
#[derive(Clone, Debug)]
enum Action {
    Send {
        from: usize,
        to: usize,
        len: usize,
        way: u8,
    },
    Connect {
        from: usize,
        to: usize,
    },
    Begin {
        at: usize,
        how: How,
    },
    Poll {
        at: usize,
        which: usize,
    },
    GiveUp {
        at: usize,
        which: usize,
    },
    Try {
        at: usize,
        how: How,
    },
    Close {
        at: usize,
    },
    Turn,
}

fn how() -> impl Strategy<Value = How> {
    prop_oneof![
        2 => (0..24_usize).prop_map(How::Recv),
        2 => (0..24_usize).prop_map(How::RecvFrom),
        2 => (1..24_usize).prop_map(How::RecvBuf),
        1 => (0..24_usize).prop_map(How::Peek),
        1 => (0..24_usize).prop_map(How::PeekFrom),
        1 => Just(How::PeekSender),
    ]
}

fn action() -> impl Strategy<Value = Action> {
    let one = || 0..SOCKETS;
    prop_oneof![
        8 => (one(), one(), 0..20_usize, any::<u8>())
            .prop_map(|(from, to, len, way)| Action::Send { from, to, len, way }),
        1 => (one(), one()).prop_map(|(from, to)| Action::Connect { from, to }),
        6 => (one(), how()).prop_map(|(at, how)| Action::Begin { at, how }),
        8 => (one(), 0..4_usize).prop_map(|(at, which)| Action::Poll { at, which }),
        3 => (one(), 0..4_usize).prop_map(|(at, which)| Action::GiveUp { at, which }),
        4 => (one(), how()).prop_map(|(at, how)| Action::Try { at, how }),
        1 => one().prop_map(|at| Action::Close { at }),
        6 => Just(Action::Turn),
    ]
}

/// What was heard: bytes, and from whom, as far as the way of hearing tells.
#[derive(Debug, PartialEq)]
struct Heard(Option<Vec<u8>>, Option<SocketAddr>);

/// Hears one datagram in that way, however long it takes.
async fn hear(socket: Rc<UdpSocket>, how: How) -> io::Result<Heard> {
    let mut room = [0; 24];
    let (len, from) = match how {
        How::Recv(len) => (socket.recv(&mut room[..len]).await?, None),
        How::RecvBuf(len) => (socket.recv_buf(&mut &mut room[..len]).await?, None),
        How::Peek(len) => (socket.peek(&mut room[..len]).await?, None),
        How::PeekSender => return Ok(Heard(None, Some(socket.peek_sender().await?))),
        How::RecvFrom(len) => some(socket.recv_from(&mut room[..len]).await?),
        How::PeekFrom(len) => some(socket.peek_from(&mut room[..len]).await?),
    };
    Ok(Heard(Some(room[..len].to_vec()), from))
}

/// The same, now or not at all.
fn try_hear(socket: &UdpSocket, how: How) -> io::Result<Heard> {
    let mut room = [0; 24];
    let (len, from) = match how {
        How::Recv(len) => (socket.try_recv(&mut room[..len])?, None),
        How::RecvBuf(len) => (socket.try_recv_buf(&mut &mut room[..len])?, None),
        How::Peek(len) => (socket.try_peek(&mut room[..len])?, None),
        How::PeekSender => return Ok(Heard(None, Some(socket.try_peek_sender()?))),
        How::RecvFrom(len) => some(socket.try_recv_from(&mut room[..len])?),
        How::PeekFrom(len) => some(socket.try_peek_from(&mut room[..len])?),
    };
    Ok(Heard(Some(room[..len].to_vec()), from))
}

fn some((len, from): (usize, SocketAddr)) -> (usize, Option<SocketAddr>) {
    (len, Some(from))
}

/// A socket, and the model of it.
struct Party {
    socket: Rc<UdpSocket>,
    addr: SocketAddr,
    /// Whom it is connected to.
    peer: Option<SocketAddr>,
    /// What has been sent to it, and by whom.
    queue: VecDeque<(Vec<u8>, SocketAddr)>,
    waits: Vec<(How, Held<io::Result<Heard>>)>,
}

impl Party {
    fn new() -> Party {
        let mut bind = Held::new(UdpSocket::bind(ANY));
        let Poll::Ready(Ok(socket)) = bind.poll() else {
            panic!("a free port");
        };
        Party {
            addr: socket.local_addr().unwrap(),
            socket: Rc::new(socket),
            peer: None,
            queue: VecDeque::new(),
            waits: Vec::new(),
        }
    }

    /// What the next to hear must hear in that way; a receive takes it from the model.
    fn next(&mut self, how: How) -> Heard {
        let (bytes, from) = match how {
            How::Peek(_) | How::PeekFrom(_) | How::PeekSender => self.queue.front().cloned(),
            How::Recv(_) | How::RecvFrom(_) | How::RecvBuf(_) => self.queue.pop_front(),
        }
        .expect("nothing was sent");
        let cut = |room: usize| Some(bytes[..room.min(bytes.len())].to_vec());
        match how {
            How::Recv(room) | How::RecvBuf(room) | How::Peek(room) => Heard(cut(room), None),
            How::RecvFrom(room) | How::PeekFrom(room) => Heard(cut(room), Some(from)),
            How::PeekSender => Heard(None, Some(from)),
        }
    }

    fn poll(&mut self, which: usize) {
        let Some((how, wait)) = self.waits.get_mut(which) else {
            return;
        };
        let how = *how;
        if let Poll::Ready(heard) = wait.poll() {
            self.waits.remove(which);
            assert_eq!(heard.unwrap(), self.next(how));
        }
    }

    fn try_hear(&mut self, how: How) {
        match try_hear(&self.socket, how) {
            Ok(heard) => assert_eq!(heard, self.next(how)),
            // Whether it had to hear something is asked after a turn, of the waits.
            Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
        }
    }

    fn listens_to(&self, from: SocketAddr) -> bool {
        self.peer.is_none_or(|peer| peer == from)
    }
}

struct Parties<'a, 'b> {
    hand: &'a mut Hand<'b>,
    all: Vec<Party>,
    next: u8,
}

impl Parties<'_, '_> {
    fn apply(&mut self, action: &Action) {
        match *action {
            Action::Send { from, to, len, way } => self.send(from, to, len, way),
            Action::Connect { from, to } => self.connect(from, to),
            Action::Begin { at, how } => {
                let socket = Rc::clone(&self.all[at].socket);
                let wait = Held::new(hear(socket, how));
                self.all[at].waits.push((how, wait));
            }
            Action::Poll { at, which } => self.all[at].poll(which),
            Action::GiveUp { at, which } => {
                let waits = &mut self.all[at].waits;
                if which < waits.len() {
                    waits.remove(which);
                }
            }
            Action::Try { at, how } => self.all[at].try_hear(how),
            Action::Close { at } => self.all[at] = Party::new(),
            Action::Turn => self.turn(),
        }
        let waits = self.all.iter().flat_map(|party| &party.waits);
        let asleep = waits.filter(|(_, wait)| wait.is_asleep()).count();
        self.hand.check_waiting(asleep);
    }

    /// Who is connected sends to its peer; who is not, to `to`.
    fn send(&mut self, from: usize, to: usize, len: usize, way: u8) {
        let me = &self.all[from];
        let to = me.peer.unwrap_or(self.all[to].addr);
        let Some(target) = self.all.iter().position(|party| party.addr == to) else {
            return; // It is gone, and another socket may have its port by now.
        };
        let heard = self.all[target].listens_to(me.addr);
        if me.peer.is_some() && !heard {
            return; // The system may tell the sender of the refusal, now or later, or never.
        }
        let bytes: Vec<u8> = (0..len).map(|n| self.next.wrapping_add(n as u8)).collect();
        self.next = self.next.wrapping_add(1);
        let (socket, data) = (Rc::clone(&me.socket), bytes.clone());
        let connected = me.peer.is_some();
        let mut sending = Held::new(async move {
            match (connected, way % 3) {
                (true, 0) => socket.send(&data).await,
                (true, 1) => socket.try_send(&data),
                (true, _) => poll_fn(|cx| socket.poll_send(cx, &data)).await,
                (false, 0) => socket.send_to(&data, to).await,
                (false, 1) => socket.try_send_to(&data, to),
                (false, _) => poll_fn(|cx| socket.poll_send_to(cx, &data, to)).await,
            }
        });
        assert!(matches!(sending.poll(), Poll::Ready(Ok(sent)) if sent == len));
        let addr = me.addr;
        if heard {
            self.all[target].queue.push_back((bytes, addr));
        }
    }

    fn connect(&mut self, from: usize, to: usize) {
        let peer = self.all[to].addr;
        let socket = Rc::clone(&self.all[from].socket);
        let mut connecting = Held::new(async move { socket.connect(peer).await });
        assert!(matches!(connecting.poll(), Poll::Ready(Ok(()))));
        self.all[from].peer = Some(peer);
    }

    /// After a turn no task sleeps that has something to hear.
    fn turn(&mut self) {
        let awake = |party: &Party| {
            party.queue.is_empty() || !party.waits.iter().any(|(_, wait)| wait.is_asleep())
        };
        self.hand.until(|| self.all.iter().all(awake));
    }

    /// All that was sent is heard, and no more.
    fn end(&mut self) {
        for party in &mut self.all {
            party.waits.clear();
            while !party.queue.is_empty() {
                let how = How::RecvFrom(24);
                let mut wait = Held::new(hear(Rc::clone(&party.socket), how));
                assert_eq!(self.hand.output(&mut wait).unwrap(), party.next(how));
            }
            self.hand.turn();
            assert!(try_hear(&party.socket, How::PeekSender).is_err());
        }
    }
}

proptest! {
    #[test]
    fn sockets_behave_like_queues_of_datagrams(actions in vec(action(), 0..ACTIONS)) {
        by_hand(|hand| {
            let all = (0..SOCKETS).map(|_| Party::new()).collect();
            let mut parties = Parties { hand, all, next: 0 };
            for action in &actions {
                parties.apply(action);
            }
            parties.end();
        });
    }
}
