//! Parameters as they are answered.

use std::sync::Arc;

use alcazar_core::fault::FaultKind;
use alcazar_core::{Common, Declares, Fault, SecretText};
use alcazar_corridor::{Call, Failure, Operation, Refusal};
use wire_ssm::{self as wire, InvalidKeyId, ParameterNotFound, ParameterType};

use super::catalogue::PublicParameter;
use super::{Found, Parameter, TEXT, Version, kms};

/// A version of a parameter with its value, decrypted if that is asked for.
pub(crate) async fn told<O>(
    call: &Call<O>,
    parameter: &Parameter,
    version: &Version,
    selector: Option<&str>,
    decrypt: bool,
) -> Result<wire::Parameter, Refusal<O::Shape>>
where
    O: Operation,
    O::Shape: Declares<InvalidKeyId>,
{
    Ok(wire::Parameter {
        name: Some(parameter.name.clone()),
        r#type: Some(version.r#type),
        value: Some(value(call, parameter, version, decrypt).await?),
        version: i64::try_from(version.number).ok(),
        selector: selector.map(|selector| format!(":{selector}")),
        source_result: None,
        last_modified_date: Some(version.modified_at),
        arn: Some(parameter.arn.to_string()),
        data_type: Some(version.data_type.clone()),
    })
}

/// The value of a version, decrypted if that is asked for.
pub(crate) async fn value<O>(
    call: &Call<O>,
    parameter: &Parameter,
    version: &Version,
    decrypt: bool,
) -> Result<SecretText, Refusal<O::Shape>>
where
    O: Operation,
    O::Shape: Declares<InvalidKeyId>,
{
    match decrypt {
        true => kms::open(call, &parameter.arn, &version.value).await,
        false => Ok(kms::shut(&version.value)),
    }
}

/// A public parameter, where it is published in the called Region.
pub(crate) fn told_public<O: Operation>(
    call: &Call<O>,
    parameter: &Arc<PublicParameter>,
    selector: Option<&str>,
) -> Option<wire::Parameter> {
    // It has one version: that of its last change.
    let this = selector.is_none_or(|selector| selector.parse() == Ok(parameter.version));
    let value = parameter.value(call.region()).filter(|_| this)?;
    let (region, name) = (call.region(), &parameter.name);
    Some(wire::Parameter {
        name: Some(name.clone()),
        r#type: Some(parameter.r#type),
        value: Some(value),
        version: i64::try_from(parameter.version).ok(),
        selector: selector.map(|selector| format!(":{selector}")),
        source_result: None,
        last_modified_date: Some(parameter.modified_at),
        arn: Some(format!("arn:{}:ssm:{}::parameter{name}", region.partition().name, region.name())),
        data_type: Some(parameter.data_type.clone()),
    })
}

/// A secret of Secrets Manager, which is asked as the caller.
/// Source: Systems Manager User Guide, "Referencing AWS Secrets Manager secrets from Parameter Store parameters".
pub(crate) async fn told_secret<O>(
    call: &Call<O>,
    found: &Found,
    id: &str,
    decrypt: bool,
) -> Result<wire::Parameter, Refusal<O::Shape>>
where
    O: Operation,
    O::Shape: Declares<ParameterNotFound>,
{
    secret(call, found, id, decrypt).await?.ok_or_else(|| {
        ParameterNotFound::new(format!(
            "An error occurred (ParameterNotFound) when referencing Secrets Manager: Secret {} not found.",
            found.name.as_str()
        ))
        .into()
    })
}

/// The same; `None` when there is no such secret.
pub(crate) async fn secret<O: Operation>(
    call: &Call<O>,
    found: &Found,
    id: &str,
    decrypt: bool,
) -> Result<Option<wire::Parameter>, Failure> {
    if !decrypt {
        let message = "WithDecryption flag must be True for retrieving a Secret Manager secret.";
        return Err(Failure::validation(message));
    }
    let selector = found.selector.as_deref();
    // Ids of versions have 32 characters at least; what is shorter is a staging label.
    let (version_id, version_stage) = match selector {
        Some(selector) if selector.len() >= 32 => (Some(selector.to_owned()), None),
        stage => (None, stage.map(str::to_owned)),
    };
    let mut input = wire_secretsmanager::GetSecretValueRequest::new(id.to_owned());
    (input.version_id, input.version_stage) = (version_id, version_stage);
    let secret = match call.ask::<wire_secretsmanager::GetSecretValue>(input).await {
        Ok(secret) => secret,
        Err(fault) => return refused(fault),
    };
    let source = serde_json::json!({
        "ARN": secret.arn,
        "name": secret.name,
        "versionId": secret.version_id,
        "versionStages": secret.version_stages,
    });
    let Some(value) = secret.secret_string else {
        // Bytes have no place in a parameter; the words are guessed.
        return Err(Failure::validation(
            "The secret has a binary value, which Parameter Store can't retrieve.",
        ));
    };
    Ok(Some(wire::Parameter {
        name: Some(found.name_alone().to_owned()),
        r#type: Some(ParameterType::SecureString),
        value: Some(value),
        version: Some(0),
        selector: selector.map(|selector| format!(":{selector}")),
        source_result: Some(source.to_string()),
        last_modified_date: secret.created_date,
        arn: secret.arn,
        data_type: Some(TEXT.to_owned()),
    }))
}

/// What Secrets Manager declares of secrets that are not there, or are to be deleted, is one thing here: there is none.
fn refused<T>(fault: Fault) -> Result<Option<T>, Failure> {
    match fault.kind() {
        FaultKind::Declared(shape) => match shape.name {
            "ResourceNotFoundException" | "InvalidRequestException" => Ok(None),
            _ => Err(Failure::validation(fault.message().to_owned())),
        },
        FaultKind::Common(Common::AccessDenied) => {
            Err(Failure::common(Common::AccessDenied, fault.message().to_owned()))
        }
        _ => Err(fault.into()),
    }
}
