use std::path::Path;
use std::sync::{Arc, OnceLock};

use alcazar_ports::HttpError;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

/// By which authorities servers are believed.
pub(super) struct Trust {
    config: OnceLock<Arc<ClientConfig>>,
}

impl Trust {
    /// The authorities of a file in PEM, read now; or the system's, read when they are first needed.
    pub(super) fn of(file: Option<&Path>) -> Result<Self, String> {
        let config = OnceLock::new();
        if let Some(file) = file {
            let told = |error: &dyn std::fmt::Display| format!("trust {}: {error}", file.display());
            let mut roots = RootCertStore::empty();
            for certificate in CertificateDer::pem_file_iter(file).map_err(|error| told(&error))? {
                let certificate = certificate.map_err(|error| told(&error))?;
                roots.add(certificate).map_err(|error| told(&error))?;
            }
            if roots.is_empty() {
                return Err(told(&"holds no certificate"));
            }
            // There is nothing in it yet.
            let _ = config.set(Arc::new(trusting(roots).map_err(|error| told(&error))?));
        }
        Ok(Self { config })
    }

    pub(super) fn config(&self) -> Result<&Arc<ClientConfig>, HttpError> {
        if let Some(config) = self.config.get() {
            return Ok(config);
        }
        let found = rustls_native_certs::load_native_certs();
        for error in &found.errors {
            tracing::warn!(%error, "authorities of the system cannot be read");
        }
        let mut roots = RootCertStore::empty();
        // Systems carry certificates that are none; the others count.
        let (_, unfit) = roots.add_parsable_certificates(found.certs);
        tracing::debug!(trusted = roots.len(), unfit, "authorities of the system");
        let config = trusting(roots).map_err(|error| HttpError::Tls(error.to_string()))?;
        Ok(self.config.get_or_init(|| Arc::new(config)))
    }
}

fn trusting(roots: RootCertStore) -> Result<ClientConfig, rustls::Error> {
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    let builder = builder.with_safe_default_protocol_versions()?;
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
