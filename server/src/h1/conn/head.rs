//! The next request: looking for its head, and waiting for it.
//!
//! A head that is there is answered at once. Only when there is none do the answers leave that
//! have collected meanwhile, all in one write, and only then does the connection read again. So
//! sixteen requests that came together cost one read and one write.
//!
//! A connection that waits here for the first byte of a request is *idle*. It ends without a
//! word when its time is over, when the server stops, or when a newcomer needs its place.
//!
//! How it can go wrong: ending an idle connection on which a request has just arrived. So the
//! socket is read before each such end, and a read that a [budget](super::budget) refused is no
//! proof that nothing has come.

use std::task::Poll;

use futures_io::{AsyncRead, AsyncWrite};

use super::connection::{Step, Turn};
use super::state::Work;
use super::timeouts::Wait;
use crate::h1::codec::decode::{HeadReader, begins_request, blank_lines, is_silence};
use crate::h1::codec::refusal::Refusal;
use crate::h1::error::Error;
use crate::mark::Mark;
use crate::observed;
use crate::service::Service;

impl<I, S, M> Turn<'_, '_, I, S, M>
where
    I: AsyncRead + AsyncWrite + Unpin,
    S: Service,
    M: Mark,
{
    /// Answers the next request, if it is there, and waits for it otherwise.
    #[inline]
    pub(super) fn head(&mut self) -> Step {
        if !self.work.read_buf.is_empty() && self.budget.poll().is_pending() {
            return Step::Rest;
        }
        match self.make_room() {
            Poll::Pending => return self.wait(Wait::Write),
            Poll::Ready(Err(error)) => return Step::End(Err(error.into())),
            Poll::Ready(Ok(())) => {}
        }
        match self.next_head() {
            Ok(true) => {
                self.budget.request();
                self.begin()
            }
            Ok(false) => self.await_head(),
            Err(refusal) => self.refuse_head(refusal),
        }
    }

    /// Takes a head from the read buffer, if there is a complete one. The request lies in the
    /// scratch buffers then, and the facts with the work.
    #[inline]
    fn next_head(&mut self) -> Result<bool, Refusal> {
        let Work {
            read_buf,
            progress,
            facts,
            ..
        } = self.work;
        let waiting = read_buf.bytes(&self.scratch.read);
        if !begins_request(waiting) {
            let blank = blank_lines(waiting)?;
            if is_silence(waiting) {
                return Ok(false);
            }
            read_buf.consume(blank);
        }
        let (bytes, copy) = read_buf.with_copy(&self.scratch.read);
        let mut reader = HeadReader {
            config: &self.shared.config,
            pool: &mut self.scratch.pool,
            progress,
            copy,
            place: &mut self.scratch.request,
            facts,
        };
        let Some(length) = reader.read(bytes)? else {
            return Ok(false);
        };
        read_buf.consume(length);
        Ok(true)
    }

    /// Sends what has been answered so far, and reads more.
    fn await_head(&mut self) -> Step {
        match self.flush() {
            Poll::Pending => return self.wait(Wait::Write),
            Poll::Ready(Err(error)) => return Step::End(Err(error.into())),
            Poll::Ready(Ok(())) => {}
        }
        if self.budget.poll().is_pending() {
            // Not idle: there may be bytes that have not been looked for.
            return Step::Rest;
        }
        let idle = is_silence(self.work.read_buf.bytes(&self.scratch.read));
        if !idle {
            self.head_begins();
        }
        match self.fill_for_head() {
            Poll::Ready(Ok(0)) if idle => self.end_idle(),
            Poll::Ready(Ok(0)) => Step::End(Err(Error::truncated())),
            Poll::Ready(Ok(_)) => Step::On,
            Poll::Ready(Err(error)) => Step::End(Err(error.into())),
            Poll::Pending if idle && self.is_draining() && !self.budget.is_to_blame() => {
                self.end_idle()
            }
            Poll::Pending if idle => self.wait(Wait::Idle),
            Poll::Pending => self.wait(Wait::Head),
        }
    }

    /// Not all of a head is there: from now on it has a number.
    #[cold]
    fn head_begins(&mut self) {
        if self.work.coming == 0 {
            self.work.coming = self.shared.next_request();
            observed::head_begins(self.work.coming);
        }
    }

    /// The number of the request whose head has come to this end.
    #[inline]
    pub(super) fn number_of_head(&mut self, end: &'static str) -> u64 {
        match std::mem::take(&mut self.work.coming) {
            0 => self.shared.next_request(),
            number => {
                observed::head_ends(number, end);
                number
            }
        }
    }
}
