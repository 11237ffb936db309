//! An alias stands for a key of its own account and Region, and for nothing else: least of all for another alias.
//! Source: KMS API reference, `CreateAlias` and `UpdateAlias`, TargetKeyId.

use alcazar_core::Region;
use serde_json::json;

use crate::people::{OTHER, call, key, outcome, world};

#[tokio::test]
async fn an_alias_is_never_of_an_alias_another_account_or_another_region() {
    let mut world = world().await;
    let other = world.account(OTHER).await;
    let (id, _) = key(&world, json!({})).await;
    let theirs = call(&world, &other, "kms:CreateKey", json!({})).await.ok().text("/KeyMetadata/Arn");
    let taken = json!({"AliasName": "alias/theirs", "TargetKeyId": theirs});
    let _ = call(&world, &other, "kms:CreateAlias", taken).await.ok();
    world.region = Region::named("eu-west-1").unwrap();
    let (_, elsewhere) = key(&world, json!({})).await;
    world.region = Region::default();
    let managed = call(&world, &world.root, "kms:DescribeKey", json!({"KeyId": "alias/aws/s3"})).await.ok();
    for name in ["alias/one", "alias/two"] {
        let input = json!({"AliasName": name, "TargetKeyId": id});
        let _ = call(&world, &world.root, "kms:CreateAlias", input).await.ok();
    }
    let alias_arn = |account: &str, name: &str| format!("arn:aws:kms:us-east-1:{account}:{name}");
    let mut told = Vec::new();
    for (operation, name) in [("CreateAlias", "alias/new"), ("UpdateAlias", "alias/two")] {
        for (what, target) in [
            ("itself", name.to_owned()),
            ("an alias", "alias/one".to_owned()),
            ("an alias by its ARN", alias_arn("111122223333", "alias/one")),
            ("another account's alias", alias_arn(OTHER, "alias/theirs")),
            ("another account's key", theirs.clone()),
            ("another Region's key", elsewhere.clone()),
            ("AWS's own key", managed.text("/KeyMetadata/KeyId")),
            ("no key", "8c7654ec-fd7b-4b62-bb80-000000000000".to_owned()),
            ("no name of a key", "key/one".to_owned()),
            ("nothing", String::new()),
        ] {
            let input = json!({"AliasName": name, "TargetKeyId": target});
            let answer = call(&world, &world.root, &format!("kms:{operation}"), input).await;
            let told_of_it =
                outcome(&answer).replace(&theirs, "<their key>").replace(&elsewhere, "<that key>");
            let told_of_it = told_of_it.replace(&managed.text("/KeyMetadata/Arn"), "<AWS's key>");
            told.push(format!("{operation} to {what}: {told_of_it}"));
        }
    }
    insta::assert_snapshot!(told.join("\n"), @"
    CreateAlias to itself: 400 NotFoundException: Invalid keyId 'alias/new'
    CreateAlias to an alias: 400 NotFoundException: Invalid keyId 'alias/one'
    CreateAlias to an alias by its ARN: 400 NotFoundException: Invalid arn arn:aws:kms:us-east-1:111122223333:alias/one
    CreateAlias to another account's alias: 400 AccessDeniedException: User: arn:aws:iam::111122223333:root is not authorized to perform: kms:CreateAlias on this resource because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access
    CreateAlias to another account's key: 400 AccessDeniedException: User: arn:aws:iam::111122223333:root is not authorized to perform: kms:CreateAlias on this resource because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access
    CreateAlias to another Region's key: 400 NotFoundException: Invalid arn eu-west-1
    CreateAlias to AWS's own key: 400 AccessDeniedException: User: arn:aws:iam::111122223333:root is not authorized to perform: kms:CreateAlias on resource: <AWS's key> because no resource-based policy allows the kms:CreateAlias action
    CreateAlias to no key: 400 NotFoundException: Key 'arn:aws:kms:us-east-1:111122223333:key/8c7654ec-fd7b-4b62-bb80-000000000000' does not exist
    CreateAlias to no name of a key: 400 NotFoundException: Invalid keyId 'key/one'
    CreateAlias to nothing: 400 ValidationException: 1 validation error detected: Value '' at 'targetKeyId' failed to satisfy constraint: Member must have length greater than or equal to 1
    UpdateAlias to itself: 400 NotFoundException: Invalid keyId 'alias/two'
    UpdateAlias to an alias: 400 NotFoundException: Invalid keyId 'alias/one'
    UpdateAlias to an alias by its ARN: 400 NotFoundException: Invalid arn arn:aws:kms:us-east-1:111122223333:alias/one
    UpdateAlias to another account's alias: 400 AccessDeniedException: User: arn:aws:iam::111122223333:root is not authorized to perform: kms:UpdateAlias on this resource because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access
    UpdateAlias to another account's key: 400 AccessDeniedException: User: arn:aws:iam::111122223333:root is not authorized to perform: kms:UpdateAlias on this resource because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access
    UpdateAlias to another Region's key: 400 NotFoundException: Invalid arn eu-west-1
    UpdateAlias to AWS's own key: 400 AccessDeniedException: User: arn:aws:iam::111122223333:root is not authorized to perform: kms:UpdateAlias on resource: <AWS's key> because no resource-based policy allows the kms:UpdateAlias action
    UpdateAlias to no key: 400 NotFoundException: Key 'arn:aws:kms:us-east-1:111122223333:key/8c7654ec-fd7b-4b62-bb80-000000000000' does not exist
    UpdateAlias to no name of a key: 400 NotFoundException: Invalid keyId 'key/one'
    UpdateAlias to nothing: 400 ValidationException: 1 validation error detected: Value '' at 'targetKeyId' failed to satisfy constraint: Member must have length greater than or equal to 1
    ");
    // Both aliases stand for the key that they stood for.
    for name in ["alias/one", "alias/two"] {
        let described = call(&world, &world.root, "kms:DescribeKey", json!({"KeyId": name})).await.ok();
        assert_eq!(described.text("/KeyMetadata/KeyId"), id);
    }
    assert_eq!(
        outcome(&call(&world, &world.root, "kms:DescribeKey", json!({"KeyId": "alias/new"})).await),
        "400 NotFoundException: Alias arn:aws:kms:us-east-1:111122223333:alias/new is not found."
    );
}

/// Names that two keys take from each other.
#[tokio::test]
async fn aliases_change_places_and_each_key_knows_its_own() {
    let world = world().await;
    let ((one, _), (two, _)) = (key(&world, json!({})).await, key(&world, json!({})).await);
    for (name, id) in [("alias/one", &one), ("alias/two", &two)] {
        let input = json!({"AliasName": name, "TargetKeyId": id});
        let _ = call(&world, &world.root, "kms:CreateAlias", input).await.ok();
    }
    for (name, id) in [("alias/one", &two), ("alias/two", &one), ("alias/two", &one)] {
        let input = json!({"AliasName": name, "TargetKeyId": id});
        let _ = call(&world, &world.root, "kms:UpdateAlias", input).await.ok();
    }
    for (id, name) in [(&one, "alias/two"), (&two, "alias/one")] {
        let listed = call(&world, &world.root, "kms:ListAliases", json!({"KeyId": id})).await.ok().json();
        let names: Vec<_> =
            listed["Aliases"].as_array().unwrap().iter().map(|alias| &alias["AliasName"]).collect();
        assert_eq!(names, [name]);
    }
}
