use std::net::IpAddr;

use claviger_door::{Door, RequestIds};
use claviger_model::RequestId;

use crate::Service;

/// The doors of one listener.
pub struct Doors {
    /// Forward-auth. Its trusted proxies are those that may ask.
    pub forward_auth: Door,
    /// Envoy's `ext_authz` over gRPC. Its trusted proxies are those that may ask.
    pub ext_authz: Door,
    /// Verify. It trusts no proxy: a service says itself where a request came from.
    pub verify: Door,
    /// Makes the ids of requests.
    pub ids: RequestIds,
    /// Who may verify.
    pub services: Vec<Service>,
}

impl Doors {
    pub(crate) fn request_id(&self) -> RequestId {
        self.ids.next(self.verify.clock.now())
    }
}

/// Whether this peer may ask at a door for proxies.
pub(crate) fn answers_to(door: &Door, peer: IpAddr) -> bool {
    door.trusted.trusts(peer)
}

/// What a peer hears who may not ask.
pub(crate) const NOT_TRUSTED: &str = "the sender is not one of the configured proxies";
