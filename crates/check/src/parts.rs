use std::net::IpAddr;

use claviger_door::{Asked, Host};
use claviger_model::RequestId;
use http::{HeaderMap, Method};

/// A request as it came to whoever asks about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Original {
    pub(crate) method: Method,
    /// In lower case, without a port.
    pub(crate) host: String,
    /// In origin form.
    pub(crate) target: String,
}

impl Original {
    /// Reads the three parts; the error is a sentence without its full stop.
    pub(crate) fn read(method: &str, host: &str, target: &str) -> Result<Self, &'static str> {
        Ok(Self {
            method: Method::from_bytes(method.as_bytes()).map_err(|_| "the method is not one")?,
            host: read_host(host)?,
            target: target.to_owned(),
        })
    }

    pub(crate) fn asked<'a>(&'a self, id: RequestId, headers: &'a HeaderMap, peer: IpAddr) -> Asked<'a> {
        Asked { id, method: &self.method, host: &self.host, target: &self.target, headers, peer }
    }
}

fn read_host(text: &str) -> Result<String, &'static str> {
    Host::read(text).map(|host| host.lower().into_owned()).ok_or("the host is not one")
}
