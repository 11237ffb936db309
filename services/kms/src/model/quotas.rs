//! The request quotas, and which of them each operation draws from.
//!
//! Operations begin what they touch here instead of with [`Located::new`]: with [`located`], [`used`] or [`paired`].
//! Source: KMS Developer Guide, "Request quotas".

use alcazar_core::{Region, Shape};
use alcazar_corridor::{Located, Operation, Quota, Rate};
use wire_kms::{DataKeyPairSpec, KeySpec};

use super::{Found, Key, Source};

/// What whoever is over a quota is told.
const MESSAGE: &str =
    "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.";

/// Operations that draw from a quota of their own, by name.
static OPERATIONS: &[Quota] = &[
    quota("kms:CancelKeyDeletion", 5),
    quota("kms:ConnectCustomKeyStore", 5),
    quota("kms:CreateAlias", 5),
    quota("kms:CreateCustomKeyStore", 5),
    quota("kms:CreateGrant", 50),
    quota("kms:CreateKey", 5),
    quota("kms:DeleteAlias", 15),
    quota("kms:DeleteCustomKeyStore", 5),
    quota("kms:DeleteImportedKeyMaterial", 15),
    quota("kms:DescribeCustomKeyStores", 5),
    quota("kms:DescribeKey", 2000),
    quota("kms:DisableKey", 5),
    quota("kms:DisableKeyRotation", 5),
    quota("kms:DisconnectCustomKeyStore", 5),
    quota("kms:EnableKey", 5),
    quota("kms:EnableKeyRotation", 15),
    quota("kms:GetKeyLastUsage", 5),
    quota("kms:GetKeyPolicy", 1000),
    quota("kms:GetKeyRotationStatus", 1000),
    quota("kms:GetParametersForImport", 1),
    quota("kms:GetPublicKey", 2000),
    quota("kms:ImportKeyMaterial", 15),
    quota("kms:ListAliases", 500),
    quota("kms:ListGrants", 100),
    quota("kms:ListKeyPolicies", 100),
    quota("kms:ListKeyRotations", 100),
    quota("kms:ListKeys", 500),
    quota("kms:ListResourceTags", 2000),
    quota("kms:ListRetirableGrants", 100),
    quota("kms:PutKeyPolicy", 15),
    quota("kms:ReplicateKey", 5),
    quota("kms:RetireGrant", 50),
    quota("kms:RevokeGrant", 50),
    quota("kms:RotateKeyOnDemand", 5),
    quota("kms:ScheduleKeyDeletion", 15),
    quota("kms:TagResource", 10),
    quota("kms:UntagResource", 5),
    quota("kms:UpdateAlias", 5),
    quota("kms:UpdateCustomKeyStore", 5),
    quota("kms:UpdateKeyDescription", 5),
    quota("kms:UpdatePrimaryRegion", 5),
];

/// Cryptographic operations under symmetric keys share one quota, those under RSA keys another, and so on. The guide has none for ML-KEM:
/// it is taken to be as ML-DSA's. It has one for each external key store; here an account's stores in a Region share it.
static CRYPTOGRAPHIC: [Quota; 6] = [
    Quota { regions: LARGER, ..quota("kms:CryptographicOperationsSymmetric", 10_000) },
    quota("kms:CryptographicOperationsRsa", 1000),
    quota("kms:CryptographicOperationsEcc", 1000),
    quota("kms:CryptographicOperationsMlDsa", 1000),
    quota("kms:CryptographicOperationsMlKem", 1000),
    quota("kms:CryptographicOperationsExternalKeyStore", 1800),
];

const LARGER: &[(&str, Rate)] = &[
    ("us-east-1", Rate::per_second(100_000)),
    ("us-west-2", Rate::per_second(100_000)),
    ("eu-west-1", Rate::per_second(100_000)),
    ("us-east-2", Rate::per_second(20_000)),
    ("ap-southeast-1", Rate::per_second(20_000)),
    ("ap-southeast-2", Rate::per_second(20_000)),
    ("ap-northeast-1", Rate::per_second(20_000)),
    ("eu-central-1", Rate::per_second(20_000)),
    ("eu-west-2", Rate::per_second(20_000)),
];

