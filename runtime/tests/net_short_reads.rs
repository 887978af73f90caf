//! A short read is not always a proof that nothing is left.
//!
//! The system speaks of bytes once. Where a read stops before the end of what is there (at a
//! message that carried a descriptor, at the end of a packet, at the mark of urgent data, at the
//! end of a line), the next read must be tried without another word of the system's. Each of
//! these tests once waited for ever.
#![forbid(unsafe_code)]
#![cfg(target_os = "linux")]

#[path = "support/machine.rs"]
mod machine;
#[path = "support/net.rs"]
mod net;

use std::cell::Cell;
use std::fs::{File, OpenOptions};
use std::future::{Future, poll_fn};
use std::io::{ErrorKind, IoSlice, IoSliceMut, Write};
use std::mem::MaybeUninit;
use std::net::{Shutdown, SocketAddr};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream as StdUnixStream;
use std::pin::{Pin, pin};
use std::rc::Rc;

use futures_io::AsyncRead;
use machine::{block_on, count, live, run};
use net::pair;
use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::unix::pipe::{Receiver, Sender, pipe};
use runtime::net::{TcpListener, TcpSocket, TcpStream, UnixStream};
use runtime::runtime::Runtime;
use runtime::task::yield_now;
use runtime::trace::{Direction, Event};
use rustix::fs::{OFlags, fcntl_setfl};
use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use socket2::{Domain, Protocol, SockRef, Socket, Type};

/// Reads, in each of the ways there are, what must come piece by piece.
async fn read_pieces<S: AsyncRead + Unpin>(stream: &mut S, pieces: &[&[u8]]) {
    for (at, piece) in pieces.iter().enumerate() {
        let mut buffer = [0; 64];
        let got = match at % 2 {
            0 => stream.read(&mut buffer).await.unwrap(),
            _ => {
                let mut slices = [IoSliceMut::new(&mut buffer)];
                poll_fn(|cx| Pin::new(&mut *stream).poll_read_vectored(cx, &mut slices))
                    .await
                    .unwrap()
            }
        };
        assert_eq!(&buffer[..got], *piece);
    }
}

/// Sends bytes and, attached to them, a descriptor.
fn send_descriptor(socket: impl AsFd, bytes: &[u8]) {
    let file = File::open("/dev/null").unwrap();
    let (fds, mut space) = ([file.as_fd()], [MaybeUninit::uninit(); 64]);
    let mut attached = SendAncillaryBuffer::new(&mut space);
    assert!(attached.push(SendAncillaryMessage::ScmRights(&fds)));
    let slices = [IoSlice::new(bytes)];
    let sent = sendmsg(socket, &slices, &mut attached, SendFlags::empty());
    assert_eq!(sent.unwrap(), bytes.len());
}

#[test]
fn bytes_behind_a_descriptor_on_a_unix_stream_are_read() {
    run(async {
        let (mut near, far) = UnixStream::pair().unwrap();
        send_descriptor(&far, b"with");
        assert_eq!(far.try_write(b"without").unwrap(), 7);
        send_descriptor(&far, b"again");
        assert_eq!(far.try_write(b"more").unwrap(), 4);
        read_pieces(&mut near, &[b"with", b"withoutagain", b"more"]).await;
    });
}

#[test]
fn trying_reads_them_too() {
    run(async {
        let (near, far) = UnixStream::pair().unwrap();
        send_descriptor(&far, b"with");
        far.try_write(b"without").unwrap();
        near.readable().await.unwrap();
        let mut buffer = [0; 64];
        assert_eq!(near.try_read(&mut buffer).unwrap(), 4);
        near.readable().await.unwrap();
        assert_eq!(near.try_read(&mut buffer).unwrap(), 7);
    });
}

#[test]
fn bytes_of_two_senders_whose_credentials_are_told_are_read() {
    run(async {
        let (mut near, far) = UnixStream::pair().unwrap();
        rustix::net::sockopt::set_socket_passcred(&near, true).unwrap();
        far.try_write(b"one").unwrap();
        let mut child = std::process::Command::new("printf")
            .arg("two")
            .stdin(std::process::Stdio::null())
            .stdout(far.as_fd().try_clone_to_owned().unwrap())
            .spawn()
            .unwrap();
        assert!(child.wait().unwrap().success());
        read_pieces(&mut near, &[b"one", b"two"]).await;
    });
}

