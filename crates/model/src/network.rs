use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// `64:ff9b::/96`.
const TRANSLATED: u128 = 0x0064_ff9b << 64;

/// What whoever has this address has all of: of IPv6, a network with 2^64 addresses at least (RFC 6177). An IPv4 address in
/// the form of IPv6 is that IPv4 address, and so is one behind a translator with the well-known prefix (RFC 6052).
#[must_use]
pub fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) if address.to_bits() >> 32 == TRANSLATED => {
            let [.., high, low] = address.segments();
            Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)).into()
        }
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_of_ipv6_is_one() {
        let network = |text: &str| network_of(text.parse().unwrap()).to_string();
        assert_eq!(network("2001:db8:1:2:3::4"), "2001:db8:1:2::");
        assert_eq!(network("::ffff:192.0.2.1"), "192.0.2.1");
        assert_eq!(network("192.0.2.1"), "192.0.2.1");
        assert_eq!(network("64:ff9b::c000:201"), "192.0.2.1");
        assert_eq!(network("64:ff9b:1::c000:201"), "64:ff9b:1::");
    }
}
