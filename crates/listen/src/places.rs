//! Places for connections: so many in all, and a share of them for one address.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use claviger_model::network_of;
use ipnet::IpNet;
use metrics::Counter;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How long accepting pauses when the system has no more sockets to give.
const PAUSE: Duration = Duration::from_millis(50);
/// Who connects has shown nothing yet: one address gets this part of the places and leaves the rest.
const SHARES: u32 = 4;

/// The places of a listener, or of several that share them.
#[derive(Debug)]
pub struct Places {
    all: Arc<Semaphore>,
    share: u32,
    /// How many each network has, where it has any.
    taken: Mutex<HashMap<IpAddr, u32>>,
    refused: Counter,
}

/// A connection's place among all. It is free again when this is dropped.
#[derive(Debug)]
pub struct Place {
    places: Arc<Places>,
    /// Whose share it is of.
    network: Option<IpAddr>,
    _one: Option<OwnedSemaphorePermit>,
}

impl Places {
    /// So many, for what has this name in metrics.
    #[must_use]
    pub fn new(listener: &'static str, connections: u32) -> Arc<Self> {
        metrics::describe_counter!(
            "claviger_connections_refused_total",
            "Connections that were closed at once: their address had its share."
        );
        let all = usize::try_from(connections).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS);
        Arc::new(Self {
            all: Arc::new(Semaphore::new(all)),
            share: (connections / SHARES).max(1),
            taken: Mutex::default(),
            refused: metrics::counter!("claviger_connections_refused_total", "listener" => listener),
        })
    }

    /// The next connection that has a place, where it came from, and its place.
    ///
    /// Without a free place none is accepted: callers wait in the system's queue. One whose address has its share
    /// already is closed. Carriers bring what others sent, and are not counted.
    pub async fn accept(
        self: &Arc<Self>,
        socket: &TcpListener,
        carriers: &[IpNet],
    ) -> (TcpStream, SocketAddr, Place) {
        loop {
            let one = Arc::clone(&self.all).acquire_owned().await.ok();
            let (tcp, peer) = accept(socket).await;
            let mut place = Place { places: Arc::clone(self), network: None, _one: one };
            let address = peer.ip().to_canonical();
            if carriers.iter().any(|network| network.contains(&address)) || place.belongs_to(address) {
                return (tcp, peer, place);
            }
        }
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<IpAddr, u32>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, network: IpAddr) -> bool {
        let mut taken = self.taken();
        let number = taken.entry(network).or_default();
        let free = *number < self.share;
        *number += u32::from(free);
        free
    }

    fn leave(&self, network: IpAddr) {
        let mut taken = self.taken();
        if let Some(number) = taken.get_mut(&network) {
            *number -= 1;
            if *number == 0 {
                taken.remove(&network);
            }
        }
    }
}

async fn accept(socket: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match socket.accept().await {
            Ok(accepted) => return accepted,
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

impl Place {
    /// Counts it to the share of this address, as soon as it is known whose it is. False if that has its share already.
    #[must_use]
    pub fn belongs_to(&mut self, client: IpAddr) -> bool {
        let network = network_of(client);
        if self.places.take(network) {
            self.network = Some(network);
            return true;
        }
        self.places.refused.increment(1);
        tracing::debug!(%client, "a connection is closed: its address has its share");
        false
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(network) = self.network {
            self.places.leave(network);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_leaves_places_for_the_others() {
        let places = Places::new("test", 8);
        let of = |address: &str| {
            let mut place = Place { places: Arc::clone(&places), network: None, _one: None };
            place.belongs_to(address.parse().unwrap()).then_some(place)
        };
        let held = [of("192.0.2.1"), of("::ffff:192.0.2.1")];
        assert!(held.iter().all(Option::is_some));
        assert!(of("192.0.2.1").is_none());
        assert!(of("192.0.2.2").is_some());
        let network = [of("2001:db8::1"), of("2001:db8::2"), of("2001:db8::3")];
        assert_eq!(network.each_ref().map(Option::is_some), [true, true, false]);
        drop(held);
        assert!(of("192.0.2.1").is_some());
        drop(network);
        assert!(places.taken().is_empty());
    }
}
