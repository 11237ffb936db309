//! What every operation of the service owes, derived from its list.

use alcazar_cloudtrail::SERVICE;

#[tokio::test]
async fn every_operation_refuses_strangers_and_records_everyone() {
    insta::assert_snapshot!(alcazar_testkit::derived(&[SERVICE]).await, @"cloudtrail:LookupEvents: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 3, root 200");
}
