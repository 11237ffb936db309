//! What AWS charges: one table, in millionths of a US dollar.
//!
//! Source: the public price lists of AWS KMS, AWS Secrets Manager and AWS Systems Manager (Parameter Store) for US East (N. Virginia). The few Regions
//! that are dearer are charged as if they were there.

// Kept copies of AWS's pages were read for the price of a key, its proration by the hour, the free requests and those that are none, and who pays. A
// review of June 2026 was read for the prices of symmetric and asymmetric requests. Those of data key pairs, and that rotations are free from the
// third on, are of the page as it is known, and could not be compared with a copy.

/// Of when the newest text is that the table was compared with.
pub(super) const AS_OF: &str = "2026-06";

/// An amount, in millionths of a US dollar: every price of a single request is a whole number of them.
pub(super) type Micros = u64;

/// How many requests with symmetric keys, or no key, KMS answers for nothing, in a month and all Regions.
pub(super) const FREE_REQUESTS: u64 = 20_000;

/// What is charged for by the time it exists: what it costs a whole month.
pub(super) fn a_month(kind: &str) -> Micros {
    match kind {
        "Key" | "KeyRotation" => 1_000_000,
        "Secret" => 400_000,
        "AdvancedParameter" => 50_000,
        _ => 0,
    }
}

/// The classes that requests are priced in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// KMS with a symmetric or HMAC key, or about no key's material: the free ones are of these.
    Symmetric,
    /// KMS with the private or public part of an RSA key of 2048 bits.
    Rsa2048,
    /// KMS with another asymmetric key.
    Asymmetric,
    /// A data key pair on a curve.
    CurvePair,
    /// A data key pair of RSA, of any size.
    RsaPair,
    /// Any call of Secrets Manager.
    SecretsManager,
    /// A call about an advanced parameter.
    AdvancedParameter,
    /// What costs nothing.
    Free,
}

impl Class {
    /// What one request costs. The lists say it for ten thousand.
    pub(super) fn price(self) -> Micros {
        match self {
            Self::Symmetric | Self::Rsa2048 => 3,
            Self::Asymmetric => 15,
            Self::CurvePair => 10,
            Self::RsaPair => 1200,
            Self::SecretsManager | Self::AdvancedParameter => 5,
            Self::Free => 0,
        }
    }

    /// The class of a KMS request. A key whose spec is not known (another account's, or one that is gone) is told by the algorithm that was
    /// asked for; of RSA the size stays unknown then, and the dearer price is taken.
    pub(super) fn of_kms(operation: &str, spec: Option<&str>, algorithm: Option<&str>) -> Self {
        if operation.starts_with("GenerateDataKeyPair") {
            let rsa = algorithm.is_some_and(|pair| pair.starts_with("RSA_"));
            return if rsa { Self::RsaPair } else { Self::CurvePair };
        }
        if !USES_OF_PAIRS.contains(&operation) {
            return Self::Symmetric;
        }
        match (spec, algorithm) {
            (Some("SYMMETRIC_DEFAULT"), _) => Self::Symmetric,
            (Some("RSA_2048"), _) => Self::Rsa2048,
            (Some(spec), _) if spec.starts_with("HMAC_") => Self::Symmetric,
            (Some(_), _) => Self::Asymmetric,
            (None, None | Some("SYMMETRIC_DEFAULT")) if !ONLY_PAIRS.contains(&operation) => Self::Symmetric,
            (None, _) => Self::Asymmetric,
        }
    }
}

/// The operations that use, or show, a key's material, and may do so with a pair. Requests about keys cost the same for all.
const USES_OF_PAIRS: [&str; 9] = [
    "Decapsulate",
    "Decrypt",
    "DeriveSharedSecret",
    "Encapsulate",
    "Encrypt",
    "GetPublicKey",
    "ReEncrypt",
    "Sign",
    "Verify",
];

/// Those that only pairs can do.
const ONLY_PAIRS: [&str; 6] =
    ["Decapsulate", "DeriveSharedSecret", "Encapsulate", "GetPublicKey", "Sign", "Verify"];

/// What something costs for so many begun hours of a month, rounded to the nearest.
pub(super) fn prorated(a_month: Micros, hours: u64, hours_of_month: u64) -> Micros {
    let hours_of_month = hours_of_month.max(1);
    (a_month * hours.min(hours_of_month) + hours_of_month / 2) / hours_of_month
}

/// `1.000030`.
pub(super) fn dollars(amount: Micros) -> String {
    format!("{}.{:06}", amount / 1_000_000, amount % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MICROS_PER_CENT: Micros = 10_000;

    /// What ten thousand requests of each class cost, in cents, as the lists print it.
    #[test]
    fn ten_thousand_requests_cost_what_the_lists_say() {
        let cents = |class: Class| class.price() * 10_000 / MICROS_PER_CENT;
        assert_eq!(cents(Class::Symmetric), 3);
        assert_eq!(cents(Class::Rsa2048), 3);
        assert_eq!(cents(Class::Asymmetric), 15);
        assert_eq!(cents(Class::CurvePair), 10);
        assert_eq!(cents(Class::RsaPair), 1200);
        assert_eq!(cents(Class::SecretsManager), 5);
        assert_eq!(dollars(Class::RsaPair.price() * 10_000), "12.000000");
    }

    #[test]
    fn a_request_is_priced_by_its_key_and_else_by_its_algorithm() {
        let class = |operation, spec, algorithm| Class::of_kms(operation, spec, algorithm);
        assert_eq!(class("Encrypt", Some("SYMMETRIC_DEFAULT"), None), Class::Symmetric);
        assert_eq!(class("GenerateMac", Some("HMAC_256"), None), Class::Symmetric);
        assert_eq!(class("Sign", Some("RSA_2048"), Some("RSASSA_PSS_SHA_256")), Class::Rsa2048);
        assert_eq!(class("Sign", Some("RSA_4096"), Some("RSASSA_PSS_SHA_256")), Class::Asymmetric);
        assert_eq!(class("Verify", Some("ML_DSA_65"), None), Class::Asymmetric);
        assert_eq!(class("DescribeKey", Some("RSA_4096"), None), Class::Symmetric);
        assert_eq!(class("GenerateDataKeyPair", Some("SYMMETRIC_DEFAULT"), Some("RSA_2048")), Class::RsaPair);
        let without = class("GenerateDataKeyPairWithoutPlaintext", None, Some("ECC_NIST_P256"));
        assert_eq!(without, Class::CurvePair);
        assert_eq!(class("Decrypt", None, None), Class::Symmetric);
        assert_eq!(class("Decrypt", None, Some("RSAES_OAEP_SHA_256")), Class::Asymmetric);
        assert_eq!(class("GetPublicKey", None, None), Class::Asymmetric);
        assert_eq!(class("GenerateRandom", None, None), Class::Symmetric);
    }

    #[test]
    fn a_month_is_prorated_by_the_hour() {
        assert_eq!(prorated(a_month("Key"), 720, 720), 1_000_000);
        assert_eq!(prorated(a_month("Key"), 1, 720), 1389);
        assert_eq!(prorated(a_month("Secret"), 1, 744), 538);
        assert_eq!(prorated(a_month("Key"), 9999, 720), 1_000_000);
        assert_eq!(prorated(a_month("ManagedKey"), 720, 720), 0);
        assert_eq!(dollars(prorated(a_month("AdvancedParameter"), 360, 720)), "0.025000");
    }
}
