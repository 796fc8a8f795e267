use std::io;
use std::net::IpAddr;

use ppp::v2::{Addresses, Command, Header};
use tokio::io::{AsyncRead, AsyncReadExt};

/// Signature, version, family and length.
const FIXED: usize = 16;
/// The longest addresses and additions that are read.
const MOST: u16 = 4096;

/// Reads a PROXY protocol header of version 2 and not a byte more. Returns the address that it names; none if the
/// sender speaks for itself or names no IP address.
pub(crate) async fn read<S: AsyncRead + Unpin>(io: &mut S) -> io::Result<Option<IpAddr>> {
    let mut bytes = vec![0; FIXED];
    io.read_exact(&mut bytes).await?;
    let (signature, length) = bytes.split_at(FIXED - 2);
    let length = length.iter().fold(0u16, |length, byte| (length << 8) | u16::from(*byte));
    if !signature.starts_with(ppp::v2::PROTOCOL_PREFIX) || length > MOST {
        return Err(io::ErrorKind::InvalidData.into());
    }
    bytes.resize(FIXED + usize::from(length), 0);
    io.read_exact(bytes.get_mut(FIXED..).unwrap_or_default()).await?;
    let header =
        Header::try_from(bytes.as_slice()).map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
    Ok(source(&header))
}

fn source(header: &Header<'_>) -> Option<IpAddr> {
    match (header.command, header.addresses) {
        (Command::Proxy, Addresses::IPv4(pair)) => Some(pair.source_address.into()),
        (Command::Proxy, Addresses::IPv6(pair)) => Some(pair.source_address.into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the specification, section 2.2: signature, version and command, family, length, addresses, ports.
    fn header(command: u8, family: u8, addresses: &[u8]) -> Vec<u8> {
        let mut bytes = b"\r\n\r\n\0\r\nQUIT\n".to_vec();
        bytes.extend([0x20 | command, family, 0, u8::try_from(addresses.len()).unwrap()]);
        bytes.extend(addresses);
        bytes
    }

    const IPV4: [u8; 12] = [192, 0, 2, 7, 127, 0, 0, 1, 0x80, 0, 0, 80];

    #[tokio::test]
    async fn reads_the_source_and_leaves_the_rest() {
        let mut bytes = header(1, 0x11, &IPV4);
        bytes.extend(b"GET");
        let mut reader = bytes.as_slice();
        assert_eq!(read(&mut reader).await.unwrap(), Some([192, 0, 2, 7].into()));
        assert_eq!(reader, b"GET");
    }

    #[tokio::test]
    async fn a_health_check_speaks_for_itself() {
        assert_eq!(read(&mut header(0, 0x00, &[]).as_slice()).await.unwrap(), None);
    }

    #[tokio::test]
    async fn refuses_what_is_no_header() {
        let long = [&b"\r\n\r\n\0\r\nQUIT\n\x21\x11"[..], &[0xff, 0xff]].concat();
        for bytes in [
            &b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"[..],
            b"PROXY TCP4 1.2.3.4 1.2.3.4 1 2\r\n",
            b"\r\n\r\n",
            &long,
        ] {
            assert!(read(&mut &*bytes).await.is_err());
        }
    }
}
