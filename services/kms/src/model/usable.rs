//! In which state a key may be used for what, and the errors in AWS's words.
//! Source: KMS Developer Guide, "Key states of AWS KMS keys"; messages as the service prints them.

use alcazar_core::Declares;
use alcazar_corridor::{Failure, Refusal};
use alcazar_material::Error;
use wire_kms::{
    DisabledException, DryRunOperationException, IncorrectKeyException, InvalidKeyUsageException,
    KMSInvalidStateException, KeySpec, KeyState, KeyUsageType, OriginType, RecipientInfo,
    UnsupportedOperationException,
};

use super::{Key, KeyMaterial, Uses, not_in_custody};

/// The key must be enabled.
pub(crate) fn enabled<S>(key: &Key) -> Result<(), Refusal<S>>
where
    S: Declares<DisabledException> + Declares<KMSInvalidStateException>,
{
    match key.state() {
        KeyState::Enabled => Ok(()),
        KeyState::Disabled => Err(DisabledException::new(format!("{} is disabled.", key.arn)).into()),
        state => Err(invalid_state(key, state)),
    }
}

/// The key must be enabled; that it is unavailable for now is no matter.
pub(crate) fn enabled_or_unavailable<S>(key: &Key) -> Result<(), Refusal<S>>
where
    S: Declares<DisabledException> + Declares<KMSInvalidStateException>,
{
    if key.state() == KeyState::Unavailable { Ok(()) } else { enabled(key) }
}

/// The key must not be pending deletion, nor that of its replicas first.
pub(crate) fn not_pending_deletion<S: Declares<KMSInvalidStateException>>(
    key: &Key,
) -> Result<(), Refusal<S>> {
    match key.state() {
        state @ (KeyState::PendingDeletion | KeyState::PendingReplicaDeletion) => {
            Err(invalid_state(key, state))
        }
        _ => Ok(()),
    }
}

fn invalid_state<S: Declares<KMSInvalidStateException>>(key: &Key, state: KeyState) -> Refusal<S> {
    let state = match state {
        KeyState::PendingDeletion => "pending deletion",
        KeyState::PendingReplicaDeletion => "pending replica deletion",
        KeyState::PendingImport => "pending import",
        _ => "unavailable",
    };
    KMSInvalidStateException::new(format!("{} is {state}.", key.arn)).into()
}

/// The key must be enabled, and of that usage.
pub(crate) fn usable_for<S>(key: &Key, usage: KeyUsageType, operation: &str) -> Result<(), Refusal<S>>
where
    S: Declares<DisabledException> + Declares<KMSInvalidStateException> + Declares<InvalidKeyUsageException>,
{
    enabled(key)?;
    if key.usage == usage {
        return Ok(());
    }
    let message = format!("{} key usage is {} which is not valid for {operation}.", key.arn, key.usage);
    Err(InvalidKeyUsageException::new(message).into())
}

/// The material that encrypts, signs and computes. A key that is enabled has some.
pub(crate) fn material_of(key: &Key) -> Result<&KeyMaterial, Failure> {
    key.material.last().ok_or_else(|| Failure::internal("an enabled key has no material"))
}

/// The key has a spec with which this operation does nothing.
pub(crate) fn spec_invalid(key: &Key) -> String {
    format!("{} key spec is {} which is not valid for this operation.", key.arn, key.spec)
}

/// A request that only asks whether it would have succeeded ends here.
pub(crate) fn dry_run<S: Declares<DryRunOperationException>>(asked: Option<bool>) -> Result<(), Refusal<S>> {
    if asked == Some(true) {
        let message = "The request would have succeeded, but the DryRun option is set.";
        return Err(DryRunOperationException::new(message).into());
    }
    Ok(())
}

/// The ciphertext is not of the key that the request names.
pub(crate) fn incorrect_key() -> IncorrectKeyException {
    IncorrectKeyException::new(
        "The key ID in the request does not identify a CMK that can perform this operation.",
    )
}

/// Nitro enclaves do not run here: nobody could open what is encrypted to one, so nothing is.
pub(crate) fn no_recipient(recipient: Option<&RecipientInfo>) -> Result<(), Failure> {
    match recipient {
        None => Ok(()),
        Some(_) => {
            Err(Failure::validation("Recipient is not supported: there are no attested enclaves here."))
        }
    }
}

/// What the cryptography refused, as the operation tells it. Wrong ciphertexts, signatures and MACs have errors of their own, which the
/// operations that may answer them look for first.
pub(crate) fn refused<S: Uses>(key: &Key, error: Error) -> Refusal<S> {
    let spec = key.spec;
    match error {
        Error::AlgorithmNotAllowed { algorithm, .. } => InvalidKeyUsageException::new(format!(
            "Algorithm {algorithm} is incompatible with key spec {spec}."
        ))
        .into(),
        Error::UsageNotAllowed { usage, .. } => {
            let message =
                format!("{} key usage is {} which is not valid for {}.", key.arn, key.usage, usage.text());
            InvalidKeyUsageException::new(message).into()
        }
        Error::DigestLength { algorithm, .. } => {
            Failure::validation(format!("Digest is invalid length for algorithm {algorithm}.")).into()
        }
        Error::MessageTypeNotAllowed { algorithm } => {
            Failure::validation(format!("Algorithm {algorithm} does not take a message of this MessageType."))
                .into()
        }
        Error::InvalidPublicKey => {
            Failure::validation(format!("The public key is not a valid {spec} public key.")).into()
        }
        other => Failure::internal(other).into(),
    }
}

/// The key must have material: one that waits for its import can be neither enabled nor disabled.
pub(crate) fn has_material<S: Declares<KMSInvalidStateException>>(key: &Key) -> Result<(), Refusal<S>> {
    match key.state() {
        state @ KeyState::PendingImport => Err(invalid_state(key, state)),
        _ => Ok(()),
    }
}

/// Only symmetric encryption keys have more than one material, and only those that have all of it here.
pub(crate) fn rotatable<S: Declares<UnsupportedOperationException>>(key: &Key) -> Result<(), Refusal<S>> {
    if key.spec != KeySpec::SymmetricDefault {
        return Err(UnsupportedOperationException::new(spec_invalid(key)).into());
    }
    not_in_custody(key)
}

/// Only those whose material is made here rotate by themselves.
pub(crate) fn rotates_itself<S: Declares<UnsupportedOperationException>>(
    key: &Key,
) -> Result<(), Refusal<S>> {
    rotatable(key)?;
    of_origin(key, OriginType::AwsKms)
}

/// The key's material comes from there.
pub(crate) fn of_origin<S: Declares<UnsupportedOperationException>>(
    key: &Key,
    origin: OriginType,
) -> Result<(), Refusal<S>> {
    if key.origin == origin {
        return Ok(());
    }
    Err(wrong_origin(key))
}

/// Nothing that this operation does can be done to a key of such an origin.
pub(crate) fn wrong_origin<S: Declares<UnsupportedOperationException>>(key: &Key) -> Refusal<S> {
    let message = format!("{} origin is {} which is not valid for this operation.", key.arn, key.origin);
    UnsupportedOperationException::new(message).into()
}
