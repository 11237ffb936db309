use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use alcazar_material::{EncryptionContext, Header, KeyId, KeySpec, KeyUsage, Material};
use alcazar_ports::{Entropy, SystemEntropy};
use alcazar_sigv4::{Presented, SigningKey, SigningKeyCache};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

/// The secret of whoever calls.
const SECRET: &str = "floorSecretAccessKey/floorSecretKEY00000";
const KEY: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";

/// One key, ready for use.
pub(crate) struct Encrypt {
    material: Material,
    header: Header,
    signing_keys: SigningKeyCache,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input<'a> {
    #[serde(borrow)]
    key_id: Cow<'a, str>,
    #[serde(borrow)]
    plaintext: Cow<'a, str>,
    #[serde(borrow, default)]
    encryption_context: BTreeMap<Cow<'a, str>, Cow<'a, str>>,
}

impl Encrypt {
    #[expect(clippy::expect_used, reason = "without its key the floor cannot be measured")]
    pub(crate) fn new() -> Self {
        let material = Material::generate(KeySpec::SymmetricDefault, KeyUsage::EncryptDecrypt, &random)
            .expect("material can be made");
        let key = KeyId::from_text(KEY).expect("a key id");
        let header = Header { key, material: material.id(&key).expect("the material has an id") };
        Self { material, header, signing_keys: SigningKeyCache::new(16) }
    }

    /// The signing key of the one caller, kept from its first call.
    pub(crate) fn signing_key(&self, presented: &Presented<'_>) -> Arc<SigningKey> {
        let (id, scope) = (presented.access_key_id(), presented.scope());
        self.signing_keys.get(id, scope).unwrap_or_else(|| {
            let key = Arc::new(SigningKey::of(presented, SECRET));
            self.signing_keys.keep(id, scope, key.clone());
            key
        })
    }

    /// The answer's JSON; `None` for an input that is none.
    pub(crate) fn answer(&self, body: &[u8]) -> Option<Vec<u8>> {
        let input: Input<'_> = serde_json::from_slice(body).ok()?;
        let plaintext = STANDARD.decode(input.plaintext.as_bytes()).ok()?;
        let pairs = input.encryption_context.iter().map(|(key, value)| (&**key, &**value));
        let context = EncryptionContext::new(pairs).ok()?;
        let blob = self.material.encrypt(self.header, &context, &plaintext, &random).ok()?;
        let mut answer = String::with_capacity(blob.len() * 4 / 3 + 256);
        answer.push_str(r#"{"CiphertextBlob":""#);
        STANDARD.encode_string(&blob, &mut answer);
        answer.push_str(
            r#"","EncryptionAlgorithm":"SYMMETRIC_DEFAULT","KeyId":"arn:aws:kms:us-east-1:111122223333:key/"#,
        );
        answer.push_str(&input.key_id);
        answer.push_str(r#""}"#);
        Some(answer.into_bytes())
    }
}

fn random(bytes: &mut [u8]) {
    SystemEntropy.fill(bytes);
}
