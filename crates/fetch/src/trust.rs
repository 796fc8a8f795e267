use std::path::PathBuf;
use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use tokio_rustls::TlsConnector;

/// Who vouches for the other side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// The certificate authorities of this system, or those of `SSL_CERT_FILE`.
    System,
    /// Those in a file, in PEM, and no others.
    File(PathBuf),
}

/// Why nobody can vouch.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// There are no authorities.
    #[error("there are no certificate authorities")]
    Nobody,
    /// The file cannot be read.
    #[error("{}: {why}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// TLS cannot be set up.
    #[error(transparent)]
    Tls(#[from] rustls::Error),
}

impl Trust {
    pub(crate) fn connector(&self) -> Result<TlsConnector, TrustError> {
        let found = match self {
            Self::System => rustls_native_certs::load_native_certs().certs,
            Self::File(path) => {
                let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
                read.map_err(|error| TrustError::Unreadable { path: path.clone(), why: error.to_string() })?
            }
        };
        let mut roots = RootCertStore::empty();
        let (added, _) = roots.add_parsable_certificates(found);
        if added == 0 {
            return Err(TrustError::Nobody);
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(TlsConnector::from(Arc::new(config)))
    }
}
