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

use super::alarm::Wait;
use super::connection::{Step, Turn};
use super::decode::{HeadReader, begins_request, blank_lines, is_silence};
use super::error::Error;
use super::refusal::Refusal;
use super::work::Work;
use crate::mark::Mark;
use crate::service::Service;

impl<I, S, M> Turn<'_, '_, I, S, M>
where
    I: AsyncRead + AsyncWrite + Unpin,
    S: Service,
    M: Mark,
{
    /// Answers the next request, if it is there, and waits for it otherwise.
    #[inline]
    pub(crate) fn head(&mut self) -> Step {
        if !self.work.input.is_empty() && self.budget.poll().is_pending() {
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

    /// Takes a head from the input, if there is a complete one. The request lies on the
    /// desk then, and the facts with the work.
    #[inline]
    fn next_head(&mut self) -> Result<bool, Refusal> {
        let Work {
            input,
            progress,
            facts,
            ..
        } = self.work;
        let waiting = input.bytes(&self.desk.read);
        if !begins_request(waiting) {
            let blank = blank_lines(waiting)?;
            if is_silence(waiting) {
                return Ok(false);
            }
            input.consume(blank);
        }
        let (bytes, copy) = input.with_copy(&self.desk.read);
        let mut reader = HeadReader {
            config: &self.shared.config,
            spares: &mut self.desk.spares,
            progress,
            copy,
            place: &mut self.desk.request,
            facts,
        };
        let Some(length) = reader.read(bytes)? else {
            return Ok(false);
        };
        input.consume(length);
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
        let idle = is_silence(self.work.input.bytes(&self.desk.read));
        match self.fill_for_head() {
            Poll::Ready(Ok(0)) if idle => Step::End(Ok(())),
            Poll::Ready(Ok(0)) => Step::End(Err(Error::truncated())),
            Poll::Ready(Ok(_)) => Step::On,
            Poll::Ready(Err(error)) => Step::End(Err(error.into())),
            Poll::Pending if idle && self.is_draining() && !self.budget.is_to_blame() => {
                Step::End(Ok(()))
            }
            Poll::Pending if idle => self.wait(Wait::Idle),
            Poll::Pending => self.wait(Wait::Head),
        }
    }
}
