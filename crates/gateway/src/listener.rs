use std::sync::Arc;

use ipnet::IpNet;
use rustls::ServerConfig;
use tokio::net::TcpListener;

/// An open socket on which callers are awaited.
#[derive(Debug)]
pub struct Listener {
    /// The socket.
    pub socket: TcpListener,
    /// TLS for every connection, if any. For HTTP/2 its ALPN protocols must offer `h2` besides `http/1.1`.
    pub tls: Option<Arc<ServerConfig>>,
    /// Proxies that bring what others sent: the share of one address is not theirs.
    pub carriers: Vec<IpNet>,
    /// Whether a PROXY protocol header, version 2, is expected of them. Others cannot send one.
    pub proxy_protocol: bool,
}

impl Listener {
    /// A socket in the clear, without proxies before it.
    #[must_use]
    pub const fn plain(socket: TcpListener) -> Self {
        Self { socket, tls: None, carriers: Vec::new(), proxy_protocol: false }
    }
}
