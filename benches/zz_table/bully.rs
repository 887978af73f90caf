//! One client that takes all it can get, and a neighbour that wants one answer at a time.
//!
//! The **bully** never lets its server come to the end of what there is to do: it pipelines
//! requests as fast as the sockets take them. The **neighbour** sends one small request, waits for
//! its answer, pauses for a millisecond, and sends the next. What is measured is how long each of
//! its answers takes, and how many answers the bully gets meanwhile: a server could be kind to the
//! neighbour by being slow for both.
//!
//! Both are one thread, which never blocks and looks at the neighbour's socket after each call for
//! the bully. How one fools oneself: two threads on one core would measure how the kernel shares
//! that core between them; and a client that is slower than its server is no bully (so what is
//! sent is prepared, and what is read is only counted).

use super::job::{Job, Protocol};
use crate::kit::work::{GET, HELLO, Ports};
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// What a bully does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    /// One connection; each request has 98 tiny header lines, and `Host`.
    Headers,
    /// One connection; requests as plain as can be.
    Plain,
    /// Two hundred connections that send requests and never read an answer.
    Deaf,
}

impl Manner {
    fn of(protocol: Protocol) -> Option<Self> {
        match protocol {
            Protocol::BullyHeaders => Some(Manner::Headers),
            Protocol::BullyPlain => Some(Manner::Plain),
            Protocol::BullyDeaf => Some(Manner::Deaf),
            _ => None,
        }
    }

    /// Its requests, as many as fill 64 KiB.
    fn requests(self) -> (Vec<u8>, usize) {
        let one = match self {
            Manner::Plain | Manner::Deaf => GET.to_vec(),
            Manner::Headers => {
                let lines: String = (0..98).map(|n| format!("x{n}: y\r\n")).collect();
                format!("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}\r\n").into_bytes()
            }
        };
        (one.repeat(64 * 1024 / one.len()), one.len())
    }
}

/// What the neighbour met in one round.
#[derive(Clone, Copy, Debug)]
pub(super) struct Met {
    pub(super) median: Duration,
    pub(super) worst: Duration,
    /// Requests of the bully's that the server has answered a second; of a deaf one, that it has
    /// taken.
    pub(super) rate: f64,
}

/// How long the neighbour pauses between two requests.
const PAUSE: Duration = Duration::from_millis(1);

/// Does the whole job; `tell` gets each round with the index of its server. A message is a
/// millisecond of a round.
///
/// # Errors
///
/// If a server cannot be reached, hangs up, or leaves the neighbour waiting for ten seconds.
pub(super) fn run(job: &Job, mut tell: impl FnMut(usize, Met)) -> io::Result<()> {
    let manner = Manner::of(job.protocol).ok_or(ErrorKind::InvalidInput)?;
    let time = Duration::from_millis(job.messages as u64);
    for round in 0..job.rounds {
        for turn in 0..job.targets.len() {
            let server = (round + turn) % job.targets.len();
            tell(
                server,
                self::round(job, manner, &job.targets[server], time)?,
            );
        }
    }
    Ok(())
}

fn round(job: &Job, manner: Manner, target: &Ports, time: Duration) -> io::Result<Met> {
    let mut neighbour = Neighbour::connect(target)?;
    let length = neighbour.first_answer()?;
    let mut bully = Bully::connect(job, manner, target)?;
    let began = Instant::now();
    while began.elapsed() < time || neighbour.took.is_empty() {
        for at in 0..bully.peers.len() {
            bully.push(at)?;
            neighbour.look()?;
            bully.pull(at)?;
            neighbour.look()?;
        }
    }
    let answers = match manner {
        Manner::Deaf => bully.sent / bully.length,
        _ => bully.read / length,
    };
    neighbour.took.sort();
    Ok(Met {
        median: neighbour.took[neighbour.took.len() / 2],
        worst: *neighbour.took.last().unwrap_or(&Duration::ZERO),
        rate: answers as f64 / began.elapsed().as_secs_f64(),
    })
}

