//! A WebSocket in two tasks: one receives, the other one sends, and the one that receives writes
//! too. A wake that went to the wrong task would leave both waiting: then the clock, which is
//! paused, jumps to the time-out, and that is an error here.

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use futures_core::Stream;
use futures_sink::Sink;
use runtime::io::{AsyncReadExt, AsyncWriteExt, duplex};
use runtime::sync::Semaphore;
use runtime::task::{JoinHandle, yield_now};
use runtime::time::timeout;
use server::Error;
use server::ws::{Message, WebSocket, WebSocketConfig};

/// One socket for two tasks.
#[derive(Clone)]
struct Shared(Rc<RefCell<WebSocket>>);

impl Shared {
    fn new(socket: WebSocket) -> Self {
        Shared(Rc::new(RefCell::new(socket)))
    }

    async fn recv(&self) -> Option<Result<Message, Error>> {
        poll_fn(|cx| Pin::new(&mut *self.0.borrow_mut()).poll_next(cx)).await
    }

    async fn send(&self, message: Message) -> Result<(), Error> {
        poll_fn(|cx| Pin::new(&mut *self.0.borrow_mut()).poll_ready(cx)).await?;
        Pin::new(&mut *self.0.borrow_mut()).start_send(message)?;
        poll_fn(|cx| Pin::new(&mut *self.0.borrow_mut()).poll_flush(cx)).await
    }
}

#[runtime::test(start_paused = true)]
async fn both_ends_send_and_receive_at_once_through_a_narrow_stream() {
    const COUNT: usize = 300;
    let (near, far) = duplex(50);
    let ends = [
        Shared::new(WebSocket::server(near, WebSocketConfig::default())),
        Shared::new(WebSocket::client(far, WebSocketConfig::default())),
    ];
    let (mut senders, mut receivers) = (Vec::new(), Vec::new());
    let received = Rc::new(Semaphore::new(0));
    for end in ends {
        let sender = end.clone();
        senders.push(runtime::spawn(async move {
            for n in 0..COUNT {
                let payload = vec![n as u8; n % 120];
                let message = if n % 3 == 0 {
                    Message::Ping(payload.into())
                } else {
                    Message::binary(payload)
                };
                sender.send(message).await.unwrap();
            }
        }));
        let received = received.clone();
        receivers.push(runtime::spawn(async move {
            let mut next = 0;
            loop {
                let message = end.recv().await.unwrap().unwrap();
                if let Message::Ping(payload) | Message::Binary(payload) = message {
                    assert_eq!(payload, vec![next as u8; next % 120]);
                    next += 1;
                    received.add_permits(1);
                }
            }
        }));
    }
    for sender in senders {
        sender.await.unwrap();
    }
    let all = received.acquire_many(2 * COUNT as u32);
    let all = timeout(Duration::from_secs(1), all).await;
    all.expect("nothing is left on the way").unwrap().forget();
    receivers.iter().for_each(JoinHandle::abort);
    for receiver in receivers {
        assert!(receiver.await.unwrap_err().is_cancelled());
    }
}

/// The stream remembers the waker of the task that tried to write last, and that task goes away.
#[runtime::test(start_paused = true)]
async fn a_pong_leaves_even_if_a_sender_that_waited_with_it_has_been_dropped() {
    let (near, mut peer) = duplex(64);
    let socket = Shared::new(WebSocket::server(near, WebSocketConfig::default()));
    let sender = socket.clone();
    let sending = runtime::spawn(async move { sender.send(Message::binary(vec![0; 100])).await });
    yield_now().await;
    let receiver = socket.clone();
    let reading = runtime::spawn(async move { receiver.recv().await.unwrap().unwrap() });
    // A ping, masked with zeros.
    peer.write_all(&[0x89, 0x80, 0, 0, 0, 0]).await.unwrap();
    assert_eq!(reading.await.unwrap(), Message::Ping("".into()));
    let receiver = socket.clone();
    let _reading = runtime::spawn(async move { receiver.recv().await });
    let sender = socket.clone();
    let another = runtime::spawn(async move { sender.send(Message::text("x")).await });
    yield_now().await;
    sending.abort();
    another.abort();
    assert!(
        sending.await.is_err() && another.await.is_err(),
        "they waited"
    );
    // Now only the receiver is there to write.
    let mut answers = [0; 104];
    let reads = timeout(Duration::from_secs(1), peer.read_exact(&mut answers));
    reads.await.expect("the pong comes").unwrap();
    assert_eq!(answers[102..], [0x8a, 0]);
}

#[runtime::test(start_paused = true)]
async fn a_close_frame_of_the_sender_gives_the_receiver_a_deadline() {
    let (near, _peer) = duplex(64);
    let socket = Shared::new(WebSocket::server(near, WebSocketConfig::default()));
    let receiver = socket.clone();
    let reading = runtime::spawn(async move { receiver.recv().await });
    yield_now().await;
    socket.send(Message::Close(None)).await.unwrap();
    let end = timeout(Duration::from_secs(6), reading).await;
    assert!(end.expect("it ends in time").unwrap().unwrap().is_err());
}

#[runtime::test(start_paused = true)]
async fn a_sender_that_waits_learns_that_the_receiver_met_the_end() {
    let (near, mut peer) = duplex(64);
    let socket = Shared::new(WebSocket::server(near, WebSocketConfig::default()));
    let sender = socket.clone();
    let sending = runtime::spawn(async move { sender.send(Message::binary(vec![0; 1_000])).await });
    let reading = runtime::spawn(async move { socket.recv().await });
    yield_now().await;
    // A reserved opcode; the peer reads nothing.
    peer.write_all(&[0x83, 0x80, 0, 0, 0, 0]).await.unwrap();
    let both = timeout(Duration::from_secs(6), async {
        (sending.await, reading.await)
    });
    let (sent, read) = both.await.expect("both end in time");
    assert!(sent.unwrap().is_err() && read.unwrap().unwrap().is_err());
}
