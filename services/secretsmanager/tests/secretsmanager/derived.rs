use alcazar_corridor::ServiceEntry;

/// What Secrets Manager asks of KMS, and what the examples of that need.
const ASKED: [&str; 5] = ["CreateKey", "Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey"];

#[tokio::test]
async fn every_operation_is_denied_unsigned_and_without_a_policy_and_refuses_what_the_model_does() {
    let asked = alcazar_kms::SERVICE.operations.iter().filter(|entry| ASKED.contains(&entry.operation.name));
    let operations = asked.copied().collect::<Vec<_>>().leak();
    let kms = ServiceEntry { operations, ..alcazar_kms::SERVICE };
    let told = alcazar_testkit::derived(&[alcazar_secretsmanager::SERVICE, kms]).await;
    let ours: Vec<&str> = told.lines().filter(|line| line.starts_with("secretsmanager:")).collect();
    insta::assert_snapshot!(ours.join("\n"), @"
    secretsmanager:BatchGetSecretValue: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 4, root 200
    secretsmanager:CancelRotateSecret: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 3, root 200
    secretsmanager:CreateSecret: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 12, root 200
    secretsmanager:DeleteResourcePolicy: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 5, root 200
    secretsmanager:DeleteSecret: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 3, root 200
    secretsmanager:DescribeSecret: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 3, root 200
    secretsmanager:GetRandomPassword: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 3, root 200
    secretsmanager:GetResourcePolicy: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 5, root 200
    secretsmanager:GetSecretValue: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 7, root 200
    secretsmanager:ListResourcePolicies: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 7, root 200
    secretsmanager:ListSecretVersionIds: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 7, root 200
    secretsmanager:ListSecrets: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 6, root 200
    secretsmanager:PutResourcePolicy: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 8, root 200
    secretsmanager:PutSecretValue: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 9, root 200
    secretsmanager:RemoveRegionsFromReplication: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 4, root 200
    secretsmanager:ReplicateSecretToRegions: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 4, root 200
    secretsmanager:RestoreSecret: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 3, root 200
    secretsmanager:RotateSecret: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 8, root 200
    secretsmanager:StopReplicationToReplica: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 3, root 200
    secretsmanager:TagResource: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 4, root 200
    secretsmanager:UntagResource: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 4, root 200
    secretsmanager:UpdateSecret: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 10, root 200
    secretsmanager:UpdateSecretVersionStage: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 10, root 200
    secretsmanager:ValidateResourcePolicy: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 5, root 200
    ");
}
