use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::Full;
use hyper::body::Incoming;

use crate::failure::Failure;
use crate::headers;
use crate::ledger::Ledger;
use crate::patience::{Lapsed, Patience};
use crate::pool::Seat;
use crate::seam::{Ending, Judge};
use crate::streams;
use crate::wire::Turn;

/// The body of an answer. The request's turn ends when it is dropped.
pub(crate) enum Download<J: Judge> {
    /// The gateway's own. An upgraded connection's turn goes on after it.
    Own { body: Full<Bytes>, _turn: Option<Turn> },
    /// The upstream's.
    Theirs(Box<Theirs<J>>),
}

/// An upstream's body on its way down: passes frames on and bounds pauses. If it is cut, so is the caller's: an error
/// here makes hyper break the connection or the stream rather than end the body.
pub(crate) struct Theirs<J: Judge> {
    pub(crate) incoming: Incoming,
    /// The longest piece to pass on at once.
    pub(crate) piece: usize,
    /// What is left of the last frame after a piece of it.
    pub(crate) left: Bytes,
    pub(crate) patience: Patience,
    pub(crate) ledger: Ledger<J>,
    pub(crate) seat: Option<Seat>,
    pub(crate) turn: Turn,
    /// What had gone up when the wait began: an answer may pause while its request is still being sent.
    pub(crate) uploaded: u64,
    /// Whether its end was seen.
    pub(crate) done: bool,
}

type Polled = Poll<Option<Result<Frame<Bytes>, Failure>>>;

impl<J: Judge> Theirs<J> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Polled {
        if !self.left.is_empty() {
            let left = std::mem::take(&mut self.left);
            return Poll::Ready(Some(Ok(self.cut_to_piece(left))));
        }
        match Pin::new(&mut self.incoming).poll_frame(cx) {
            Poll::Pending => self.wait(cx),
            Poll::Ready(frame) => {
                self.patience.rest();
                match frame {
                    None => {
                        self.done = true;
                        Poll::Ready(None)
                    }
                    Some(Ok(frame)) => self.pass(frame),
                    Some(Err(_)) => self.cut(Failure::UpstreamBroken),
                }
            }
        }
    }

    fn pass(&mut self, mut frame: Frame<Bytes>) -> Polled {
        if let Some(trailers) = frame.trailers_mut() {
            self.done = true;
            headers::clean_trailers(trailers);
        }
        self.ledger.received(frame.data_ref().map_or(0, Bytes::len) as u64);
        Poll::Ready(Some(Ok(match frame.into_data() {
            Ok(data) => self.cut_to_piece(data),
            Err(frame) => frame,
        })))
    }

    fn cut_to_piece(&mut self, mut data: Bytes) -> Frame<Bytes> {
        if data.len() > self.piece {
            self.left = data.split_off(self.piece);
        }
        Frame::data(data)
    }

    fn is_over(&self) -> bool {
        self.left.is_empty() && (self.done || self.incoming.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        let mut hint = self.incoming.size_hint();
        let left = self.left.len() as u64;
        if let Some(upper) = hint.upper() {
            hint.set_upper(upper.saturating_add(left));
        }
        hint.set_lower(hint.lower().saturating_add(left));
        hint
    }

    fn wait(&mut self, cx: &mut Context<'_>) -> Polled {
        while let Poll::Ready(lapsed) = self.patience.poll(cx) {
            let uploaded = self.ledger.uploaded();
            if lapsed == Lapsed::End || uploaded == self.uploaded {
                return self.cut(Failure::UpstreamTimeout);
            }
            self.uploaded = uploaded;
        }
        Poll::Pending
    }

    fn cut(&mut self, failure: Failure) -> Polled {
        self.ledger.end(Ending::Cut(failure));
        Poll::Ready(Some(Err(failure)))
    }
}

impl<J: Judge> Drop for Theirs<J> {
    fn drop(&mut self) {
        self.turn.wire().leave_timer(self.patience.take_timer());
        // hyper may drop a body as soon as its length says that it is over, without asking for its end.
        if !self.is_over() {
            return;
        }
        self.ledger.end(Ending::Complete);
        if let Some(seat) = self.seat.take() {
            seat.give_back();
        }
    }
}

impl<J: Judge> Body for Download<J> {
    type Data = Bytes;
    type Error = Failure;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Polled {
        let polled = match &mut *self {
            Self::Own { body, .. } => Pin::new(body).poll_frame(cx).map_err(|never| match never {}),
            Self::Theirs(theirs) => theirs.poll(cx),
        };
        streams::note(&polled);
        polled
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Own { body, .. } => body.is_end_stream(),
            Self::Theirs(theirs) => theirs.left.is_empty() && theirs.incoming.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Own { body, .. } => body.size_hint(),
            Self::Theirs(theirs) => theirs.size_hint(),
        }
    }
}
