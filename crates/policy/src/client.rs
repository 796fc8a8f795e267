//! The address that a request comes from: the peer's, unless the peer is a trusted proxy.

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;
use ipnet::IpNet;

/// Proxies whose word about the caller's address is taken. Empty by default: nobody is trusted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

/// Why the address cannot be told: a trusted proxy said something that is no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClientAddressError {
    /// An entry that had to be read is no address.
    #[error("a trusted proxy forwarded something that is not an address")]
    NotAnAddress,
    /// Both `Forwarded` and `X-Forwarded-For` are there, and they could differ.
    #[error("a trusted proxy sent both Forwarded and X-Forwarded-For")]
    TwoHeaders,
}

impl TrustedProxies {
    /// Trusts exactly these networks.
    #[must_use]
    pub fn new(networks: Vec<IpNet>) -> Self {
        Self(networks)
    }

    /// Whether `address` is a trusted proxy.
    #[must_use]
    pub fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// The rightmost address that is not a trusted proxy, from the peer backwards through `Forwarded` (RFC 7239) or
    /// `X-Forwarded-For`. If all are trusted, the leftmost.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Result<IpAddr, ClientAddressError> {
        let peer = peer.to_canonical();
        if self.0.is_empty() || !self.trusts(peer) {
            return Ok(peer);
        }
        let forwarded = headers.contains_key("forwarded");
        if forwarded && headers.contains_key("x-forwarded-for") {
            return Err(ClientAddressError::TwoHeaders);
        }
        let (name, read): (_, fn(&str) -> Option<&str>) =
            if forwarded { ("forwarded", for_parameter) } else { ("x-forwarded-for", |entry| Some(entry)) };
        let lines: Vec<_> = headers.get_all(name).iter().collect();
        let mut client = peer;
        for line in lines.into_iter().rev() {
            let line = line.to_str().map_err(|_| ClientAddressError::NotAnAddress)?;
            for entry in line.rsplit(',').map(str::trim).filter(|entry| !entry.is_empty()) {
                client = read(entry).and_then(node).ok_or(ClientAddressError::NotAnAddress)?;
                if !self.trusts(client) {
                    return Ok(client);
                }
            }
        }
        Ok(client)
    }
}

/// The value of `for=` in one element of `Forwarded`.
fn for_parameter(element: &str) -> Option<&str> {
    element.split(';').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim().eq_ignore_ascii_case("for").then(|| value.trim().trim_matches('"'))
    })
}

/// An address, perhaps in brackets, perhaps with a port.
fn node(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address =
        bare.parse::<IpAddr>().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()));
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn client(peer: &str, lines: &[(&'static str, &'static str)]) -> Result<String, ClientAddressError> {
        let proxies =
            TrustedProxies::new(vec!["10.0.0.0/8".parse().unwrap(), "2001:db8:1::/48".parse().unwrap()]);
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        proxies.client(peer.parse().unwrap(), &headers).map(|address| address.to_string())
    }

    #[test]
    fn a_peer_that_is_not_trusted_speaks_for_nobody() {
        let forged = [("x-forwarded-for", "198.51.100.1"), ("forwarded", "for=198.51.100.1")];
        assert_eq!(client("203.0.113.9", &forged).unwrap(), "203.0.113.9");
        assert_eq!(client("::ffff:203.0.113.9", &forged).unwrap(), "203.0.113.9");
    }

    #[test]
    fn the_rightmost_untrusted_entry_counts() {
        let lines = [("x-forwarded-for", "1.1.1.1, 198.51.100.7"), ("x-forwarded-for", "10.2.2.2,10.3.3.3")];
        assert_eq!(client("10.1.1.1", &lines).unwrap(), "198.51.100.7");
        assert_eq!(client("10.1.1.1", &[("x-forwarded-for", "10.9.9.9")]).unwrap(), "10.9.9.9");
        assert_eq!(client("10.1.1.1", &[]).unwrap(), "10.1.1.1");
    }

    #[test]
    fn forwarded_is_read_with_quotes_brackets_and_ports() {
        let line = [("forwarded", "for=1.1.1.1, for=\"[2001:db8::7]:4711\";proto=https, For=10.0.0.9")];
        assert_eq!(client("10.1.1.1", &line).unwrap(), "2001:db8::7");
        assert_eq!(client("10.1.1.1", &[("x-forwarded-for", "198.51.100.7:1234")]).unwrap(), "198.51.100.7");
        assert_eq!(
            client("10.1.1.1", &[("x-forwarded-for", "::ffff:198.51.100.7")]).unwrap(),
            "198.51.100.7"
        );
    }

    #[test]
    fn what_cannot_be_told_is_refused() {
        for line in
            [("x-forwarded-for", "unknown"), ("forwarded", "for=_hidden"), ("forwarded", "proto=http")]
        {
            assert_eq!(client("10.1.1.1", &[line]), Err(ClientAddressError::NotAnAddress));
        }
        let both = [("x-forwarded-for", "1.1.1.1"), ("forwarded", "for=1.1.1.1")];
        assert_eq!(client("10.1.1.1", &both), Err(ClientAddressError::TwoHeaders));
    }
}