struct Bully {
    peers: Vec<(TcpStream, usize)>,
    manner: Manner,
    requests: Vec<u8>,
    /// Of one request.
    length: usize,
    buffer: Vec<u8>,
    sent: usize,
    read: usize,
}

impl Bully {
    fn connect(job: &Job, manner: Manner, target: &Ports) -> io::Result<Self> {
        let peer = |_| Ok((silent(TcpStream::connect(target.service)?)?, 0));
        let (requests, length) = manner.requests();
        Ok(Bully {
            peers: (0..job.connections).map(peer).collect::<io::Result<_>>()?,
            manner,
            requests,
            length,
            buffer: vec![0; 256 * 1024],
            sent: 0,
            read: 0,
        })
    }

    /// Sends on, where the connection at that place has stopped.
    fn push(&mut self, at: usize) -> io::Result<()> {
        let (stream, sent) = &mut self.peers[at];
        if let Some(count) = unless_it_blocks(stream.write(&self.requests[*sent..]))? {
            *sent = (*sent + count) % self.requests.len();
            self.sent += count;
        }
        Ok(())
    }

    fn pull(&mut self, at: usize) -> io::Result<()> {
        if self.manner != Manner::Deaf {
            let stream = &mut self.peers[at].0;
            match unless_it_blocks(stream.read(&mut self.buffer))? {
                Some(0) => return Err(io::Error::other("the server hung up on the bully")),
                count => self.read += count.unwrap_or(0),
            }
        }
        Ok(())
    }
}

struct Neighbour {
    stream: TcpStream,
    /// When the request under way was sent, or the next one will be.
    since: Instant,
    waits: bool,
    length: usize,
    missing: usize,
    took: Vec<Duration>,
}

impl Neighbour {
    fn connect(target: &Ports) -> io::Result<Self> {
        Ok(Neighbour {
            stream: silent(TcpStream::connect(target.service)?)?,
            since: Instant::now(),
            waits: false,
            length: 0,
            missing: 0,
            took: Vec::new(),
        })
    }

    /// Has one request answered before there is a bully. Returns the length of the answer.
    fn first_answer(&mut self) -> io::Result<usize> {
        self.stream.set_nonblocking(false)?;
        self.stream.write_all(GET)?;
        let (mut answer, mut byte) = (Vec::new(), [0]);
        while !answer.ends_with(HELLO.as_bytes()) {
            self.stream.read_exact(&mut byte)?;
            answer.push(byte[0]);
        }
        self.stream.set_nonblocking(true)?;
        self.length = answer.len();
        Ok(self.length)
    }

    /// Takes what there is of the answer, or sends the next request when it is time.
    fn look(&mut self) -> io::Result<()> {
        if !self.waits {
            if self.since.elapsed() < PAUSE {
                return Ok(());
            }
            (self.since, self.waits, self.missing) = (Instant::now(), true, self.length);
            return self.stream.write_all(GET);
        }
        let mut buffer = [0; 4096];
        let count = unless_it_blocks(self.stream.read(&mut buffer))?;
        self.missing -= count.unwrap_or(0).min(self.missing);
        if self.missing == 0 {
            self.took.push(self.since.elapsed());
            (self.since, self.waits) = (Instant::now(), false);
        } else if self.since.elapsed() > Duration::from_secs(10) {
            return Err(io::Error::other("the neighbour waits for ever"));
        }
        Ok(())
    }
}

/// A stream that sends at once and never blocks.
fn silent(stream: TcpStream) -> io::Result<TcpStream> {
    stream.set_nodelay(true)?;
    stream.set_nonblocking(true)?;
    Ok(stream)
}

fn unless_it_blocks(result: io::Result<usize>) -> io::Result<Option<usize>> {
    match result {
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
        result => result.map(Some),
    }
}
