//! The installation's key: where it comes from, and whether it is the right one.
//!
//! The root key comes from outside of the data folder. It seals one thing: the master key, random bytes under which everything else is
//! sealed, so that the root can be changed without touching any secret. The store keeps how the root is made (a passphrase's salt
//! and cost) and the sealed master; a wrong root does not open it, which is told at once and not by the first call that fails.

use alcazar_core::SecretText;
use alcazar_directory::Sealed;
use alcazar_ports::{Entropy, array};
use alcazar_store::seal::Sealer;
use alcazar_store::{Record, ScopeKind, Table};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::configuration::{SealSource, Secrets};
use crate::{private, terminal};

/// What the store keeps about its seal: one row.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SealRow {
    /// How the key is made.
    pub(crate) kind: SealKind,
    /// The master key, sealed under the root.
    pub(crate) master: Sealed,
}

/// How the key is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum SealKind {
    /// It is given, by a file or a variable.
    Key,
    /// Argon2id of a passphrase (RFC 9106).
    Passphrase { salt: [u8; 16], memory_kib: u32, passes: u32 },
}

impl Record for SealRow {}

pub(crate) static SEAL: Table<str, SealRow> = Table::new("alcazar/seal", ScopeKind::Installation);

/// The key of the one row.
pub(crate) const ROW: &str = "seal";

const MASTER: &[u8] = b"alcazar/master-key";
const FILE_BEGINS: &str = "alcazar-seal-1 ";

/// RFC 9106, section 4, second recommended option, but for one lane: nothing here computes lanes in parallel.
const MEMORY_KIB: u32 = 64 << 10;
const PASSES: u32 = 3;

/// A seal for a new store, with the row to keep.
pub(crate) fn create(
    source: &SealSource,
    secrets: &Secrets,
    entropy: &dyn Entropy,
) -> Result<(Sealer, SealRow), String> {
    let (kind, key) = root(source, secrets, entropy)?;
    let master = Zeroizing::new(array::<32>(entropy));
    let row = sealed(kind, &key, &master, entropy)?;
    Ok((Sealer::new(&master), row))
}

/// The row of a store whose master key is sealed anew, under a root from another source. The master stays what it is: nothing that it
/// seals is touched.
pub(crate) fn renew(
    (source, secrets): (&SealSource, &Secrets),
    row: &SealRow,
    (new_source, new_secrets): (&SealSource, &Secrets),
    entropy: &dyn Entropy,
) -> Result<SealRow, String> {
    let master = master(source, secrets, row)?;
    let (kind, key) = root(new_source, new_secrets, entropy)?;
    if Sealer::new(&key).open(MASTER, &row.master.0).is_ok() {
        return Err("the new seal holds the same key as the old one".to_owned());
    }
    sealed(kind, &key, &master, entropy)
}

fn sealed(
    kind: SealKind,
    key: &[u8; 32],
    master: &[u8; 32],
    entropy: &dyn Entropy,
) -> Result<SealRow, String> {
    let fill = |bytes: &mut [u8]| entropy.fill(bytes);
    let sealed = Sealer::new(key).seal(&fill, MASTER, master).map_err(|error| error.to_string())?;
    Ok(SealRow { kind, master: Sealed(sealed) })
}

/// A root for what is to be sealed, and how it is made again.
fn root(
    source: &SealSource,
    secrets: &Secrets,
    entropy: &dyn Entropy,
) -> Result<(SealKind, Zeroizing<[u8; 32]>), String> {
    Ok(match source {
        SealSource::File(path) => {
            let told = |error: std::io::Error| format!("seal file {}: {error}", path.display());
            // The key of a store that was removed may be used again: it is as secret as it was.
            let key = match private::read(path).map_err(told)? {
                Some(text) => file_key(&text).ok_or_else(|| format!("{} is no seal file", path.display()))?,
                None => {
                    let key = Zeroizing::new(array::<32>(entropy));
                    let text = Zeroizing::new(format!("{FILE_BEGINS}{}\n", STANDARD.encode(*key)));
                    private::write(path, text.as_bytes()).map_err(told)?;
                    key
                }
            };
            (SealKind::Key, key)
        }
        SealSource::Environment(name) => (SealKind::Key, variable_key(name, secrets)?),
        SealSource::Passphrase => {
            let passphrase = passphrase(secrets, true)?;
            if passphrase.expose().chars().count() < 8 {
                return Err("the passphrase is shorter than eight characters".to_owned());
            }
            let kind = SealKind::Passphrase { salt: array(entropy), memory_kib: MEMORY_KIB, passes: PASSES };
            let key = derived(&kind, &passphrase)?;
            (kind, key)
        }
    })
}

