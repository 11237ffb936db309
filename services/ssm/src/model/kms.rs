//! SecureString values under KMS, which is asked as the caller, with the parameter's ARN as encryption context: those of the standard tier
//! are encrypted by KMS itself, those of the advanced tier under a data key.
//! Source: KMS Developer Guide, "How AWS Systems Manager Parameter Store uses AWS KMS".

use std::collections::BTreeMap;

use alcazar_core::fault::FaultKind;
use alcazar_core::{Arn, Common, Declares, Fault, SecretBytes, SecretText, Timestamp};
use alcazar_corridor::{Call, Failure, Operation, Refusal, Tx};
use alcazar_directory::Sealed;
use alcazar_material::envelope;
use alcazar_store::{Record, Scope, ScopeKind, Table};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use wire_ssm::{InvalidKeyId, ParameterTier};

use super::Value;

/// The alias of the AWS managed key.
pub(crate) const DEFAULT_KEY: &str = "alias/aws/ssm";

/// That the AWS managed key is there.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct DefaultKey {
    since: Timestamp,
}

impl Record for DefaultKey {}

/// Whether the AWS managed key was asked for, by its name.
static DEFAULT_KEYS: Table<str, DefaultKey> = Table::new("ssm/default-keys", ScopeKind::Region);

/// A value that was encrypted, on its way into the store.
pub(crate) struct Sealing {
    pub(crate) value: Value,
    /// The AWS managed key was asked for the first time.
    first_use: bool,
}

impl Sealing {
    /// A value that is not encrypted.
    pub(crate) fn clear(value: &SecretText) -> Self {
        Self { value: Value::Clear(value.clone()), first_use: false }
    }

    /// Remembers that the AWS managed key is there.
    pub(crate) fn note(&self, tx: &mut Tx<'_>, scope: Scope) -> Result<(), Failure> {
        match self.first_use {
            true => tx.put(&DEFAULT_KEYS, scope, DEFAULT_KEY, &DefaultKey { since: tx.now() }),
            false => Ok(()),
        }
    }
}

/// Encrypts a value of a parameter of the caller's account under that key.
pub(crate) async fn seal<O>(
    call: &Call<O>,
    arn: &Arn,
    key_id: &str,
    tier: ParameterTier,
    value: &SecretText,
) -> Result<Sealing, Refusal<O::Shape>>
where
    O: Operation,
    O::Shape: Declares<InvalidKeyId>,
{
    let first_use = key_id == DEFAULT_KEY && made_default(call).await?;
    let value = match tier {
        ParameterTier::Advanced => enveloped(call, arn, key_id, value).await?,
        ParameterTier::Standard | ParameterTier::IntelligentTiering => {
            let plaintext = SecretBytes::new(value.expose().as_bytes().to_vec());
            let input = wire_kms::EncryptRequest {
                encryption_context: Some(context(arn)),
                ..wire_kms::EncryptRequest::new(key_id.to_owned(), plaintext)
            };
            let answer = call.ask::<wire_kms::Encrypt>(input).await.map_err(told)?;
            Value::Direct(Sealed(answer.ciphertext_blob.ok_or_else(nothing)?))
        }
    };
    Ok(Sealing { value, first_use })
}

async fn enveloped<O>(
    call: &Call<O>,
    arn: &Arn,
    key_id: &str,
    value: &SecretText,
) -> Result<Value, Refusal<O::Shape>>
where
    O: Operation,
    O::Shape: Declares<InvalidKeyId>,
{
    let input = wire_kms::GenerateDataKeyRequest {
        encryption_context: Some(context(arn)),
        key_spec: Some(wire_kms::DataKeySpec::Aes256),
        ..wire_kms::GenerateDataKeyRequest::new(key_id.to_owned())
    };
    let answer = call.ask::<wire_kms::GenerateDataKey>(input).await.map_err(told)?;
    let (key, data_key) =
        (answer.plaintext.ok_or_else(nothing)?, answer.ciphertext_blob.ok_or_else(nothing)?);
    let sealed = envelope::seal(key.expose(), call.random(), &place(arn), value.expose().as_bytes())
        .map_err(|_| Failure::internal("a value could not be encrypted"))?;
    Ok(Value::Envelope { data_key: Sealed(data_key), value: Sealed(sealed) })
}

/// A value in the clear: as it is, or decrypted.
pub(crate) async fn open<O>(call: &Call<O>, arn: &Arn, value: &Value) -> Result<SecretText, Refusal<O::Shape>>
where
    O: Operation,
    O::Shape: Declares<InvalidKeyId>,
{
    let ciphertext = match value {
        Value::Clear(text) => return Ok(text.clone()),
        Value::Direct(ciphertext) | Value::Envelope { data_key: ciphertext, .. } => ciphertext.0.clone(),
    };
    let input = wire_kms::DecryptRequest {
        ciphertext_blob: Some(ciphertext),
        encryption_context: Some(context(arn)),
        ..Default::default()
    };
    let answer = call.ask::<wire_kms::Decrypt>(input).await.map_err(told)?;
    let plaintext = answer.plaintext.ok_or_else(nothing)?;
    let text = match value {
        Value::Envelope { value, .. } => {
            let opened = envelope::open(plaintext.expose(), &place(arn), &value.0)
                .map_err(|_| Failure::internal("a stored value does not open"))?;
            std::str::from_utf8(&opened).map_err(Failure::internal)?.to_owned()
        }
        _ => std::str::from_utf8(plaintext.expose()).map_err(Failure::internal)?.to_owned(),
    };
    Ok(SecretText::new(text))
}

/// A value as who does not ask for decryption reads it: a SecureString's ciphertext in base64.
pub(crate) fn shut(value: &Value) -> SecretText {
    match value {
        Value::Clear(text) => text.clone(),
        Value::Direct(ciphertext) => SecretText::new(STANDARD.encode(&ciphertext.0)),
        Value::Envelope { data_key, value } => {
            SecretText::new(STANDARD.encode([data_key.0.as_slice(), value.0.as_slice()].concat()))
        }
    }
}

/// Has the AWS managed key made, if it was never asked for here.
async fn made_default<O>(call: &Call<O>) -> Result<bool, Refusal<O::Shape>>
where
    O: Operation,
    O::Shape: Declares<InvalidKeyId>,
{
    if call.view().get(&DEFAULT_KEYS, call.here(), DEFAULT_KEY).await?.is_some() {
        return Ok(false);
    }
    let input = wire_kms::DescribeKeyRequest::new(DEFAULT_KEY.to_owned());
    let _ = call.ask::<wire_kms::DescribeKey>(input).await.map_err(told)?;
    Ok(true)
}

fn context(arn: &Arn) -> BTreeMap<String, String> {
    BTreeMap::from([("PARAMETER_ARN".to_owned(), arn.to_string())])
}

/// What a value is bound to beside its data key.
fn place(arn: &Arn) -> Vec<u8> {
    format!("ssm/value/{arn}").into_bytes()
}

fn nothing() -> Failure {
    Failure::internal("KMS gave no key and no text")
}

/// A refusal of KMS: a denial is told as it is, and what is wrong with the key in KMS's words.
fn told<S: Declares<InvalidKeyId>>(fault: Fault) -> Refusal<S> {
    if fault.is(Common::AccessDenied) {
        return Failure::common(Common::AccessDenied, fault.message().to_owned()).into();
    }
    match fault.kind() {
        FaultKind::Declared(_) | FaultKind::Common(Common::Validation) => {
            InvalidKeyId::new(fault.message().to_owned()).into()
        }
        _ => Failure::from(fault).into(),
    }
}
