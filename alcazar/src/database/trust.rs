use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use alcazar_ports::DatabaseError;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

/// Where Debian and most others keep the authorities that the system trusts.
const SYSTEM: [&str; 2] = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"];

/// Who may say that a database is the one it says it is.
pub(super) struct Trust {
    authorities: Option<PathBuf>,
}

impl Trust {
    pub(super) fn new(authorities: Option<PathBuf>) -> Self {
        Self { authorities }
    }

    /// The authorities in PEM, read when they are needed: they may have changed.
    pub(super) fn pem(&self) -> Result<Vec<u8>, DatabaseError> {
        let files: Vec<PathBuf> = match &self.authorities {
            Some(file) => vec![file.clone()],
            None => SYSTEM.map(PathBuf::from).into(),
        };
        let found = files.iter().find_map(|file| fs::read(file).ok());
        found.ok_or_else(|| {
            DatabaseError::Unreachable("there are no authorities by which to know a database".to_owned())
        })
    }

    /// For connections whose other end must prove itself.
    pub(super) fn proven(&self) -> Result<ClientConfig, DatabaseError> {
        let mut roots = RootCertStore::empty();
        let pem = self.pem()?;
        let certificates: Vec<CertificateDer<'static>> =
            CertificateDer::pem_slice_iter(&pem).filter_map(Result::ok).collect();
        roots.add_parsable_certificates(certificates);
        Ok(builder()?.with_root_certificates(roots).with_no_client_auth())
    }

    /// For connections that are encrypted with whoever is at the other end: still better than none.
    pub(super) fn anybody() -> Result<ClientConfig, DatabaseError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let verifier = Arc::new(Anybody(provider));
        Ok(builder()?.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth())
    }
}

fn builder() -> Result<rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>, DatabaseError> {
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    builder
        .with_safe_default_protocol_versions()
        .map_err(|error| DatabaseError::Unreachable(error.to_string()))
}

/// Takes every certificate, and holds the other end to the key in it.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
