#[tokio::test]
async fn every_operation_is_denied_unsigned_and_without_a_policy_and_refuses_what_the_model_does() {
    insta::assert_snapshot!(alcazar_testkit::derived(&[alcazar_kms::SERVICE]).await, @"
    kms:CancelKeyDeletion: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 3, root 200
    kms:ConnectCustomKeyStore: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 3, root 200
    kms:CreateAlias: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 6, root 200
    kms:CreateCustomKeyStore: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 19, root 200
    kms:CreateGrant: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 14, root 200
    kms:CreateKey: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 10, root 200
    kms:Decapsulate: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 6, root 200
    kms:Decrypt: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 3, root 200
    kms:DeleteAlias: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 3, root 200
    kms:DeleteCustomKeyStore: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 3, root 200
    kms:DeleteImportedKeyMaterial: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 5, root 200
    kms:DeriveSharedSecret: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 6, root 200
    kms:DescribeCustomKeyStores: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 8, root 200
    kms:DescribeKey: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 3, root 200
    kms:DisableKey: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 3, root 200
    kms:DisableKeyRotation: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 3, root 200
    kms:DisconnectCustomKeyStore: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 3, root 200
    kms:EnableKey: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 3, root 200
    kms:EnableKeyRotation: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 5, root 200
    kms:Encapsulate: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 5, root 200
    kms:Encrypt: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 5, root 200
    kms:GenerateDataKey: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 6, root 200
    kms:GenerateDataKeyPair: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 5, root 200
    kms:GenerateDataKeyPairWithoutPlaintext: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 5, root 200
    kms:GenerateDataKeyWithoutPlaintext: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 6, root 200
    kms:GenerateMac: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 6, root 200
    kms:GenerateRandom: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 4, root 200
    kms:GetKeyLastUsage: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 3, root 200
    kms:GetKeyPolicy: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 5, root 200
    kms:GetKeyRotationStatus: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 3, root 200
    kms:GetParametersForImport: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 7, root 200
    kms:GetPublicKey: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 3, root 200
    kms:ImportKeyMaterial: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 10, root 400 InvalidCiphertextException
    kms:ListAliases: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 6, root 200
    kms:ListGrants: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 13, root 200
    kms:ListKeyPolicies: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 7, root 200
    kms:ListKeyRotations: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 8, root 200
    kms:ListKeys: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 4, root 200
    kms:ListResourceTags: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 7, root 200
    kms:ListRetirableGrants: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 8, root 200
    kms:PutKeyPolicy: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 7, root 200
    kms:ReEncrypt: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 7, root 200
    kms:ReplicateKey: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 8, root 200
    kms:RetireGrant: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 6, root 200
    kms:RevokeGrant: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 6, root 200
    kms:RotateKeyOnDemand: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 3, root 200
    kms:ScheduleKeyDeletion: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 5, root 200
    kms:Sign: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 7, root 200
    kms:TagResource: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 4, root 200
    kms:UntagResource: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 4, root 200
    kms:UpdateAlias: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 6, root 200
    kms:UpdateCustomKeyStore: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 18, root 200
    kms:UpdateKeyDescription: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 5, root 200
    kms:UpdatePrimaryRegion: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 6, root 200
    kms:Verify: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 8, root 200
    kms:VerifyMac: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 7, root 200
    ");
}