/// The seal of a store that has one.
pub(crate) fn open(source: &SealSource, secrets: &Secrets, row: &SealRow) -> Result<Sealer, String> {
    Ok(Sealer::new(&*master(source, secrets, row)?))
}

fn master(source: &SealSource, secrets: &Secrets, row: &SealRow) -> Result<Zeroizing<[u8; 32]>, String> {
    let key = match (source, &row.kind) {
        (SealSource::Passphrase, SealKind::Key) => {
            return Err(
                "this store is sealed with a key, not with a passphrase: give --seal file:PATH or env:NAME"
                    .to_owned(),
            );
        }
        (SealSource::Passphrase, kind) => derived(kind, &passphrase(secrets, false)?)?,
        (_, SealKind::Passphrase { .. }) => {
            return Err("this store is sealed with a passphrase: give --seal passphrase".to_owned());
        }
        (SealSource::Environment(name), SealKind::Key) => variable_key(name, secrets)?,
        (SealSource::File(path), SealKind::Key) => {
            let text =
                private::read(path).map_err(|error| format!("seal file {}: {error}", path.display()))?;
            let text = text.ok_or_else(|| {
                format!("this store is sealed, and its seal file {} is not there", path.display())
            })?;
            file_key(&text).ok_or_else(|| format!("{} is no seal file", path.display()))?
        }
    };
    let wrong =
        || "the seal does not open this store: it is another store's, or a wrong passphrase".to_owned();
    let master = Sealer::new(&key).open(MASTER, &row.master.0).map_err(|_| wrong())?;
    Ok(Zeroizing::new(master.expose().try_into().map_err(|_| wrong())?))
}

fn file_key(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    decoded(text.trim_end().strip_prefix(FILE_BEGINS)?)
}

fn variable_key(name: &str, secrets: &Secrets) -> Result<Zeroizing<[u8; 32]>, String> {
    let text =
        secrets.seal.as_ref().ok_or_else(|| format!("{name} is not set; it should hold the seal's key"))?;
    decoded(text.expose().trim()).ok_or_else(|| format!("{name} does not hold 32 bytes in base64"))
}

fn decoded(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    let bytes = Zeroizing::new(STANDARD.decode(text).ok()?);
    Some(Zeroizing::new(bytes.as_slice().try_into().ok()?))
}

fn passphrase(secrets: &Secrets, fresh: bool) -> Result<SecretText, String> {
    if let Some(told) = &secrets.passphrase {
        return Ok(told.clone());
    }
    let asked = |prompt| {
        terminal::secret(prompt)
            .map_err(|error| format!("ALCAZAR_SEAL_PASSPHRASE is not set, and nobody can be asked: {error}"))
    };
    let first = asked(if fresh { "New passphrase of the store: " } else { "Passphrase of the store: " })?;
    if fresh && asked("The same again: ")?.expose() != first.expose() {
        return Err("the two passphrases differ".to_owned());
    }
    Ok(first)
}