static CHINA_2048: [(&str, Rate); 2] = china(1000);
static CHINA_3072: [(&str, Rate); 2] = china(500);
static CHINA_4096: [(&str, Rate); 2] = china(100);

/// What starts the names of the quotas of data key pairs; the spec ends them.
const PAIR: &str = "kms:GenerateDataKeyPair:";

/// Data key pairs, with and without plaintext, by spec. The guide has none for ML-KEM: it is taken to be as ECC's.
static PAIRS: &[Quota] = &[
    Quota { regions: &CHINA_2048, ..quota("kms:GenerateDataKeyPair:RSA_2048", 20) },
    Quota { regions: &CHINA_3072, ..quota("kms:GenerateDataKeyPair:RSA_3072", 4) },
    Quota { regions: &CHINA_4096, ..quota("kms:GenerateDataKeyPair:RSA_4096", 1) },
    quota("kms:GenerateDataKeyPair:ECC_NIST_P256", 100),
    quota("kms:GenerateDataKeyPair:ECC_NIST_P384", 100),
    quota("kms:GenerateDataKeyPair:ECC_NIST_P521", 100),
    quota("kms:GenerateDataKeyPair:ECC_SECG_P256K1", 100),
    quota("kms:GenerateDataKeyPair:ECC_NIST_EDWARDS25519", 100),
    quota("kms:GenerateDataKeyPair:SM2", 25),
    quota("kms:GenerateDataKeyPair:ML_KEM_512", 100),
    quota("kms:GenerateDataKeyPair:ML_KEM_768", 100),
    quota("kms:GenerateDataKeyPair:ML_KEM_1024", 100),
];

/// What starts the names of the quotas of RSA keys that are made; the spec ends them.
const GENERATION: &str = "kms:RsaKeyGeneration:";

/// RSA keys that are made, for whatever operation. AWS has no such quota: it protects the machine, which is busy with a key of 4096 bits for
/// a second.
static GENERATIONS: &[Quota] = &[
    protective("kms:RsaKeyGeneration:RSA_2048", 100),
    protective("kms:RsaKeyGeneration:RSA_3072", 50),
    protective("kms:RsaKeyGeneration:RSA_4096", 20),
];

/// All request quotas, for those who adjust them.
pub(crate) fn request_quotas() -> impl Iterator<Item = &'static Quota> {
    OPERATIONS.iter().chain(&CRYPTOGRAPHIC).chain(PAIRS).chain(GENERATIONS)
}

/// What a call touches, within the quota of its operation.
pub(crate) fn located<O: Operation>(target: O::Target) -> Located<O> {
    drawing(Located::new(target), named("kms:", O::Shape::OPERATION.name, OPERATIONS))
}

/// What a cryptographic operation touches, within the quota of its key's type. ReEncrypt counts once for each type.
pub(crate) fn used<O: Operation>(target: O::Target) -> Located<O>
where
    O::Target: Keyed,
{
    let [first, second] = match target.quotas() {
        // A key that is not there is of the usual type.
        [None, None] => [Some(&CRYPTOGRAPHIC[0]), None],
        [Some(first), Some(second)] if first.name == second.name => [Some(first), None],
        different => different,
    };
    drawing(drawing(Located::new(target), first), second)
}

/// What GenerateRandom touches: no key, within the quota of symmetric ones.
pub(crate) fn keyless<O: Operation>(target: O::Target) -> Located<O> {
    Located::new(target).within(&CRYPTOGRAPHIC[0], 1)
}

