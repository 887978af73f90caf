//! HTTP on Treadle's side, now observed and now not: what does it cost a program to be looked at?
//!
//! Two processes differ by more than a hundredth in luck alone (where their memory lies, which
//! neighbours they have), and what is asked here is a matter of a few hundredths. So it is *one*
//! server, which changes between rounds. It has two control ports: a client connects to one if the
//! server is to be observed from now on, and to the other if not.

use super::rt::net::TcpListener;
use super::rt::trace::Trace;
use super::{build, http::hello, rt::spawn, serve as ports};
use crate::kit::work::Ports;
use std::io;

/// Serves HTTP on this thread for ever; `ready` gets the ports once they listen: those by which it
/// is observed, and those by which it is not.
///
/// # Errors
///
/// If a port cannot be had.
pub(crate) fn serve(ready: impl FnOnce([Ports; 2])) -> io::Result<()> {
    let runtime = build();
    let trace = runtime.trace();
    runtime.block_on(async move {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let (looking, away) = (ports::control().await?, ports::control().await?);
        let service = listener.local_addr()?;
        ready(
            [looking.local_addr()?, away.local_addr()?].map(|control| Ports { service, control }),
        );
        drop(spawn(switch(looking, trace.clone(), Trace::observe)));
        drop(spawn(switch(away, trace, Trace::stop)));
        server::serve(listener, hello).await
    })
}

/// Switches the runtime for each client that connects; then tells the CPU time.
async fn switch(control: TcpListener, trace: Trace, to: fn(&Trace)) {
    while let Ok((stream, _)) = control.accept().await {
        to(&trace);
        ports::tell(stream).await;
    }
}
