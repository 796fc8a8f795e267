//! Bodies that are held in memory until they are verified.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::ready;

use bytes::{Bytes, BytesMut};
use http_body::Body;
use hyper::body::Incoming;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::config::GatewayLimits;
use crate::failure::Failure;
use crate::patience::{Patience, from_now};

/// Room is given away in pieces of so many bytes.
const PIECE: u64 = 1024;

/// The room for bodies.
pub(crate) struct Held {
    room: Semaphore,
    pieces: u32,
}

impl Held {
    pub(crate) fn new(limits: &GatewayLimits) -> Self {
        let most = u32::try_from(Semaphore::MAX_PERMITS).unwrap_or(u32::MAX);
        let pieces = u32::try_from(limits.held_bytes / PIECE).unwrap_or(most).clamp(1, most);
        Self { room: Semaphore::new(pieces as usize), pieces }
    }

    /// Reads a body of at most so many bytes to its end. Trailers are not kept: nobody signed them. The room is free
    /// again when what is returned with the body is dropped.
    pub(crate) async fn read(
        &self,
        body: Incoming,
        most: u32,
        limits: &GatewayLimits,
    ) -> Result<(Bytes, SemaphorePermit<'_>), Failure> {
        let size = body.size_hint();
        if size.lower() > u64::from(most) {
            return Err(Failure::BodyTooLarge);
        }
        let length = size.exact().unwrap_or_else(|| u64::from(most));
        // Without room for a body at all, the largest ones wait until everything is free.
        let pieces = u32::try_from(length.div_ceil(PIECE)).unwrap_or(u32::MAX).min(self.pieces);
        let room = tokio::time::timeout(limits.connect.to_std(), self.room.acquire_many(pieces)).await;
        let room = room.ok().and_then(Result::ok).ok_or(Failure::TooManyBodies)?;
        let patience = Patience::new(limits.idle.to_std()).until(from_now(limits.answer.to_std()));
        Ok((collect(body, most, patience).await?, room))
    }
}

async fn collect(mut body: Incoming, most: u32, mut patience: Patience) -> Result<Bytes, Failure> {
    let (mut first, mut rest) = (Bytes::new(), BytesMut::new());
    loop {
        let frame = poll_fn(|cx| match Pin::new(&mut body).poll_frame(cx) {
            std::task::Poll::Ready(frame) => std::task::Poll::Ready(Ok(frame)),
            std::task::Poll::Pending => {
                ready!(patience.poll(cx));
                std::task::Poll::Ready(Err(Failure::BodyTimeout))
            }
        })
        .await?;
        patience.rest();
        let Some(frame) = frame.transpose().map_err(|_| Failure::BodyBroken)? else { break };
        let Ok(data) = frame.into_data() else { continue };
        if first.len() + rest.len() + data.len() > most as usize {
            return Err(Failure::BodyTooLarge);
        }
        // Most bodies come in one piece, which needs no copy.
        if first.is_empty() { first = data } else { rest.extend_from_slice(&data) }
    }
    Ok(if rest.is_empty() { first } else { [first, rest.freeze()].concat().into() })
}