#[test]
fn every_packet_of_a_packet_pipe_is_read() {
    run(async {
        let (sender, mut receiver) = pipe().unwrap();
        let fd = sender.into_nonblocking_fd().unwrap();
        fcntl_setfl(&fd, OFlags::NONBLOCK | OFlags::DIRECT).unwrap();
        let sender = Sender::from_owned_fd(fd).unwrap();
        sender.writable().await.unwrap();
        for packet in [&b"1"[..], b"22", b"333"] {
            assert_eq!(sender.try_write(packet).unwrap(), packet.len());
        }
        read_pieces(&mut receiver, &[b"1", b"22", b"333"]).await;
    });
}

#[test]
fn bytes_behind_urgent_data_are_read() {
    run(async {
        let (mut near, far) = pair().await;
        for _ in 0..3 {
            far.try_write(b"before").unwrap();
            SockRef::from(&far).send_out_of_band(b"!").unwrap();
            far.try_write(b"behind").unwrap();
            read_pieces(&mut near, &[b"before", b"behind"]).await;
        }
    });
}

#[test]
fn urgent_data_that_stays_in_line_is_read_with_what_is_behind_it() {
    run(async {
        let (mut near, far) = pair().await;
        SockRef::from(&near).set_out_of_band_inline(true).unwrap();
        far.try_write(b"before").unwrap();
        SockRef::from(&far).send_out_of_band(b"!").unwrap();
        far.try_write(b"behind").unwrap();
        read_pieces(&mut near, &[b"before", b"!behind"]).await;
    });
}

#[test]
fn every_line_of_a_terminal_is_read() {
    run(async {
        let mut terminal = File::from(openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap());
        grantpt(&terminal).unwrap();
        unlockpt(&terminal).unwrap();
        let name = ptsname(&terminal, Vec::new()).unwrap();
        let (mut options, flags) = (OpenOptions::new(), OFlags::NONBLOCK | OFlags::NOCTTY);
        options.read(true).write(true);
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags.bits() as i32);
        let program = options.open(name.to_str().unwrap()).unwrap();
        let mut receiver = Receiver::from_file_unchecked(program).unwrap();
        terminal.write_all(b"one\ntwo\n").unwrap();
        read_pieces(&mut receiver, &[b"one\n", b"two\n"]).await;
    });
}

#[test]
fn a_unix_socket_that_is_handed_over_as_one_of_tcp_is_read() {
    run(async {
        let (near, far) = StdUnixStream::pair().unwrap();
        near.set_nonblocking(true).unwrap();
        let near = std::net::TcpStream::from(OwnedFd::from(near));
        let mut near = TcpStream::from_std(near).unwrap();
        send_descriptor(&far, b"with");
        (&far).write_all(b"without").unwrap();
        read_pieces(&mut near, &[b"with", b"without"]).await;
    });
}

#[test]
fn a_writer_that_wrote_less_than_it_wished_finds_that_nobody_reads_any_more() {
    run(async {
        let (mut near, far) = UnixStream::pair().unwrap();
        let much = vec![0; 10_000_000];
        assert!(near.write(&much).await.unwrap() < much.len());
        // The peer shuts its reading down. No event tells of that: the next write must.
        SockRef::from(&far).shutdown(Shutdown::Read).unwrap();
        let error = near.write(&much).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BrokenPipe);
    });
}

/// How often readiness was cleared since the last look.
fn cleared(runtime: &Runtime) -> usize {
    let cleared = |event: &Event| {
        matches!(
            event,
            Event::ReadinessCleared {
                direction: Direction::Read,
                ..
            }
        )
    };
    count(&runtime.trace().take(), cleared)
}

#[test]
fn plain_tcp_is_spared_the_call_that_would_block_also_when_made_of_a_std_stream() {
    let runtime = live();
    block_on(&runtime, async {
        let (near, far) = pair().await;
        let near = near.into_std().unwrap();
        for mut near in [TcpStream::from_std(near).unwrap()] {
            far.try_write(b"some").unwrap();
            near.readable().await.unwrap();
            cleared(&runtime);
            assert_eq!(near.read(&mut [0; 64]).await.unwrap(), 4);
            assert_eq!(cleared(&runtime), 1, "by the short read alone");
        }
    });
}

