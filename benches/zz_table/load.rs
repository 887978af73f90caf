//! The load: a client that keeps a number of connections busy, in a process of its own.
//!
//! It is a *closed loop*: every connection has one message (or one burst of pipelined requests)
//! under way, and sends the next when the answer is complete. The client only counts bytes: all
//! answers of one server have the same length, which it learns from the first one and holds every
//! later one to. So it is cheap, and it notices a server that answers too little or too much.
//!
//! What is measured is the *server's* CPU time for a message, asked of its control port at both
//! ends of a round. How one fools oneself with a load generator: by letting it share the server's
//! core (it is pinned to the other one), by letting one contender's round run beside another's (the
//! rounds take turns; the connections of those who wait are silent), by measuring the first
//! messages after a change of turns (they are not counted), and by reading requests per second as
//! if they were the server's: they are shown for interest and say how busy the *client* was.

use super::job::Job;
use super::wire::Wire;
use crate::kit::work::Ports;
use mio::{Events, Poll, Token};
use std::io::{self, ErrorKind, Read};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// Connections to one server, all of them open.
struct Clients {
    poll: Poll,
    events: Events,
    peers: Vec<Peer>,
    control: SocketAddr,
    request: Vec<u8>,
    /// The length of the answer to one `request`.
    answer: usize,
}

/// One connection, how much of the request under way the kernel has taken, and how much of the answer is
/// still to come.
struct Peer {
    wire: Wire,
    sent: usize,
    missing: usize,
}

/// What one round showed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Round {
    /// The server thread's CPU time for one message.
    pub(super) cpu: Duration,
    /// Messages a second, by the wall: mostly the client's own speed.
    pub(super) rate: f64,
}

/// A job stops early after this time, so that a busy machine does not take for ever over it,
const PATIENCE: Duration = Duration::from_secs(10);

/// if it has had so many rounds.
const ENOUGH: usize = 5;

/// Does the whole job; `tell` gets each round with the index of its server.
///
/// # Errors
///
/// If a server cannot be reached, hangs up, or answers with the wrong number of bytes.
pub(super) fn run(job: &Job, mut tell: impl FnMut(usize, Round)) -> io::Result<()> {
    let mut groups = Vec::new();
    for target in &job.targets {
        groups.push(Clients::connect(job, target)?);
    }
    let began = Instant::now();
    for round in 0..job.rounds {
        if round >= ENOUGH && began.elapsed() > PATIENCE {
            break;
        }
        for turn in 0..groups.len() {
            // Each round begins with another server, so that none is always the first.
            let server = (round + turn) % groups.len();
            tell(server, groups[server].round(job)?);
        }
    }
    Ok(())
}

/// Opens the connections, has one message answered on each, and keeps them open and silent.
///
/// # Errors
///
/// As for [`run`].
pub(super) fn occupy(job: &Job) -> io::Result<impl Sized> {
    let mut clients = Clients::connect(job, &job.targets[0])?;
    clients.exchange(clients.peers.len())?;
    Ok(clients)
}

impl Clients {
    fn connect(job: &Job, target: &Ports) -> io::Result<Self> {
        let poll = Poll::new()?;
        let request = job.message().repeat(job.depth);
        let mut peers = Vec::with_capacity(job.connections);
        for i in 0..job.connections {
            let wire = Wire::connect(job.protocol, target)?;
            wire.register(poll.registry(), Token(i))?;
            peers.push(Peer {
                wire,
                sent: request.len(),
                missing: 0,
            });
        }
        let answer = job.depth * answer_length(job, target)?;
        Ok(Self {
            poll,
            events: Events::with_capacity(1024),
            peers,
            control: target.control,
            request,
            answer,
        })
    }

    /// A short exchange that does not count, then the one that does. The server is asked before
    /// either: one that is [observed](crate::kit::sides::treadle::observed) only now and then
    /// learns by it whose turn it is.
    fn round(&mut self, job: &Job) -> io::Result<Round> {
        let bursts = job.messages / job.depth;
        self.server_cpu()?;
        self.exchange(bursts / 10 + self.peers.len())?;
        let (clock, before) = (Instant::now(), self.server_cpu()?);
        self.exchange(bursts)?;
        let cpu = self.server_cpu()? - before;
        let messages = bursts * job.depth;
        Ok(Round {
            cpu: cpu / u32::try_from(messages).unwrap_or(u32::MAX),
            rate: messages as f64 / clock.elapsed().as_secs_f64(),
        })
    }

    /// Sends `bursts` requests over all connections and takes the answers.
    fn exchange(&mut self, bursts: usize) -> io::Result<()> {
        let mut unsent = bursts;
        let mut open = 0;
        for peer in &mut self.peers {
            if unsent > 0 {
                peer.send(&self.request, self.answer)?;
                unsent -= 1;
                open += 1;
            }
        }
        let mut buffer = vec![0; 64 * 1024];
        while open > 0 {
            match self.poll.poll(&mut self.events, None) {
                Err(error) if error.kind() != ErrorKind::Interrupted => return Err(error),
                _ => {}
            }
            for event in &self.events {
                let peer = &mut self.peers[event.token().0];
                peer.send_rest(&self.request)?;
                if !peer.receive(&mut buffer)? {
                    continue;
                }
                open -= 1;
                if unsent > 0 {
                    peer.send(&self.request, self.answer)?;
                    unsent -= 1;
                    open += 1;
                }
            }
        }
        Ok(())
    }

    /// The CPU time that the server's thread has used so far.
    fn server_cpu(&self) -> io::Result<Duration> {
        let mut nanoseconds = [0; 8];
        std::net::TcpStream::connect(self.control)?.read_exact(&mut nanoseconds)?;
        Ok(Duration::from_nanos(u64::from_le_bytes(nanoseconds)))
    }
}

impl Peer {
    fn send(&mut self, request: &[u8], answer: usize) -> io::Result<()> {
        (self.sent, self.missing) = (0, answer);
        self.send_rest(request)
    }

    /// Offers the kernel what it has not taken yet. The registry tells when it will take more.
    fn send_rest(&mut self, request: &[u8]) -> io::Result<()> {
        while self.sent < request.len() {
            match self.wire.send(&request[self.sent..]) {
                Ok(n) => self.sent += n,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Reads what is there; whether the answer under way is complete now.
    fn receive(&mut self, buffer: &mut [u8]) -> io::Result<bool> {
        let before = self.missing;
        loop {
            let n = match self.wire.receive(buffer) {
                Ok(0) => return Err(io::Error::other("the server hung up")),
                Ok(n) => n,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            };
            self.missing = self
                .missing
                .checked_sub(n)
                .ok_or_else(|| io::Error::other("the server answers more than it was asked"))?;
            if n < buffer.len() {
                break;
            }
        }
        Ok(before > 0 && self.missing == 0)
    }
}

/// Asks once, on a connection of its own, and measures the answer.
fn answer_length(job: &Job, target: &Ports) -> io::Result<usize> {
    let mut wire = Wire::connect(job.protocol, target)?;
    let message = job.message();
    let mut sent = 0;
    while sent < message.len() {
        sent += wire.send(&message[sent..])?;
    }
    let mut answer = Vec::new();
    while !job.is_whole(&answer) {
        let mut buffer = [0; 4096];
        match wire.receive(&mut buffer)? {
            0 => return Err(io::Error::other("the server hung up on the first message")),
            n => answer.extend_from_slice(&buffer[..n]),
        }
    }
    Ok(answer.len())
}
