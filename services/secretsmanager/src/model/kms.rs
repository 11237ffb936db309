//! Values under KMS: each version has a data key of its own, which KMS gives and opens for the caller, bound to the secret and the version by the
//! encryption context. Source: Secrets Manager User Guide, "Secret encryption and decryption in AWS Secrets Manager".

use alcazar_core::fault::FaultKind;
use alcazar_core::{Arn, Common, Declares, Fault, Region};
use alcazar_corridor::{BuiltInRole, Call, Failure, JobCall, Operation, Refusal, Tx, View};
use alcazar_values::{Context, Enveloped, ManagedKey, decrypt, generate_data_key};
use wire_secretsmanager::{DecryptionFailure, EncryptionFailure};

use super::{Ciphertext, Given, Replica, ReplicaStatus, Secret, VALUES, Value};

/// The AWS managed key.
static DEFAULT_KEY: ManagedKey = ManagedKey::new("alias/aws/secretsmanager", "secretsmanager/default-keys");

const NOT_ENCRYPTED: &str = "Secrets Manager can't encrypt the protected secret text using the provided KMS key. Check that the KMS key is available, enabled, and not in an invalid state.";

/// A value that was encrypted, on its way into the store.
pub(crate) struct Sealing {
    key: (String, String),
    row: Ciphertext,
    /// The AWS managed key was asked for the first time.
    first_use: bool,
}

impl Sealing {
    /// Stores it.
    pub(crate) fn put(&self, tx: &mut Tx<'_>, secret: &Secret) -> Result<(), Failure> {
        if self.first_use {
            DEFAULT_KEY.note(tx, secret.scope())?;
        }
        tx.put(&VALUES, secret.scope(), &self.key, &self.row)
    }
}

/// The key that a request names; none, and the AWS managed key by its name, are the same.
pub(crate) fn chosen_key(named: Option<&str>) -> Option<String> {
    named.filter(|named| !named.is_empty() && *named != DEFAULT_KEY.alias()).map(str::to_owned)
}

/// The ARN of a key that a request names by id or ARN; an alias has none that is known without asking.
pub(crate) fn key_arn(named: Option<&str>, view: &View) -> Option<String> {
    let named = named.filter(|named| !named.is_empty() && !named.starts_with("alias/"))?;
    if named.starts_with("arn:") {
        return Some(named.to_owned());
    }
    let region = view.region();
    let (partition, account, resource) = (region.partition().name, view.account(), format!("key/{named}"));
    Some(Arn::new(partition, "kms", region.name(), account.as_str(), &resource).to_string())
}

/// Encrypts a value for a version of a secret under that key, as the caller.
pub(crate) async fn seal<O>(
    call: &Call<O>,
    secret: &Secret,
    kms_key_id: Option<&str>,
    version_id: &str,
    value: &Given<'_>,
) -> Result<Sealing, Refusal<O::Shape>>
where
    O: Operation,
    O::Shape: Declares<EncryptionFailure>,
{
    let first_use = kms_key_id.is_none() && made_default(call, secret).await?;
    let input = generate_data_key(qualified(call, secret, kms_key_id), context(secret, version_id));
    let answer = call.ask::<wire_kms::GenerateDataKey>(input).await.map_err(not_encrypted)?;
    let sealed = Enveloped::seal(answer, call.random(), &place(secret, version_id), value.bytes)?;
    let row = ciphertext(sealed, value.binary);
    Ok(Sealing { key: secret.value_key(version_id), row, first_use })
}

fn ciphertext(sealed: Enveloped, binary: bool) -> Ciphertext {
    Ciphertext { data_key: sealed.data_key, value: sealed.value, binary }
}

/// Decrypts the value of a version, as the caller; `None` when there is no such version.
pub(crate) async fn open<O>(
    call: &Call<O>,
    secret: &Secret,
    version_id: &str,
) -> Result<Option<Value>, Refusal<O::Shape>>
where
    O: Operation,
    O::Shape: Declares<DecryptionFailure>,
{
    let key = secret.value_key(version_id);
    let Some(row) = call.view().get(&VALUES, secret.scope(), &key).await? else { return Ok(None) };
    let input = decrypt(&row.data_key, context(secret, version_id));
    let answer = call.ask::<wire_kms::Decrypt>(input).await.map_err(not_decrypted)?;
    let value = Enveloped::open(answer, &place(secret, version_id), &row.value)?;
    Ok(Some(Value::of(&value, row.binary)?))
}

