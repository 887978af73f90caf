//! One server and one client in this process, for criterion's timings of sockets.
//!
//! The server is a contender's, on a thread of its own; the client is plain blocking std, on the
//! thread that measures. What is timed is a *round trip as a client sees it*, by the wall: two
//! trips through the kernel, two threads that wake each other, and somewhere in between the
//! runtime. It is a good figure for noticing that something got slower and a poor one for saying
//! who is faster: for that, `zz_table` asks the server's CPU clock.

use crate::kit::machine::{Core, pin_to};
use crate::kit::work::{Bench, Ports, socket_path};
use std::io::{self, Read, Write};
use std::net::{TcpStream, UdpSocket};
use std::os::unix::net::UnixStream;
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

/// Starts a server on a thread of its own; the thread serves until the process ends.
pub(crate) fn start<S>(serve: S) -> Ports
where
    S: FnOnce(Box<dyn FnOnce(Ports)>) -> io::Result<()> + Send + 'static,
{
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        pin_to(Core::Server);
        let ready = Box::new(move |ports| tell.send(ports).expect("someone waits for the ports"));
        serve(ready).expect("the server runs");
    });
    told.recv().expect("the server listens")
}

/// A client's connection to that server, by TCP.
pub(crate) fn tcp(ports: Ports) -> TcpStream {
    let stream = TcpStream::connect(ports.service).expect("the server is there");
    stream.set_nodelay(true).expect("a socket of TCP");
    stream
}

/// The same by a Unix socket.
pub(crate) fn unix(ports: Ports) -> UnixStream {
    let path = socket_path(ports.control);
    let stream = UnixStream::connect(&path).expect("the server is there");
    // This is the only client; the server goes away with the process, its path would not.
    let _ = std::fs::remove_file(path);
    stream
}

/// The same in datagrams.
pub(crate) fn udp(ports: Ports) -> Datagrams {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    socket.connect(ports.service).expect("an address");
    Datagrams(socket)
}

/// A UDP socket with a peer: a write is a datagram, and so is a read.
pub(crate) struct Datagrams(UdpSocket);

impl Read for Datagrams {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.recv(buffer)
    }
}

impl Write for Datagrams {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.0.send(data)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A client with that connection: an operation sends `message` and takes the whole answer to it.
pub(crate) fn round_trips(
    mut stream: impl Read + Write + 'static,
    message: Vec<u8>,
    ends: fn(&[u8]) -> bool,
) -> Bench {
    pin_to(Core::Other);
    let length = first_answer(&mut stream, &message, ends).expect("the server answers");
    let mut answer = vec![0; length];
    Box::new(move |n| {
        let clock = Instant::now();
        for _ in 0..n {
            stream.write_all(&message).expect("the server listens");
            stream.read_exact(&mut answer).expect("the server answers");
        }
        assert!(ends(&answer), "every answer ends like the first");
        clock.elapsed()
    })
}

/// Has one message answered and measures the answer.
fn first_answer(
    stream: &mut (impl Read + Write),
    message: &[u8],
    ends: fn(&[u8]) -> bool,
) -> io::Result<usize> {
    stream.write_all(message)?;
    let mut answer = Vec::new();
    while !ends(&answer) {
        let mut buffer = [0; 64 * 1024];
        match stream.read(&mut buffer)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            n => answer.extend_from_slice(&buffer[..n]),
        }
    }
    Ok(answer.len())
}
