//! What every operation of the service owes, derived from its list.

use alcazar_admin::SERVICE;

#[tokio::test]
async fn every_operation_refuses_strangers_and_records_everyone() {
    insta::assert_snapshot!(alcazar_testkit::derived(&[SERVICE]).await, @"
    alcazar:AdvanceClock: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 3, root 200
    alcazar:CreateAccount: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 3, root 200
    alcazar:CreateXksProxyCredential: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 3, root 200
    alcazar:DeleteXksProxyCredential: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 3, root 200
    alcazar:DescribeAccount: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 3, root 200
    alcazar:GetClock: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 0, root 200
    alcazar:GetUsage: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 6, root 200
    alcazar:ListAccounts: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 4, root 200
    alcazar:ListXksProxyCredentials: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 4, root 200
    ");
}
