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
    /// Senders of whom a PROXY protocol header, version 2, is expected. Others cannot send one.
    pub proxies: Vec<IpNet>,
}

impl Listener {
    /// A socket in the clear, without senders of PROXY headers.
    #[must_use]
    pub const fn plain(socket: TcpListener) -> Self {
        Self { socket, tls: None, proxies: Vec::new() }
    }

    /// A socket with TLS.
    #[must_use]
    pub const fn tls(socket: TcpListener, tls: Arc<ServerConfig>) -> Self {
        Self { socket, tls: Some(tls), proxies: Vec::new() }
    }
}
