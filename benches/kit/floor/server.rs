//! The floor's server loop: mio, a slab of connections, nothing else.
//!
//! Each connection is registered once, edge-triggered, and only for reading: the answers here are
//! small, and a socket that will not take one is closed, which a real server must not do. What a
//! connection does with the bytes is a function: echo, or HTTP. Everything that was answered in
//! one read goes out in one write.

use crate::kit::clock::thread_cpu;
use crate::kit::work::Ports;
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};
use slab::Slab;
use std::io::{self, ErrorKind, Read, Write};

/// What a connection makes of its input: takes the bytes, appends the answer, says how many bytes
/// it has used; `None` to hang up.
pub(super) trait Answer: Fn(&[u8], &mut Vec<u8>) -> Option<usize> {}

impl<F: Fn(&[u8], &mut Vec<u8>) -> Option<usize>> Answer for F {}

const SERVICE: Token = Token(usize::MAX - 1);
const CONTROL: Token = Token(usize::MAX - 2);

/// A connection, and what it could not use of its last read: nearly always nothing, and then it
/// owns no memory.
struct Connection {
    stream: TcpStream,
    rest: Vec<u8>,
}

/// The two buffers that all connections share.
struct Buffers {
    input: Vec<u8>,
    output: Vec<u8>,
}

/// Serves on this thread for ever; `ready` gets the two ports once they listen.
pub(super) fn serve(ready: impl FnOnce(Ports), answer: impl Answer) -> io::Result<()> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(1024);
    let mut listener = TcpListener::bind("127.0.0.1:0".parse().expect("an address"))?;
    let mut control = TcpListener::bind("127.0.0.1:0".parse().expect("an address"))?;
    poll.registry()
        .register(&mut listener, SERVICE, Interest::READABLE)?;
    poll.registry()
        .register(&mut control, CONTROL, Interest::READABLE)?;
    ready(Ports {
        service: listener.local_addr()?,
        control: control.local_addr()?,
    });
    let mut connections = Slab::new();
    let mut buffers = Buffers {
        input: vec![0; 64 * 1024],
        output: Vec::new(),
    };
    loop {
        match poll.poll(&mut events, None) {
            Err(error) if error.kind() != ErrorKind::Interrupted => return Err(error),
            _ => {}
        }
        for event in &events {
            match event.token() {
                SERVICE => accept_all(&listener, &poll, &mut connections)?,
                CONTROL => tell_cpu(&control),
                Token(key) => {
                    if !connections[key].turn(&mut buffers, &answer) {
                        connections.remove(key);
                    }
                }
            }
        }
    }
}

fn accept_all(
    listener: &TcpListener,
    poll: &Poll,
    connections: &mut Slab<Connection>,
) -> io::Result<()> {
    while let Ok((mut stream, _)) = listener.accept() {
        stream.set_nodelay(true)?;
        let entry = connections.vacant_entry();
        let token = Token(entry.key());
        poll.registry()
            .register(&mut stream, token, Interest::READABLE)?;
        entry.insert(Connection {
            stream,
            rest: Vec::new(),
        });
    }
    Ok(())
}

/// Tells everyone who connects how much CPU time this thread has used.
fn tell_cpu(control: &TcpListener) {
    while let Ok((mut stream, _)) = control.accept() {
        let cpu = thread_cpu().as_nanos() as u64;
        let _ = stream.write_all(&cpu.to_le_bytes());
    }
}

impl Connection {
    /// Reads until the socket is drained and answers; whether the connection lives on.
    fn turn(&mut self, buffers: &mut Buffers, answer: &impl Answer) -> bool {
        let Buffers { input, output } = buffers;
        loop {
            let kept = self.rest.len();
            input[..kept].copy_from_slice(&self.rest);
            let room = &mut input[kept..];
            let size = room.len();
            let n = match self.stream.read(room) {
                Ok(0) => return false,
                Ok(n) => n,
                Err(error) => return error.kind() == ErrorKind::WouldBlock,
            };
            output.clear();
            let Some(used) = answer(&input[..kept + n], output) else {
                return false;
            };
            self.rest = input[used..kept + n].to_vec();
            if !matches!(self.stream.write(output), Ok(n) if n == output.len()) {
                return false;
            }
            if n < size {
                // A short read: the socket is drained, and the next edge will tell.
                return true;
            }
        }
    }
}
