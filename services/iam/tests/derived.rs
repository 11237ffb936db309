//! What every operation answers to whom: the golden of the derived checks.

use alcazar_iam::SERVICE;
use alcazar_testkit::derived;

#[tokio::test]
async fn strangers_are_refused_and_the_root_user_is_answered() {
    insta::assert_snapshot!(derived(&[SERVICE]).await, @"");
}
