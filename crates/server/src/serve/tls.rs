use std::path::Path;
use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore, ServerConfig};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use super::ServeError;
use crate::config::TlsConfig;

fn refused(path: &Path, why: &dyn std::fmt::Display) -> ServeError {
    ServeError::Certificate { path: path.to_owned(), why: why.to_string() }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, ServeError> {
    let read = CertificateDer::pem_file_iter(path).map_err(|error| refused(path, &error))?;
    let certificates: Vec<_> = read.collect::<Result<_, _>>().map_err(|error| refused(path, &error))?;
    if certificates.is_empty() {
        Err(refused(path, &"there is no certificate in it"))
    } else {
        Ok(certificates)
    }
}

/// How callers are met.
pub(super) fn server(config: &TlsConfig) -> Result<Arc<ServerConfig>, ServeError> {
    let key = PrivateKeyDer::from_pem_file(&config.key).map_err(|error| refused(&config.key, &error))?;
    let chain = certificates(&config.certificate)?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut server = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| refused(&config.certificate, &error))?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|error| refused(&config.certificate, &error))?;
    server.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(server))
}

/// How upstreams are trusted: by the given authorities and no others.
pub(super) fn client(roots: Option<&Path>) -> Result<Arc<ClientConfig>, ServeError> {
    let mut store = RootCertStore::empty();
    if let Some(path) = roots {
        for certificate in certificates(path)? {
            store.add(certificate).map_err(|error| refused(path, &error))?;
        }
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(store)
        .with_no_client_auth();
    Ok(Arc::new(config))
}
