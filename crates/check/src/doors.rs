use std::net::IpAddr;

use claviger_door::{Door, RequestIds};
use claviger_model::RequestId;
use claviger_policy::TrustedProxies;

/// The doors of one listener.
pub struct Doors {
    /// The proxies that may ask at forward-auth and `ext_authz`.
    pub askers: TrustedProxies,
    /// Forward-auth. Its trusted proxies are those that may ask: they forward the client's address.
    pub forward_auth: Door,
    /// Envoy's `ext_authz` over gRPC. Envoy tells the address of who called it; the trusted proxies are those that may
    /// stand before Envoy.
    pub ext_authz: Door,
    /// Verify. It trusts no proxy: a service says itself where a request came from.
    pub verify: Door,
    /// Makes the ids of requests.
    pub ids: RequestIds,
}

impl Doors {
    pub(crate) fn request_id(&self) -> RequestId {
        self.ids.next(self.verify.clock.now())
    }

    /// Whether this peer may ask at a door for proxies.
    pub(crate) fn answer_to(&self, peer: IpAddr) -> bool {
        self.askers.trusts(peer)
    }
}

/// What a peer hears who may not ask.
pub(crate) const NOT_TRUSTED: &str = "the sender is not one of the configured proxies";