/// The system speaks of an urgent mark with every event, for as long as no read passes it by. A peek
/// does not, and waits.
#[test]
fn an_old_urgent_mark_wakes_no_peek_when_room_to_write_comes() {
    run(async {
        let (near, far) = pair().await;
        let near = Rc::new(near);
        let (peeker, polls) = (Rc::clone(&near), Rc::new(Cell::new(0)));
        let polled = Rc::clone(&polls);
        let peeked = runtime::spawn(async move {
            let mut buffer = [0; 64];
            let mut peek = pin!(peeker.peek(&mut buffer));
            poll_fn(|cx| {
                polled.set(polled.get() + 1);
                peek.as_mut().poll(cx)
            })
            .await
        });
        SockRef::from(&far).send_out_of_band(b"!").unwrap();
        while polls.get() < 2 {
            yield_now().await;
        }
        fill_and_drain(&near, &far).await;
        let before = polls.get();
        for _ in 0..5 {
            fill_and_drain(&near, &far).await;
        }
        assert_eq!(polls.get(), before);
        // And it still hears of bytes.
        far.try_write(b"behind").unwrap();
        assert_eq!(peeked.await.unwrap().unwrap(), 6);
    });
}

/// Fills what `near` may send, and waits for the event that there is room again.
async fn fill_and_drain(near: &TcpStream, far: &TcpStream) {
    near.writable().await.unwrap();
    while near.try_write(&[0; 65_536]).is_ok() {}
    let drained = async {
        loop {
            far.readable().await.unwrap();
            let _ = far.try_read(&mut [0; 65_536]);
        }
    };
    runtime::select! {
        writable = near.writable() => writable.unwrap(),
        () = drained => {}
    }
}

/// A connection on which urgent data has come is one of the few; it is not worth another rule.
#[test]
fn after_urgent_data_a_short_read_is_no_proof_any_more() {
    let runtime = live();
    block_on(&runtime, async {
        let (mut near, mut far) = pair().await;
        far.try_write(b"before").unwrap();
        SockRef::from(&far).send_out_of_band(b"!").unwrap();
        far.try_write(b"behind").unwrap();
        read_pieces(&mut near, &[b"before", b"behind"]).await;
        let mut buffer = [0; 64];
        let nothing = near.try_read(&mut buffer).unwrap_err();
        assert_eq!(nothing.kind(), ErrorKind::WouldBlock);
        far.write_all(b"plain").await.unwrap();
        near.readable().await.unwrap();
        cleared(&runtime);
        assert_eq!(near.read(&mut buffer).await.unwrap(), 5);
        assert_eq!(cleared(&runtime), 0);
    });
}

/// A socket of multipath TCP; `None` if the system has none.
fn multipath() -> Option<Socket> {
    match Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::MPTCP)) {
        Ok(socket) => Some(socket),
        Err(error) => {
            println!("SKIPPED: no multipath TCP here: {error}");
            None
        }
    }
}

/// A read of several paths at once stops where it likes: nothing says that it is the end of what is there.
#[test]
fn multipath_tcp_is_read_on_to_would_block_however_it_was_made() {
    let Some(listening) = multipath() else { return };
    let connecting = [multipath().unwrap(), multipath().unwrap()];
    let runtime = live();
    block_on(&runtime, async {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        listening.bind(&any.into()).unwrap();
        listening.listen(8).unwrap();
        listening.set_nonblocking(true).unwrap();
        let listener = TcpListener::from_std(listening.into()).unwrap();
        let addr = listener.local_addr().unwrap();
        for (at, socket) in connecting.into_iter().enumerate() {
            let socket = TcpSocket::from_std_stream(socket.into());
            let client = socket.connect(addr).await.unwrap();
            let (accepted, _) = match at {
                0 => listener.accept().await.unwrap(),
                _ => poll_fn(|cx| listener.poll_accept(cx)).await.unwrap(),
            };
            for (from, to) in [(&accepted, &client), (&client, &accepted)] {
                from.writable().await.unwrap();
                from.try_write(b"some").unwrap();
                while to.peek(&mut [0; 64]).await.unwrap() < 4 {}
                cleared(&runtime);
                assert_eq!(to.try_read(&mut [0; 64]).unwrap(), 4);
                assert_eq!(cleared(&runtime), 0);
            }
        }
    });
}
