//! The cryptography of KMS keys: fresh material, its use, and the ciphertext that names it. No I/O, no accounts, no
//! policies; the KMS service stands on top.
//!
//! - [`KeySpec`], [`KeyUsage`] and the algorithms: what exists and what goes with what.
//! - [`Material`]: one version of a key's secret, ready for use. Parse it once and keep it: a 2048-bit RSA key costs
//!   as much to parse as ten P-256 signatures.
//! - [`PublicKey`]: the public half, as SubjectPublicKeyInfo and ready to verify or encrypt.
//! - [`Ciphertext`] and [`EncryptionContext`]: what a symmetric key's Encrypt gives and Decrypt takes.
//! - [`ExternalCiphertext`]: the same, encrypted once more by a key outside.
//! - [`Encapsulation`]: what an ML-KEM key's Encapsulate gives.
//! - [`ImportWrapping`] and [`Material::import`]: material that comes from elsewhere.
//! - [`KeyPair`]: data key pairs. [`RsaPool`]: RSA pairs made ahead of their use.
//!
//! **Randomness** comes in as [`Entropy`], so that the same seed gives the same keys and ciphertexts, with exceptions
//! that the library behind leaves no choice in: RSA key generation, ECDSA nonces of the NIST curves, PSS salts, OAEP
//! seeds, ML-DSA's hedging and ML-KEM's encapsulation draw from aws-lc's own generator. secp256k1 and SM2 nonces follow
//! RFC 6979, Ed25519's RFC 8032.
//!
//! **Secrets** are wiped when dropped: the bytes that this crate holds by `zeroize`, the parsed keys by the libraries
//! (aws-lc clears what it frees, the others zeroize). One thing is not: the expanded AES key of a single message, which
//! aws-lc leaves on the stack. Nothing prints a secret.
//!
//! **SM2** is behind the feature `sm2`: a library that nobody has audited is not in a program that has no use for it. Without it a key of
//! that spec is [`Error::Unsupported`].
//!
//! ```
//! # use alcazar_material::*;
//! # fn main() -> Result<()> {
//! # let entropy = |bytes: &mut [u8]| bytes.fill(7);
//! let key = Material::generate(KeySpec::SymmetricDefault, KeyUsage::EncryptDecrypt, &entropy)?;
//! let id = KeyId::from_text("1234abcd-12ab-34cd-56ef-1234567890ab").ok_or(Error::Failed)?;
//! let context = EncryptionContext::new([("tenant", "blue")])?;
//! let header = Header { key: id, material: key.id(&id)? };
//! let blob = key.encrypt(header, &context, b"secret", &entropy)?;
//!
//! let ciphertext = Ciphertext::parse(&blob)?;
//! assert_eq!(ciphertext.header, header); // tells the service which key and material to fetch
//! assert_eq!(key.decrypt(&ciphertext, &context)?.expose(), b"secret");
//! # Ok(())
//! # }
//! ```

mod agree;
mod algorithm;
mod blob;
mod context;
mod der;
mod ecdsa;
mod ed25519;
pub mod envelope;
mod error;
mod external;
mod id;
mod import;
mod kdf;
mod key_pair;
mod mac;
mod material;
mod message;
mod ml_dsa;
mod ml_kem;
mod pool;
mod public_key;
mod rsa;
mod secp256k1;
#[cfg_attr(not(feature = "sm2"), path = "sm2_absent.rs")]
mod sm2;
mod spec;
mod symmetric;

pub use algorithm::{EncapsulationAlgorithm, EncryptionAlgorithm, MacAlgorithm, SigningAlgorithm};
pub use blob::{Ciphertext, Header};
pub use context::EncryptionContext;
pub use error::{Error, Result};
pub use external::ExternalCiphertext;
pub use id::{KeyId, MaterialId};
pub use import::{ImportWrapping, WrappingAlgorithm};
pub use key_pair::KeyPair;
pub use material::Material;
pub use message::{MESSAGE_LIMIT, Message};
pub use ml_kem::Encapsulation;
pub use pool::RsaPool;
pub use public_key::PublicKey;
pub use spec::{KeySpec, KeyUsage};
pub use symmetric::PLAINTEXT_LIMIT;

/// Where random bytes come from: fills the whole slice, and cannot fail.
pub type Entropy<'a> = &'a dyn Fn(&mut [u8]);
