//! Bodies that are held in memory until they are verified.

use std::collections::HashMap;
use std::future::poll_fn;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use claviger_model::network_of;
use http_body::Body;
use hyper::body::Incoming;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};
use tokio::time::timeout;

use crate::config::GatewayLimits;
use crate::failure::Failure;
use crate::patience::{Patience, from_now};
use crate::wire::Wire;

/// Room is given away in pieces of so many bytes.
const PIECE: usize = 1024;
/// Nobody is known before the body is: what comes from one address gets this part of the room and leaves the rest.
const SHARES: u32 = 8;

/// The room for bodies.
pub(crate) struct Held {
    room: Semaphore,
    pieces: u32,
    share: u32,
    /// The shares of which there is something taken.
    shares: Mutex<HashMap<IpAddr, Arc<Semaphore>>>,
}

/// The part of one address, or of one network in IPv6.
struct Share<'h> {
    held: &'h Held,
    network: IpAddr,
    room: Arc<Semaphore>,
}

/// The room of one body. It is free again when this is dropped.
pub(crate) struct Room<'h> {
    limits: &'h GatewayLimits,
    all: Option<SemaphorePermit<'h>>,
    own: Option<OwnedSemaphorePermit>,
    share: Share<'h>,
}

impl Held {
    pub(crate) fn new(limits: &GatewayLimits) -> Self {
        let most = u32::try_from(Semaphore::MAX_PERMITS).unwrap_or(u32::MAX);
        let pieces = u32::try_from(limits.held_bytes / PIECE as u64).unwrap_or(most).clamp(1, most);
        let room = Semaphore::new(pieces as usize);
        Self { room, pieces, share: (pieces / SHARES).max(1), shares: Mutex::default() }
    }

    /// Room for a body from this address. It takes none yet.
    pub(crate) fn room<'h>(&'h self, client: IpAddr, limits: &'h GatewayLimits) -> Room<'h> {
        let network = network_of(client);
        let mut shares = self.shares();
        let share = || Arc::new(Semaphore::new(self.share as usize));
        let room = Arc::clone(shares.entry(network).or_insert_with(share));
        Room { limits, all: None, own: None, share: Share { held: self, network, room } }
    }

    fn shares(&self) -> MutexGuard<'_, HashMap<IpAddr, Arc<Semaphore>>> {
        self.shares.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<'h> Share<'h> {
    /// So many pieces of its own room and of that of all. Waits for them only where they are not there.
    async fn take(
        &self,
        own: u32,
        all: u32,
        wait: Duration,
    ) -> Result<(OwnedSemaphorePermit, SemaphorePermit<'h>), Failure> {
        let (mine, held) = (|| Arc::clone(&self.room), self.held);
        let at_once =
            || Some((mine().try_acquire_many_owned(own).ok()?, held.room.try_acquire_many(all).ok()?));
        if let Some(taken) = at_once() {
            return Ok(taken);
        }
        let take = async {
            let own = mine().acquire_many_owned(own).await.ok()?;
            Some((own, held.room.acquire_many(all).await.ok()?))
        };
        timeout(wait, take).await.ok().flatten().ok_or(Failure::TooManyBodies)
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        let mut shares = self.held.shares();
        // This one and that in the map. Whoever wants another one waits for the map.
        if Arc::strong_count(&self.room) <= 2 {
            shares.remove(&self.network);
        }
    }
}

/// A body, and the room that it takes until this is dropped.
pub(crate) struct HeldBody<'h> {
    pub(crate) body: Bytes,
    _room: Room<'h>,
}

