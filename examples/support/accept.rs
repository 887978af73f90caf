//! Accepting connections until told to stop: the loop that the examples' servers share.
//!
//! A server is a loop around `accept`, and a task for each connection. Two things make it one that
//! can be left running, and left:
//!
//! - *Accepting can fail* without any fault of the server's: the process may be out of
//!   descriptors. Ending then would throw out all who are here; trying again at once would spin.
//!   So it waits a little.
//! - *Stopping takes care.* First the door is closed: the listener is dropped, and a client that
//!   comes now is refused by the operating system instead of waiting in vain. Then the server waits
//!   for those who are inside; each connection has the same token and decides itself what is to be
//!   finished before it goes.

use runtime::net::{TcpListener, TcpStream};
use runtime::sync::CancellationToken;
use runtime::task::JoinSet;
use runtime::time::{Duration, sleep};
use std::future::Future;

/// A task that runs `connection` is made for everyone who comes, until `stop` is cancelled; then
/// the last of them is waited for.
pub(crate) async fn until_stopped<C>(
    listener: TcpListener,
    stop: CancellationToken,
    connection: impl Fn(TcpStream) -> C,
) where
    C: Future<Output = ()> + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        runtime::select! {
            () = stop.cancelled() => break,
            // A connection that has ended is taken off the list.
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => drop(connections.spawn(connection(stream))),
                Err(error) => {
                    eprintln!("accept: {error}");
                    sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }
    drop(listener);
    connections.join_all().await;
}
