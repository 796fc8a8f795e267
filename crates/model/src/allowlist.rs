use std::net::IpAddr;

use ipnet::IpNet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::notes::number;

/// From where a credential may be used: sorted, without duplicates. Empty means from anywhere.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
pub struct Allowlist(#[schemars(with = "Vec<String>")] Vec<IpNet>);

/// Why a list of addresses is not one that the API's policy takes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AllowlistError {
    /// An entry is neither an address nor a range.
    #[error("`{0}` is neither an IP address nor a CIDR range such as 203.0.113.7 or 2001:db8::/32")]
    NotAnAddress(String),
    /// An entry is a range where only single addresses are taken.
    #[error("`{0}` is a range, and this API takes single addresses only")]
    RangeNotTaken(IpNet),
    /// Bits are set beyond the prefix, so that the writer meant something else.
    #[error("`{given}` has bits set beyond its prefix; the range that contains it is `{meant}`")]
    HostBitsSet {
        /// As written.
        given: IpNet,
        /// The network it lies in.
        meant: IpNet,
    },
    /// Too few or too many entries.
    #[error("this API takes {} for a key, and {given} were given", number(*.min, *.max, "address", "addresses"))]
    WrongNumber {
        /// How many were given.
        given: usize,
        /// The fewest taken.
        min: u16,
        /// The most taken.
        max: u16,
    },
}

/// What kind of entries an API takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AllowlistKind {
    /// Single addresses only.
    Address,
    /// Addresses and CIDR ranges.
    #[default]
    Network,
}

/// How many entries of what kind an API takes for a credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AllowlistRule {
    /// The fewest entries; 0 makes the list optional.
    pub min: u16,
    /// The most entries.
    pub max: u16,
    /// What an entry may be.
    pub kind: AllowlistKind,
}

impl Default for AllowlistRule {
    fn default() -> Self {
        Self { min: 0, max: 100, kind: AllowlistKind::Network }
    }
}

/// IPv4-mapped IPv6 is IPv4 (RFC 4291 section 2.5.5.2).
fn unmapped(network: IpNet) -> IpNet {
    match (network.addr().to_canonical(), network.prefix_len()) {
        (IpAddr::V4(address), length @ 96..) if matches!(network, IpNet::V6(_)) => {
            ipnet::Ipv4Net::new(address, length - 96).map_or(network, IpNet::V4)
        }
        _ => network,
    }
}

impl Allowlist {
    /// Reads entries as written by a person and holds them against the rule.
    pub fn parse<'a>(
        entries: impl IntoIterator<Item = &'a str>,
        rule: &AllowlistRule,
    ) -> Result<Self, AllowlistError> {
        let networks =
            entries.into_iter().map(|entry| read(entry, rule.kind)).collect::<Result<Vec<_>, _>>()?;
        let list = Self::new(networks);
        if (usize::from(rule.min)..=usize::from(rule.max)).contains(&list.0.len()) {
            return Ok(list);
        }
        Err(AllowlistError::WrongNumber { given: list.0.len(), min: rule.min, max: rule.max })
    }

    /// The list of these networks.
    #[must_use]
    pub fn new(networks: Vec<IpNet>) -> Self {
        let mut networks: Vec<_> = networks.into_iter().map(unmapped).collect();
        networks.sort_unstable();
        networks.dedup();
        Self(networks)
    }

    /// Whether a request from `address` may use the credential.
    #[must_use]
    pub fn allows(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.is_empty() || self.0.iter().any(|network| network.contains(&address))
    }

    /// The entries.
    #[must_use]
    pub fn entries(&self) -> &[IpNet] {
        &self.0
    }
}

impl std::fmt::Display for Allowlist {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, network) in self.0.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { ", " })?;
            if network.prefix_len() == network.max_prefix_len() {
                write!(f, "{}", network.addr())?;
            } else {
                write!(f, "{network}")?;
            }
        }
        Ok(())
    }
}

fn read(entry: &str, kind: AllowlistKind) -> Result<IpNet, AllowlistError> {
    let entry = entry.trim();
    if let Ok(address) = entry.parse::<IpAddr>() {
        return Ok(IpNet::from(address.to_canonical()));
    }
    let network: IpNet =
        entry.parse().map_err(|_| AllowlistError::NotAnAddress(entry.chars().take(64).collect()))?;
    if network != network.trunc() {
        return Err(AllowlistError::HostBitsSet { given: network, meant: network.trunc() });
    }
    if kind == AllowlistKind::Address && network.prefix_len() != network.max_prefix_len() {
        return Err(AllowlistError::RangeNotTaken(network));
    }
    Ok(unmapped(network))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(entries: &[&str]) -> Result<Allowlist, AllowlistError> {
        Allowlist::parse(entries.iter().copied(), &AllowlistRule::default())
    }

    #[test]
    fn an_empty_list_allows_everyone_and_a_full_one_its_own() {
        assert!(list(&[]).unwrap().allows("203.0.113.9".parse().unwrap()));
        let some = list(&["10.0.0.0/8", "2001:db8::/32"]).unwrap();
        assert!(some.allows("10.255.0.1".parse().unwrap()));
        assert!(some.allows("2001:db8::9".parse().unwrap()));
        assert!(!some.allows("11.0.0.1".parse().unwrap()));
        assert!(!some.allows("2001:db9::9".parse().unwrap()));
    }

    #[test]
    fn mapped_addresses_are_ipv4_in_the_list_and_in_the_request() {
        let some = list(&["::ffff:192.0.2.1"]).unwrap();
        assert_eq!(some.to_string(), "192.0.2.1");
        assert!(some.allows("::ffff:192.0.2.1".parse().unwrap()));
        assert_eq!(list(&["::ffff:192.0.2.0/120"]).unwrap().to_string(), "192.0.2.0/24");
    }

    #[test]
    fn each_mistake_is_named() {
        assert!(matches!(list(&["10.0.0.1/8"]), Err(AllowlistError::HostBitsSet { .. })));
        assert!(matches!(list(&["example.com"]), Err(AllowlistError::NotAnAddress(_))));
        let one = AllowlistRule { min: 1, max: 1, kind: AllowlistKind::Address };
        let parse = |entries: &[&str]| Allowlist::parse(entries.iter().copied(), &one);
        assert!(matches!(parse(&[]), Err(AllowlistError::WrongNumber { given: 0, .. })));
        assert!(matches!(parse(&["1.1.1.1", "1.1.1.2"]), Err(AllowlistError::WrongNumber { given: 2, .. })));
        assert!(matches!(parse(&["1.1.1.0/24"]), Err(AllowlistError::RangeNotTaken(_))));
        assert!(parse(&["1.1.1.1/32"]).is_ok());
    }
}
