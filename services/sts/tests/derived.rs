//! What every operation of the service owes, derived from its list.

use alcazar_sts::SERVICE;

#[tokio::test]
async fn every_operation_refuses_strangers_and_records_everyone() {
    insta::assert_snapshot!(alcazar_testkit::derived(&[SERVICE]).await, @"
    sts:AssumeRole: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 19, root 403 AccessDenied
    sts:GetAccessKeyInfo: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 3, root 200
    sts:GetCallerIdentity: unsigned 403 MissingAuthenticationToken, nobody 200, malformed 0, root 200
    sts:GetFederationToken: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 9, root 200
    sts:GetSessionToken: unsigned 403 MissingAuthenticationToken, nobody 200, malformed 8, root 200
    ");
}
