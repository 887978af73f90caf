//! One server and one client in this process, for criterion's timings of sockets.
//!
//! The server is a contender's, on a thread of its own; the client is plain blocking std, on the
//! thread that measures. What is timed is a *round trip as a client sees it*, by the wall: two
//! trips through the kernel, two threads that wake each other, and somewhere in between the
//! runtime. It is a good figure for noticing that something got slower and a poor one for saying
//! who is faster: for that, `zz_table` asks the server's CPU clock.

use crate::kit::machine::{Core, pin_to};
use crate::kit::work::{Bench, Ports};
use std::io::{self, Read, Write};
use std::net::TcpStream;
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

/// A client of that server: an operation sends `message` and takes the whole answer to it.
pub(crate) fn round_trips(ports: Ports, message: Vec<u8>, ends: fn(&[u8]) -> bool) -> Bench {
    pin_to(Core::Other);
    let mut stream = TcpStream::connect(ports.service).expect("the server is there");
    stream.set_nodelay(true).expect("a socket of TCP");
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
    stream: &mut TcpStream,
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
