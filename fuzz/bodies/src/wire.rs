//! One conversation with the engine, in memory and on a paused clock.

use runtime::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt, duplex, split};
use runtime::time::{Duration, sleep};
use server::Service;
use server::h1::Endpoint;

use crate::choices::Choices;
use crate::machine::run;

/// Longer input only makes the fuzzer slow. Less than any limit of the engine for a part of it.
const LONGEST: usize = 8 * 1024;

/// What a client sends, cut into packets.
pub(crate) struct Packets<'a>(Vec<&'a [u8]>);

impl<'a> Packets<'a> {
    /// The first byte says how many cuts there are, two more each where one is; the rest is sent.
    pub(crate) fn from(data: &'a [u8]) -> (Self, &'a [u8]) {
        let mut choices = Choices::new(data);
        let cuts = choices.below(8);
        let mut places: Vec<usize> = (0..cuts)
            .map(|_| usize::from(choices.byte()) << 8 | usize::from(choices.byte()))
            .collect();
        let rest = choices.rest();
        let wire = &rest[..rest.len().min(LONGEST)];
        for place in &mut places {
            *place %= wire.len().max(1);
        }
        places.sort_unstable();
        (Packets::cut(wire, &places), wire)
    }

    /// `wire` in one piece.
    pub(crate) fn whole(wire: &'a [u8]) -> Self {
        Packets(vec![wire])
    }

    fn cut(wire: &'a [u8], places: &[usize]) -> Self {
        let mut packets = Vec::new();
        let mut from = 0;
        for &place in places {
            packets.push(&wire[from..place]);
            from = place;
        }
        packets.push(&wire[from..]);
        Packets(packets)
    }

    /// Sends them, each when the receiver has nothing left to do, and ends the direction.
    pub(crate) async fn send(&self, sending: &mut (impl AsyncWrite + Unpin)) {
        for packet in &self.0 {
            // The receiver may have closed already: the packets have nowhere to go then.
            let _ = sending.write_all(packet).await;
            sleep(Duration::from_millis(1)).await;
        }
        let _ = sending.shutdown().await;
    }

    /// The same packets, the first of them after `before`.
    pub(crate) fn after(mut self, before: &'a [u8]) -> Self {
        self.0.insert(0, before);
        self
    }
}

/// Sends the packets to `service`, each when the server has nothing left to do, then ends the
/// sending direction. Returns all that comes back.
pub(crate) fn converse(service: impl Service, packets: &Packets<'_>) -> Vec<u8> {
    run(async {
        let (client, socket) = duplex(4 * 1024);
        let endpoint = Endpoint::new(service);
        let connection = runtime::spawn(endpoint.connection(socket));
        let (mut receiving, mut sending) = split(client);
        let mut received = Vec::new();
        let send = async {
            packets.send(&mut sending).await;
        };
        let receive = receiving.read_to_end(&mut received);
        let (_, end) = runtime::join!(send, receive);
        end.expect("reading memory does not fail");
        // How it ended is the server's own business; that it ends, and does not panic, is not.
        let _ = connection.await.expect("the engine does not panic");
        received
    })
}
