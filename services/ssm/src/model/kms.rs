//! SecureString values under KMS, which is asked as the caller, with the parameter's ARN as encryption context: those of the standard tier
//! are encrypted by KMS itself, those of the advanced tier under a data key.
//! Source: KMS Developer Guide, "How AWS Systems Manager Parameter Store uses AWS KMS".

use alcazar_core::fault::FaultKind;
use alcazar_core::{Arn, Common, Declares, Fault, SecretBytes, SecretText};
use alcazar_corridor::{Call, Failure, Operation, Refusal, Tx};
use alcazar_directory::Sealed;
use alcazar_store::Scope;
use alcazar_values::{Context, Enveloped, ManagedKey, decrypt, generate_data_key, plaintext};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use wire_ssm::{InvalidKeyId, ParameterTier};

use super::Value;

/// The AWS managed key.
pub(crate) static DEFAULT_KEY: ManagedKey = ManagedKey::new("alias/aws/ssm", "ssm/default-keys");

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
            true => DEFAULT_KEY.note(tx, scope),
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
    let alias = DEFAULT_KEY.alias();
    let first_use =
        key_id == alias && DEFAULT_KEY.first_use(call, call.here(), alias.to_owned()).await.map_err(told)?;
    let value = match tier {
        ParameterTier::Advanced => enveloped(call, arn, key_id, value).await?,
        ParameterTier::Standard | ParameterTier::IntelligentTiering => {
            let plaintext = SecretBytes::new(value.expose().as_bytes().to_vec());
            let input = wire_kms::EncryptRequest {
                encryption_context: Some(context(arn)),
                ..wire_kms::EncryptRequest::new(key_id.to_owned(), plaintext)
            };
            let answer = call.ask::<wire_kms::Encrypt>(input).await.map_err(told)?;
            Value::Direct(Sealed(
                answer.ciphertext_blob.ok_or_else(|| Failure::internal("KMS gave no ciphertext"))?,
            ))
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
    let input = generate_data_key(key_id.to_owned(), context(arn));
    let answer = call.ask::<wire_kms::GenerateDataKey>(input).await.map_err(told)?;
    let text = value.expose().as_bytes();
    let Enveloped { data_key, value } = Enveloped::seal(answer, call.random(), &place(arn), text)?;
    Ok(Value::Envelope { data_key, value })
}

/// A value in the clear: as it is, or decrypted.
pub(crate) async fn open<O>(call: &Call<O>, arn: &Arn, value: &Value) -> Result<SecretText, Refusal<O::Shape>>
where
    O: Operation,
    O::Shape: Declares<InvalidKeyId>,
{
    let ciphertext = match value {
        Value::Clear(text) => return Ok(text.clone()),
        Value::Direct(ciphertext) | Value::Envelope { data_key: ciphertext, .. } => ciphertext,
    };
    let input = decrypt(ciphertext, context(arn));
    let answer = call.ask::<wire_kms::Decrypt>(input).await.map_err(told)?;
    let text = match value {
        Value::Envelope { value, .. } => text(&Enveloped::open(answer, &place(arn), value)?)?,
        Value::Direct(_) | Value::Clear(_) => text(plaintext(answer)?.expose())?,
    };
    Ok(text)
}

fn text(bytes: &[u8]) -> Result<SecretText, Failure> {
    let text = std::str::from_utf8(bytes).map_err(Failure::internal)?;
    Ok(SecretText::new(text.to_owned()))
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

fn context(arn: &Arn) -> Context {
    Context::from([("PARAMETER_ARN".to_owned(), arn.to_string())])
}

/// What a value is bound to beside its data key.
fn place(arn: &Arn) -> Vec<u8> {
    format!("ssm/value/{arn}").into_bytes()
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