/// The key of a replica, in its Region, asked for as the caller: who has no right to it makes no replica under it. The AWS managed key is made if it
/// was never asked for there. What is wrong with the key itself is told as the replica's state, as AWS does.
pub(crate) async fn ask_for_key<O: Operation>(
    call: &Call<O>,
    replica: &mut Replica,
) -> Result<(), Refusal<O::Shape>> {
    let named = replica.kms_key_id.as_deref().unwrap_or(DEFAULT_KEY.alias()).to_owned();
    let asked = match replica.kms_key_id {
        None => {
            let input = wire_kms::DescribeKeyRequest::new(named);
            call.ask_in::<wire_kms::DescribeKey>(replica.region, input).await.map(drop)
        }
        Some(_) => {
            let input = wire_kms::GenerateDataKeyRequest {
                key_spec: Some(wire_kms::DataKeySpec::Aes256),
                ..wire_kms::GenerateDataKeyRequest::new(named)
            };
            call.ask_in::<wire_kms::GenerateDataKey>(replica.region, input).await.map(drop)
        }
    };
    match asked.map_err(told) {
        Ok(()) => Ok(()),
        Err(Ok(failure)) => Err(failure.into()),
        Err(Err(())) => {
            replica.status = ReplicaStatus::Failed;
            replica.message = Some(NOT_ENCRYPTED.to_owned());
            Ok(())
        }
    }
}

/// The value of a version, encrypted anew for a replica, by the service's own role.
pub(crate) async fn copy_value(
    call: &JobCall,
    role: &'static BuiltInRole,
    from: &Secret,
    to: &Secret,
    version_id: &str,
) -> Result<Option<Ciphertext>, Fault> {
    let row = call.view().get(&VALUES, from.scope(), &from.value_key(version_id)).await;
    let Some(row) = row.map_err(Failure::into_fault)? else { return Ok(None) };
    let input = decrypt(&row.data_key, context(from, version_id));
    let answer = call.ask_as_role::<wire_kms::Decrypt>(role, input).await?;
    let value = Enveloped::open(answer, &place(from, version_id), &row.value).map_err(Failure::into_fault)?;
    let named = to.kms_key_id.as_deref().unwrap_or(DEFAULT_KEY.alias()).to_owned();
    let input = generate_data_key(named, context(to, version_id));
    let region = Region::named(to.arn.region()).unwrap_or_default();
    let answer = call.ask_as_role_in::<wire_kms::GenerateDataKey>(region, role, input).await?;
    let sealed = Enveloped::seal(answer, call.random(), &place(to, version_id), &value);
    Ok(Some(ciphertext(sealed.map_err(Failure::into_fault)?, row.binary)))
}

/// Whether the version has that value already. Who asks needs the right to decrypt it.
pub(crate) async fn same_value<O>(
    call: &Call<O>,
    secret: &Secret,
    version_id: &str,
    given: &Given<'_>,
) -> Result<bool, Refusal<O::Shape>>
where
    O: Operation,
    O::Shape: Declares<DecryptionFailure>,
{
    Ok(open(call, secret, version_id).await?.is_some_and(|held| held.is(given)))
}

/// Has the AWS managed key made, if it was never asked for here.
async fn made_default<O>(call: &Call<O>, secret: &Secret) -> Result<bool, Refusal<O::Shape>>
where
    O: Operation,
    O::Shape: Declares<EncryptionFailure>,
{
    let named = qualified(call, secret, None);
    DEFAULT_KEY.first_use(call, secret.scope(), named).await.map_err(not_encrypted)
}

/// The key as KMS is asked for it: of the secret's account, whoever calls.
fn qualified<O: Operation>(call: &Call<O>, secret: &Secret, named: Option<&str>) -> String {
    let named = named.unwrap_or(DEFAULT_KEY.alias());
    if named.starts_with("arn:") || secret.account == call.account() {
        return named.to_owned();
    }
    let resource = if named.starts_with("alias/") { named.to_owned() } else { format!("key/{named}") };
    call.arn("kms", call.region().name(), secret.account, &resource).to_string()
}

fn context(secret: &Secret, version_id: &str) -> Context {
    Context::from([
        ("SecretARN".to_owned(), secret.arn.to_string()),
        ("SecretVersionId".to_owned(), version_id.to_owned()),
    ])
}

/// What a value is bound to beside its data key.
fn place(secret: &Secret, version_id: &str) -> Vec<u8> {
    format!("secretsmanager/value/{}/{version_id}", secret.arn).into_bytes()
}

fn not_encrypted<S: Declares<EncryptionFailure>>(fault: Fault) -> Refusal<S> {
    match told(fault) {
        Ok(failure) => failure.into(),
        Err(()) => EncryptionFailure::new(NOT_ENCRYPTED).into(),
    }
}

fn not_decrypted<S: Declares<DecryptionFailure>>(fault: Fault) -> Refusal<S> {
    match told(fault) {
        Ok(failure) => failure.into(),
        Err(()) => DecryptionFailure::new(
            "Secrets Manager can't decrypt the protected secret text using the provided KMS key.",
        )
        .into(),
    }
}

/// A refusal of KMS that is no matter of the key's state, in Secrets Manager's words.
fn told(fault: Fault) -> Result<Failure, ()> {
    if fault.is(Common::AccessDenied) {
        return Ok(Failure::common(Common::AccessDenied, "Access to KMS is not allowed"));
    }
    match fault.kind() {
        FaultKind::Declared(_) => Err(()),
        _ => Ok(fault.into()),
    }
}