impl<'h> Room<'h> {
    /// Reads a body of at most so many bytes to its end, and takes room for what has arrived: what is only announced
    /// takes none. Trailers are not kept: nobody signed them.
    pub(crate) async fn read(
        mut self,
        body: Incoming,
        most: u32,
        wire: &Wire,
    ) -> Result<HeldBody<'h>, Failure> {
        if body.size_hint().lower() > u64::from(most) {
            return Err(Failure::BodyTooLarge);
        }
        let end = from_now(self.limits.held.to_std());
        let patience = Patience::new(self.limits.idle.to_std()).until(end);
        let mut patience = patience.with_timer(wire.take_timer());
        let whole = self.collect(body, most, &mut patience).await;
        wire.leave_timer(patience.take_timer());
        Ok(HeldBody { body: whole?, _room: self })
    }

    async fn collect(
        &mut self,
        mut body: Incoming,
        most: u32,
        patience: &mut Patience,
    ) -> Result<Bytes, Failure> {
        let (mut first, mut rest) = (Bytes::new(), BytesMut::new());
        while let Some(frame) = next(&mut body, patience).await? {
            let Ok(data) = frame.into_data() else { continue };
            let length = first.len() + rest.len() + data.len();
            if length > most as usize {
                return Err(Failure::BodyTooLarge);
            }
            self.grow(length).await?;
            // Most bodies come in one piece, which needs no copy.
            if first.is_empty() { first = data } else { rest.extend_from_slice(&data) }
        }
        Ok(if rest.is_empty() { first } else { [first, rest.freeze()].concat().into() })
    }

    /// Takes room for so many bytes in all. What is longer than all the room there is takes all of it.
    async fn grow(&mut self, bytes: usize) -> Result<(), Failure> {
        let held = self.share.held;
        let wanted = u32::try_from(bytes.div_ceil(PIECE)).unwrap_or(u32::MAX);
        let own =
            more(wanted.min(held.share), self.own.as_ref().map_or(0, OwnedSemaphorePermit::num_permits));
        let all = more(wanted.min(held.pieces), self.all.as_ref().map_or(0, SemaphorePermit::num_permits));
        if own == 0 && all == 0 {
            return Ok(());
        }
        let (own, all) = self.share.take(own, all, self.limits.connect.to_std()).await?;
        match &mut self.own {
            Some(room) => room.merge(own),
            None => self.own = Some(own),
        }
        match &mut self.all {
            Some(room) => room.merge(all),
            None => self.all = Some(all),
        }
        Ok(())
    }
}

/// How many pieces are missing.
fn more(wanted: u32, taken: usize) -> u32 {
    wanted.saturating_sub(u32::try_from(taken).unwrap_or(u32::MAX))
}

/// What comes next of a body, unless that takes too long.
async fn next(
    body: &mut Incoming,
    patience: &mut Patience,
) -> Result<Option<http_body::Frame<Bytes>>, Failure> {
    let frame = poll_fn(|cx| match Pin::new(&mut *body).poll_frame(cx) {
        Poll::Ready(frame) => Poll::Ready(Ok(frame)),
        Poll::Pending => {
            ready!(patience.poll(cx));
            Poll::Ready(Err(Failure::BodyTimeout))
        }
    })
    .await?;
    patience.rest();
    frame.transpose().map_err(|_| Failure::BodyBroken)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIB: usize = 1024;

    fn limits() -> GatewayLimits {
        GatewayLimits { held_bytes: 64 << 10, ..GatewayLimits::default() }
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn one_address_leaves_room_for_the_others() {
        let (limits, one, other) = (limits(), address("192.0.2.1"), address("192.0.2.2"));
        let held = Held::new(&limits);
        let mut rooms = [one, one, other].map(|client| held.room(client, &limits));
        let [first, second, others] = &mut rooms;
        assert_eq!(first.grow(8 * KIB).await, Ok(()));
        assert_eq!(first.grow(8 * KIB).await, Ok(()), "it has that already");
        assert_eq!(second.grow(1).await, Err(Failure::TooManyBodies));
        assert_eq!(others.grow(1).await, Ok(()));
        let [first, mut second, others] = rooms;
        drop(first);
        assert_eq!(second.grow(1).await, Ok(()));
        drop((second, others));
        assert!(held.shares().is_empty());
        assert_eq!(held.room.available_permits(), 64);
    }

    #[tokio::test(start_paused = true)]
    async fn the_room_of_all_is_bounded() {
        let limits = limits();
        let held = Held::new(&limits);
        let mut rooms: Vec<_> =
            (0..9).map(|end| held.room(IpAddr::from([192, 0, 2, end]), &limits)).collect();
        let mut outcomes = Vec::new();
        for room in &mut rooms {
            outcomes.push(room.grow(8 * KIB).await.is_ok());
        }
        assert_eq!(outcomes, [[true; 8].as_slice(), &[false]].concat());
    }
}