/// What an operation touches that makes a data key pair: it counts as that alone.
pub(crate) fn paired<O: Operation>(target: O::Target, spec: DataKeyPairSpec) -> Located<O> {
    let located = drawing(Located::new(target), named(PAIR, spec.as_str(), PAIRS));
    making(located, spec.as_str())
}

/// The call makes a key of that spec, which is dear if it is an RSA key.
pub(crate) fn making<O: Operation>(located: Located<O>, spec: &str) -> Located<O> {
    drawing(located, named(GENERATION, spec, GENERATIONS))
}

/// The call counts as so many requests of another operation in another Region.
pub(crate) fn counting_in<O: Operation>(
    located: Located<O>,
    region: Option<Region>,
    operation: &str,
    units: u32,
) -> Located<O> {
    match (region, named("kms:", operation, OPERATIONS)) {
        (Some(region), Some(quota)) => located.within_in(region, quota, units),
        _ => located,
    }
}

/// What uses keys, of which types.
pub(crate) trait Keyed {
    /// The quotas of the key and of the second one, as far as there are any.
    fn quotas(&self) -> [Option<&'static Quota>; 2];
}

impl Keyed for Found {
    fn quotas(&self) -> [Option<&'static Quota>; 2] {
        [self.found().map(|key| cryptographic(key)), None]
    }
}

impl Keyed for Source {
    fn quotas(&self) -> [Option<&'static Quota>; 2] {
        [self.found().and_then(Found::found).map(|key| cryptographic(key)), None]
    }
}

fn cryptographic(key: &Key) -> &'static Quota {
    let [symmetric, rsa, ecc, ml_dsa, ml_kem, external] = &CRYPTOGRAPHIC;
    match key.spec {
        _ if key.custody.is_some() => external,
        KeySpec::SymmetricDefault
        | KeySpec::Hmac224
        | KeySpec::Hmac256
        | KeySpec::Hmac384
        | KeySpec::Hmac512 => symmetric,
        KeySpec::Rsa2048 | KeySpec::Rsa3072 | KeySpec::Rsa4096 => rsa,
        KeySpec::EccNistP256
        | KeySpec::EccNistP384
        | KeySpec::EccNistP521
        | KeySpec::EccSecgP256k1
        | KeySpec::EccNistEdwards25519
        | KeySpec::Sm2 => ecc,
        KeySpec::MlDsa44 | KeySpec::MlDsa65 | KeySpec::MlDsa87 => ml_dsa,
        KeySpec::MlKem512 | KeySpec::MlKem768 | KeySpec::MlKem1024 => ml_kem,
    }
}

fn named(start: &str, end: &str, quotas: &'static [Quota]) -> Option<&'static Quota> {
    quotas.iter().find(|quota| quota.name.strip_prefix(start) == Some(end))
}

fn drawing<O: Operation>(located: Located<O>, quota: Option<&'static Quota>) -> Located<O> {
    match quota {
        Some(quota) => located.within(quota, 1),
        None => located,
    }
}

const fn quota(name: &'static str, per_second: u32) -> Quota {
    let aws = Some(Rate::per_second(per_second));
    Quota { name, message: MESSAGE, aws, regions: &[], protective: None }
}

const fn protective(name: &'static str, per_second: u32) -> Quota {
    let protective = Some(Rate::per_second(per_second));
    Quota { name, message: MESSAGE, aws: None, regions: &[], protective }
}

const fn china(per_thousand_seconds: u32) -> [(&'static str, Rate); 2] {
    let rate = Rate::per_thousand_seconds(per_thousand_seconds);
    [("cn-north-1", rate), ("cn-northwest-1", rate)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotas_have_names_of_their_own() {
        let mut names: Vec<&str> = request_quotas().map(|quota| quota.name).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!((names.len(), count), (62, 62));
    }

    #[test]
    fn every_spec_of_a_data_key_pair_has_a_quota() {
        for spec in DataKeyPairSpec::VALUES {
            assert!(named(PAIR, spec, PAIRS).is_some(), "{spec}");
        }
    }
}
