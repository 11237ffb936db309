//! The worlds of the operations' examples: a key, kept as `${key}`.

type World = &'static [(&'static str, &'static str, &'static [(&'static str, &'static str)])];

/// A symmetric encryption key.
pub(crate) const KEY: World = &[("kms:CreateKey", "{}", &[("key", "/KeyMetadata/KeyId")])];

/// A signing key.
pub(crate) const SIGNING: World = &[(
    "kms:CreateKey",
    r#"{"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}"#,
    &[("key", "/KeyMetadata/KeyId")],
)];

/// An HMAC key.
pub(crate) const HMAC: World = &[(
    "kms:CreateKey",
    r#"{"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}"#,
    &[("key", "/KeyMetadata/KeyId")],
)];

/// A key for encapsulating secrets.
pub(crate) const KEM: World = &[(
    "kms:CreateKey",
    r#"{"KeySpec": "ML_KEM_768", "KeyUsage": "ENCAPSULATE_DECAPSULATE"}"#,
    &[("key", "/KeyMetadata/KeyId")],
)];

/// A key that waits for its material.
pub(crate) const EXTERNAL: World =
    &[("kms:CreateKey", r#"{"Origin": "EXTERNAL"}"#, &[("key", "/KeyMetadata/KeyId")])];

/// A key with a grant to the account's root user, who may retire it.
pub(crate) const GRANT: World = &[
    ("kms:CreateKey", "{}", &[("key", "/KeyMetadata/KeyId")]),
    (
        "kms:CreateGrant",
        r#"{"KeyId": "${key}", "GranteePrincipal": "arn:aws:iam::111122223333:root", "RetiringPrincipal": "arn:aws:iam::111122223333:root", "Operations": ["Encrypt"]}"#,
        &[("grant", "/GrantId"), ("token", "/GrantToken")],
    ),
];

/// A key with an alias.
pub(crate) const ALIAS: World = &[
    ("kms:CreateKey", "{}", &[("key", "/KeyMetadata/KeyId")]),
    ("kms:CreateAlias", r#"{"AliasName": "alias/one", "TargetKeyId": "${key}"}"#, &[]),
];

/// The input of an external key store, behind the proxy that every test world has.
pub(crate) const STORE: &str = r#"{"CustomKeyStoreName": "outside", "CustomKeyStoreType": "EXTERNAL_KEY_STORE", "XksProxyConnectivity": "PUBLIC_ENDPOINT", "XksProxyUriEndpoint": "https://xks.example.com", "XksProxyUriPath": "/test/kms/xks/v1", "XksProxyAuthenticationCredential": {"AccessKeyId": "ABCDEFGHIJKLMNOPQRST", "RawSecretAccessKey": "an/external/key/store/proxys/secret/example/"}}"#;

/// An external key store that was never connected.
pub(crate) const STORED: World = &[("kms:CreateCustomKeyStore", STORE, &[("store", "/CustomKeyStoreId")])];

/// An external key store that is being connected.
pub(crate) const CONNECTING: World = &[
    ("kms:CreateCustomKeyStore", STORE, &[("store", "/CustomKeyStoreId")]),
    ("kms:ConnectCustomKeyStore", r#"{"CustomKeyStoreId": "${store}"}"#, &[]),
];
