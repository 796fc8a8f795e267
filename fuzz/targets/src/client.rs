use std::net::{IpAddr, Ipv4Addr};

use claviger_policy::TrustedProxies;
use http::HeaderMap;
use http::header::{FORWARDED, HeaderName, HeaderValue};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const PROXY: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
const STRANGER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

/// What a proxy says of the client's address: reads the first line of the input as the name of the header, `f` for
/// `Forwarded`, and the others as its lines.
///
/// # Panics
/// If somebody who is not trusted speaks for an address, or a mapped address is told from the one that it maps.
pub fn client(data: &[u8]) {
    let mut lines = data.split(|byte| *byte == b'\n');
    let name = if lines.next() == Some(b"f") { FORWARDED } else { FORWARDED_FOR };
    let mut headers = HeaderMap::new();
    for line in lines {
        let Ok(value) = HeaderValue::from_bytes(line) else { return };
        headers.append(name.clone(), value);
    }
    let Ok(network) = "10.0.0.0/8".parse() else { return };
    let trusted = TrustedProxies::new(vec![network]);
    assert_eq!(trusted.client(STRANGER, &headers), Ok(STRANGER), "a stranger speaks for somebody");
    assert_eq!(TrustedProxies::default().client(PROXY, &headers), Ok(PROXY), "nobody is trusted by default");
    if let Ok(client) = trusted.client(PROXY, &headers) {
        assert_eq!(client, client.to_canonical(), "an IPv4 address is written as IPv6");
    }
}
