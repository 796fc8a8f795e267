//! A server behind TLS, which is trusted by the authorities of the system or of `SSL_CERT_FILE`.

use std::net::SocketAddr;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls_pki_types::PrivateKeyDer;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;

use super::{Away, ended};
use crate::bed::{CliOutput, Engine};
use crate::management::PASSWORD;

/// Passes on what comes over TLS. Dropping the runtime ends it.
struct Terminator {
    port: u16,
    /// The certificate, in PEM.
    certificate: String,
    _runtime: Runtime,
}

impl Terminator {
    fn before(address: SocketAddr) -> Self {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .expect("they fit");
        let runtime = Runtime::new().expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a free port");
        let port = listener.local_addr().expect("it is bound").port();
        runtime.spawn(pass_on(listener, TlsAcceptor::from(Arc::new(config)), address));
        Self { port, certificate: made.cert.pem(), _runtime: runtime }
    }
}

async fn pass_on(listener: TcpListener, acceptor: TlsAcceptor, address: SocketAddr) {
    while let Ok((tcp, _)) = listener.accept().await {
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            let Ok(mut outside) = acceptor.accept(tcp).await else { return };
            let Ok(mut inside) = TcpStream::connect(address).await else { return };
            let _ = copy_bidirectional(&mut outside, &mut inside).await;
        });
    }
}

#[test]
fn a_certificate_is_trusted_only_if_its_authority_is() {
    let away = Away::from(Engine::Sqlite);
    let address = away.server().trim_start_matches("http://").parse().expect("an address");
    let terminator = Terminator::before(address);
    let server = format!("https://localhost:{}", terminator.port);
    let certificate = away.bed.file("authority.pem", &terminator.certificate);
    let password = away.bed.file("password", PASSWORD);
    let login = ["login", "--server", &server, "--username", "ada", "--password-stdin"];
    let run = |args: &[&str], authorities: Option<&str>| {
        let mut command = away.command(args);
        command.stdin(std::fs::File::open(&password).expect("the password can be read"));
        command.env_remove("SSL_CERT_FILE").env_remove("SSL_CERT_DIR");
        CliOutput::of(command.envs(authorities.map(|file| ("SSL_CERT_FILE", file))))
    };
    ended(&run(&login, None), 6, "cannot be reached");
    let entered = run(&login, Some(&certificate));
    assert_eq!(entered.status, 0, "{entered:#?}");
    let listed = run(&["--server", &server, "account", "list", "--json"], Some(&certificate));
    assert!(listed.stdout.contains("300200"), "{listed:#?}");
    // Another name for the same place: the certificate is not for it.
    let other = server.replace("localhost", "127.0.0.1");
    let login = ["login", "--server", &other, "--username", "ada", "--password-stdin"];
    ended(&run(&login, Some(&certificate)), 6, "cannot be reached");
}
