use alcazar_material as engine;
use wire_kms::{
    CustomerMasterKeySpec, EncapsulationAlgorithmSpec, EncryptionAlgorithmSpec, ExpirationModelType,
    KeyAgreementAlgorithmSpec, KeyMetadata, KeySpec, KeyState, KeyUsageType, MacAlgorithmSpec, OriginType,
    SigningAlgorithmSpec, XksKeyConfigurationType,
};

use super::{Key, KeyMaterial};

/// The algorithms that a key supports: one of the lists, by its usage.
#[derive(Debug, Default)]
pub(crate) struct Algorithms {
    pub(crate) encryption: Option<Vec<EncryptionAlgorithmSpec>>,
    pub(crate) signing: Option<Vec<SigningAlgorithmSpec>>,
    pub(crate) mac: Option<Vec<MacAlgorithmSpec>>,
    pub(crate) agreement: Option<Vec<KeyAgreementAlgorithmSpec>>,
    pub(crate) encapsulation: Option<Vec<EncapsulationAlgorithmSpec>>,
}

/// What a key of that spec and usage supports.
pub(crate) fn algorithms(spec: KeySpec, usage: KeyUsageType) -> Algorithms {
    let mut told = Algorithms::default();
    let Some(spec) = engine::KeySpec::from_text(spec.as_str()) else { return told };
    match usage {
        KeyUsageType::EncryptDecrypt => {
            let known = spec.encryption_algorithms().iter();
            told.encryption =
                Some(known.filter_map(|a| EncryptionAlgorithmSpec::from_wire(a.text())).collect());
        }
        KeyUsageType::SignVerify => {
            let known = spec.signing_algorithms().iter();
            told.signing = Some(known.filter_map(|a| SigningAlgorithmSpec::from_wire(a.text())).collect());
        }
        KeyUsageType::GenerateVerifyMac => {
            let known = spec.mac_algorithms().iter();
            told.mac = Some(known.filter_map(|a| MacAlgorithmSpec::from_wire(a.text())).collect());
        }
        KeyUsageType::KeyAgreement => told.agreement = Some(vec![KeyAgreementAlgorithmSpec::Ecdh]),
        KeyUsageType::EncapsulateDecapsulate => {
            let known = spec.encapsulation_algorithms().iter();
            told.encapsulation =
                Some(known.filter_map(|a| EncapsulationAlgorithmSpec::from_wire(a.text())).collect());
        }
    }
    told
}

/// A key as CreateKey and DescribeKey tell it. Source: KMS API reference, `KeyMetadata`.
pub(crate) fn metadata(key: &Key) -> KeyMetadata {
    let algorithms = algorithms(key.spec, key.usage);
    let state = key.state();
    // Asymmetric and HMAC keys have one material for life; only what can be rotated tells which is the current one.
    let rotates = key.spec == KeySpec::SymmetricDefault && key.custody.is_none();
    KeyMetadata {
        aws_account_id: Some(key.account.to_string()),
        key_id: key.id.clone(),
        arn: Some(key.arn.to_string()),
        creation_date: Some(key.created_at),
        enabled: Some(state == KeyState::Enabled),
        description: Some(key.description.clone()),
        key_usage: Some(key.usage),
        key_state: Some(state),
        deletion_date: key.deletion.map(|(date, _)| date),
        valid_to: key.material.iter().filter_map(|material| material.expires_at).min(),
        origin: Some(key.origin),
        expiration_model: expiration(key, &key.material),
        key_manager: Some(key.manager),
        customer_master_key_spec: CustomerMasterKeySpec::from_wire(key.spec.as_str()),
        key_spec: Some(key.spec),
        encryption_algorithms: algorithms.encryption,
        signing_algorithms: algorithms.signing,
        mac_algorithms: algorithms.mac,
        key_agreement_algorithms: algorithms.agreement,
        encapsulation_algorithms: algorithms.encapsulation,
        custom_key_store_id: key.custody.as_ref().map(|custody| custody.store_id.clone()),
        xks_key_configuration: key
            .custody
            .as_ref()
            .map(|custody| XksKeyConfigurationType { id: Some(custody.xks_key_id.clone()) }),
        multi_region: Some(key.regions.is_some()),
        multi_region_configuration: key.multi_region_configuration(),
        pending_deletion_window_in_days: key.deletion_window,
        current_key_material_id: key.material.last().filter(|_| rotates).map(|material| material.id.clone()),
        ..KeyMetadata::default()
    }
}

/// Whether any of that material expires. Told of imported material alone, while there is some.
pub(crate) fn expiration(key: &Key, material: &[KeyMaterial]) -> Option<ExpirationModelType> {
    let mut there = material.iter().filter(|material| material.sealed.is_some()).peekable();
    if key.origin != OriginType::External || there.peek().is_none() {
        return None;
    }
    Some(if there.any(|material| material.expires_at.is_some()) {
        ExpirationModelType::KeyMaterialExpires
    } else {
        ExpirationModelType::KeyMaterialDoesNotExpire
    })
}