fn derived(kind: &SealKind, passphrase: &SecretText) -> Result<Zeroizing<[u8; 32]>, String> {
    let SealKind::Passphrase { salt, memory_kib, passes } = kind else {
        return Err("this store is not sealed with a passphrase".to_owned());
    };
    let mut key = Zeroizing::new([0; 32]);
    let params = Params::new(*memory_kib, *passes, 1, Some(32)).map_err(|error| error.to_string())?;
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon
        .hash_password_into(passphrase.expose().as_bytes(), salt, &mut *key)
        .map_err(|error| error.to_string())?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use alcazar_ports::SeededEntropy;

    use super::*;

    fn passphrase(text: &str) -> Secrets {
        Secrets { passphrase: Some(text.to_owned().into()), ..Secrets::default() }
    }

    #[test]
    fn a_file_is_made_once_and_opens_only_its_own_store() {
        let folder = tempfile::tempdir().unwrap();
        let source = |name: &str| SealSource::File(folder.path().join(name));
        let none = Secrets::default();
        let entropy = SeededEntropy::new(1);
        let (first, row) = create(&source("a"), &none, &entropy).unwrap();
        let sealed = first.seal(&|bytes| bytes.fill(3), b"here", b"secret").unwrap();
        let again = open(&source("a"), &none, &row).unwrap();
        assert_eq!(again.open(b"here", &sealed).unwrap().expose(), b"secret");
        let _ = create(&source("b"), &none, &entropy).unwrap();
        assert!(open(&source("b"), &none, &row).unwrap_err().contains("another store's"));
        assert!(open(&source("c"), &none, &row).unwrap_err().contains("is not there"));
    }

    #[test]
    fn a_seal_that_was_renewed_opens_what_the_old_one_sealed_and_the_old_one_opens_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = SealSource::File(folder.path().join("seal"));
        let (none, entropy) = (Secrets::default(), SeededEntropy::new(1));
        let (first, row) = create(&file, &none, &entropy).unwrap();
        let kept = first.seal(&|bytes| bytes.fill(3), b"here", b"secret").unwrap();
        let (words, phrase) = (SealSource::Passphrase, passphrase("correct horse"));
        let renewed = renew((&file, &none), &row, (&words, &phrase), &entropy).unwrap();
        let opened = open(&words, &phrase, &renewed).unwrap();
        assert_eq!(opened.open(b"here", &kept).unwrap().expose(), b"secret");
        assert!(open(&file, &none, &renewed).unwrap_err().contains("--seal passphrase"));
        let other = SealSource::File(folder.path().join("other"));
        let back = renew((&words, &phrase), &renewed, (&other, &none), &entropy).unwrap();
        assert!(open(&other, &none, &back).is_ok());
        assert!(open(&file, &none, &back).unwrap_err().contains("does not open this store"));
        // The same key under another name is no rotation, and a seal that does not open the store renews nothing.
        let copy = folder.path().join("copy");
        std::fs::copy(folder.path().join("other"), &copy).unwrap();
        let same = renew((&other, &none), &back, (&SealSource::File(copy), &none), &entropy);
        assert!(same.unwrap_err().contains("the same key"));
        assert!(renew((&file, &none), &back, (&other, &none), &entropy).is_err());
    }

    #[test]
    fn a_passphrase_opens_and_a_wrong_one_is_told() {
        let entropy = SeededEntropy::new(1);
        let (_, row) = create(&SealSource::Passphrase, &passphrase("correct horse"), &entropy).unwrap();
        assert!(open(&SealSource::Passphrase, &passphrase("correct horse"), &row).is_ok());
        assert!(
            open(&SealSource::Passphrase, &passphrase("battery staple"), &row)
                .unwrap_err()
                .contains("wrong passphrase")
        );
        assert!(
            open(&SealSource::File("x".into()), &Secrets::default(), &row)
                .unwrap_err()
                .contains("--seal passphrase")
        );
        assert!(create(&SealSource::Passphrase, &passphrase("short"), &entropy).is_err());
    }

    #[test]
    fn a_variable_holds_thirty_two_bytes() {
        let entropy = SeededEntropy::new(1);
        let source = SealSource::Environment("KEY".to_owned());
        let with = |text: String| Secrets { seal: Some(text.into()), ..Secrets::default() };
        assert!(create(&source, &with(STANDARD.encode([7; 32])), &entropy).is_ok());
        assert!(create(&source, &with(STANDARD.encode([7; 31])), &entropy).is_err());
        assert!(create(&source, &Secrets::default(), &entropy).is_err());
    }
}
