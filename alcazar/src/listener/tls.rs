//! TLS: with the operator's own certificate, or with one of an authority that is made for this installation.

use std::path::Path;
use std::sync::Arc;

use alcazar_core::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;

use crate::configuration::{Folders, Transport};
use crate::private;

/// How long the authority, and a certificate it issues at a start, are good for. Clients refuse server certificates of more
/// than 825 days even of private authorities; 397 is what public ones are held to.
const AUTHORITY_YEARS: i64 = 10;
const LEAF_DAYS: i64 = 397;
const DAY: i64 = 86_400;

/// What accepts TLS connections, if the transport wants any.
///
/// # Errors
/// When a file cannot be read or does not fit the other, in words for the operator.
pub fn acceptor(
    transport: &Transport,
    folders: &Folders,
    addresses: &[std::net::IpAddr],
    now: Timestamp,
) -> Result<Option<TlsAcceptor>, String> {
    let (chain, key) = match transport {
        Transport::Loopback | Transport::Plaintext => return Ok(None),
        Transport::OwnCertificate { certificate, key } => own(certificate, key)?,
        Transport::SelfIssued { names } => issued(folders, names, addresses, now)?,
    };
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder =
        ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(told)?;
    let mut config = builder.with_no_client_auth().with_single_cert(chain, key).map_err(told)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Some(TlsAcceptor::from(Arc::new(config))))
}

type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn own(certificate: &Path, key: &Path) -> Result<Identity, String> {
    let certificates =
        CertificateDer::pem_file_iter(certificate).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let chain = certificates.map_err(|error| format!("tls-cert {}: {error}", certificate.display()))?;
    if chain.is_empty() {
        return Err(format!("tls-cert {}: holds no certificate", certificate.display()));
    }
    let key =
        PrivateKeyDer::from_pem_file(key).map_err(|error| format!("tls-key {}: {error}", key.display()))?;
    Ok((chain, key))
}

/// A fresh key and certificate for this start, by the authority in the private folder.
fn issued(
    folders: &Folders,
    names: &[String],
    addresses: &[std::net::IpAddr],
    now: Timestamp,
) -> Result<Identity, String> {
    let authority = authority(folders, now)?;
    let mut wanted = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    let named = addresses.iter().filter(|address| !address.is_unspecified());
    wanted.extend(named.map(ToString::to_string));
    wanted.extend(names.iter().cloned());
    wanted.sort();
    wanted.dedup();
    let mut params = CertificateParams::new(wanted).map_err(|error| format!("tls-names: {error}"))?;
    params.distinguished_name.push(DnType::CommonName, "Alcazar");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.use_authority_key_identifier_extension = true;
    valid(&mut params, now, LEAF_DAYS)?;
    let key = KeyPair::generate().map_err(told)?;
    let leaf = params.signed_by(&key, &authority).map_err(told)?;
    Ok((vec![leaf.der().clone()], PrivatePkcs8KeyDer::from(key.serialize_der()).into()))
}

/// The authority of this installation, made when there is none. Its certificate is what clients trust; its key never leaves the
/// private folder.
fn authority(folders: &Folders, now: Timestamp) -> Result<Issuer<'static, KeyPair>, String> {
    let key_path = folders.private.join("ca.key");
    let named = |error: &dyn std::fmt::Display| format!("{}: {error}", key_path.display());
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "Alcazar installation authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    valid(&mut params, now, AUTHORITY_YEARS * 365)?;
    // A certificate is known by its authority's name and key, so the authority's own need not be read again.
    let key = match private::read(&key_path).map_err(|error| named(&error))? {
        Some(pem) => KeyPair::from_pem(&pem).map_err(|error| named(&error))?,
        None => {
            let key = KeyPair::generate().map_err(told)?;
            let certificate = params.self_signed(&key).map_err(told)?;
            // The certificate first: a key without one would issue what nobody can trust.
            private::write(&folders.authority(), certificate.pem().as_bytes())
                .map_err(|error| named(&error))?;
            let pem = zeroize::Zeroizing::new(key.serialize_pem());
            private::write(&key_path, pem.as_bytes()).map_err(|error| named(&error))?;
            key
        }
    };
    Ok(Issuer::new(params, key))
}

/// From yesterday, for clocks that are behind.
fn valid(params: &mut CertificateParams, now: Timestamp, days: i64) -> Result<(), String> {
    let date = |seconds: i64| {
        let text = Timestamp::from_seconds(seconds).basic();
        let part = |range: std::ops::Range<usize>| text.get(range).unwrap_or_default().parse::<u16>();
        let (year, month, day) = (part(0..4), part(4..6), part(6..8));
        match (year, month, day) {
            (Ok(year), Ok(month), Ok(day)) => {
                Ok(rcgen::date_time_ymd(i32::from(year), month as u8, day as u8))
            }
            _ => Err("the clock tells no date that a certificate can carry".to_owned()),
        }
    };
    params.not_before = date(now.seconds() - DAY)?;
    params.not_after = date(now.seconds() + days * DAY)?;
    Ok(())
}

fn told(error: impl std::fmt::Display) -> String {
    format!("TLS: {error}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_authority_is_made_once_and_each_start_has_a_certificate_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let folders = Folders { data: folder.path().into(), private: folder.path().into() };
        let now = Timestamp::from_seconds(1_790_000_000);
        let start =
            || issued(&folders, &["kms.example".to_owned()], &["10.0.0.1".parse().unwrap()], now).unwrap();
        let first = start();
        let authority = std::fs::read(folders.authority()).unwrap();
        let second = start();
        assert_eq!(std::fs::read(folders.authority()).unwrap(), authority);
        assert_ne!(first.0, second.0);
    }
}
