//! By which authorities servers outside are believed: HTTP's, databases', and those of the commands that call a server.

use std::fmt::Display;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use rustls::client::WantsClientCert;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier};

/// The authorities of a file, or the system's. Clones share them.
#[derive(Clone)]
pub(crate) struct Trust(Arc<OnceLock<Vec<CertificateDer<'static>>>>);

impl Trust {
    /// The authorities of a file in PEM, read now; or the system's, read when they are first needed.
    ///
    /// # Errors
    /// When the file cannot be read or holds anything but fit certificates, in words for the operator.
    pub(crate) fn of(file: Option<&Path>) -> Result<Self, String> {
        let authorities = OnceLock::new();
        if let Some(file) = file {
            // There is nothing in it yet.
            let _ = authorities.set(read(file).map_err(|told| format!("trust {}: {told}", file.display()))?);
        }
        Ok(Self(Arc::new(authorities)))
    }

    /// The certificates, each fit to be an authority's; at least one.
    ///
    /// # Errors
    /// When the system has none. It is asked again the next time.
    pub(crate) fn authorities(&self) -> Result<&[CertificateDer<'static>], String> {
        if let Some(known) = self.0.get() {
            return Ok(known);
        }
        let found = rustls_native_certs::load_native_certs();
        for error in &found.errors {
            tracing::warn!(%error, "authorities of the system cannot be read");
        }
        // Systems carry certificates that are none; the others count.
        let (fit, unfit): (Vec<_>, Vec<_>) =
            found.certs.into_iter().partition(|certificate| check(certificate).is_ok());
        tracing::debug!(trusted = fit.len(), unfit = unfit.len(), "authorities of the system");
        if fit.is_empty() {
            return Err("the system has no authorities by which a server could be believed".to_owned());
        }
        Ok(self.0.get_or_init(|| fit))
    }

    /// TLS with a server that must prove itself; whoever connects shows no certificate.
    ///
    /// # Errors
    /// As [`Trust::authorities`].
    pub(crate) fn proven(&self) -> Result<ClientConfig, String> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(self.authorities()?.iter().cloned());
        let builder: ConfigBuilder<ClientConfig, WantsClientCert> = tls()?.with_root_certificates(roots);
        Ok(builder.with_no_client_auth())
    }
}

/// TLS as this program speaks it to others, before it is said whom it believes.
///
/// # Errors
/// When the library does not go with its own cryptography.
pub(crate) fn tls() -> Result<ConfigBuilder<ClientConfig, WantsVerifier>, String> {
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    builder.with_safe_default_protocol_versions().map_err(|error| error.to_string())
}

fn read(file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let told = |error: &dyn Display| error.to_string();
    let mut authorities = Vec::new();
    for certificate in CertificateDer::pem_file_iter(file).map_err(|error| told(&error))? {
        let certificate = certificate.map_err(|error| told(&error))?;
        check(&certificate)?;
        authorities.push(certificate);
    }
    match authorities.is_empty() {
        true => Err("holds no certificate".to_owned()),
        false => Ok(authorities),
    }
}

fn check(certificate: &CertificateDer<'static>) -> Result<(), String> {
    RootCertStore::empty().add(certificate.clone()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn authority(name: &str) -> String {
        let key = rcgen::KeyPair::generate().unwrap();
        rcgen::CertificateParams::new([name.to_owned()]).unwrap().self_signed(&key).unwrap().pem()
    }

    #[test]
    fn a_file_is_read_whole_or_refused_in_words() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("authorities.pem");
        let told = |text: &str| {
            std::fs::write(&file, text).unwrap();
            match Trust::of(Some(&file)) {
                Ok(trust) => Ok(trust.authorities().unwrap().len()),
                Err(told) => Err(told.replace(&file.display().to_string(), "<file>")),
            }
        };
        let (one, two) = (authority("one.example"), authority("two.example"));
        assert_eq!(told(&one), Ok(1));
        assert_eq!(told(&format!("# first\n{one}\n# second\n{two}")), Ok(2));
        assert_eq!(told("nothing"), Err("trust <file>: holds no certificate".to_owned()));
        let unfit = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert!(told(&format!("{one}{unfit}")).unwrap_err().starts_with("trust <file>: "));
        std::fs::remove_file(&file).unwrap();
        assert!(Trust::of(Some(&file)).is_err());
    }

    #[test]
    fn what_was_read_at_the_start_is_believed_though_the_file_goes() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("authorities.pem");
        std::fs::write(&file, authority("one.example")).unwrap();
        let trust = Trust::of(Some(&file)).unwrap();
        std::fs::remove_file(&file).unwrap();
        assert!(trust.clone().proven().is_ok());
    }
}
