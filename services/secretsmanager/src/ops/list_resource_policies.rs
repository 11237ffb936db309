//! ListResourcePolicies: the names of a secret's resource policies; the one without a name is not among them (guessed).
//! Source: Secrets Manager API reference, `ListResourcePolicies`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_secretsmanager as wire;

use crate::model::{Found, list, not_deleted};

pub(crate) struct ListResourcePolicies;

impl Operation for ListResourcePolicies {
    type Shape = wire::ListResourcePolicies;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::of(&input.secret_id, view).await?;
        let guard = found.guard(view);
        Ok(Located::new(found).need(wire::actions::LIST_RESOURCE_POLICIES, guard, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let secret = call.target().secret()?;
        not_deleted(secret)?;
        let told = |name: &String| wire::ResourcePolicySummary { policy_name: Some(name.clone()) };
        let names = secret.policies.keys().map(told).collect();
        let token = input.next_token.as_deref();
        let page = list(&call, names, secret.arn.as_str(), token, input.max_results)?;
        let answer =
            wire::ListResourcePoliciesResponse { resource_policies: page.items, next_token: page.next };
        call.answer(answer).await
    }

    fn example() -> Example {
        Example {
            world: &[("secretsmanager:CreateSecret", r#"{"Name": "app/db", "SecretString": "one"}"#, &[])],
            input: r#"{"SecretId": "app/db"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::test::{call, outcome, secret, told, user, world};

    fn policy(effect: &str, principal: &str) -> String {
        let statement = json!({"Effect": effect, "Principal": {"AWS": principal}, "Action": "secretsmanager:GetSecretValue", "Resource": "*"});
        json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
    }

    #[tokio::test]
    async fn policies_with_names_all_count_and_are_listed_put_and_removed_by_name() {
        let world = world().await;
        let _ = secret(&world, "app/db").await;
        let reader = user(&world, "reader", &["sts:GetCallerIdentity"]).await;
        let arn = "arn:aws:iam::111122223333:user/reader";
        let get = json!({"SecretId": "app/db"}).to_string();
        let mut reads = Vec::new();
        for (name, effect) in [("in", "Allow"), ("out", "Deny")] {
            let input =
                json!({"SecretId": "app/db", "PolicyName": name, "ResourcePolicy": policy(effect, arn)});
            let put = call(&world, "PutResourcePolicy", input).await.ok().json();
            assert_eq!(put["PolicyName"], name);
            reads.push(told(&world.call_as(&reader, "secretsmanager:GetSecretValue", &get).await));
        }
        assert_eq!(reads[0], "200");
        assert!(reads[1].contains("with an explicit deny in a resource-based policy"), "{}", reads[1]);
        let listed = call(&world, "ListResourcePolicies", json!({"SecretId": "app/db"})).await.ok().json();
        assert_eq!(listed["ResourcePolicies"], json!([{"PolicyName": "in"}, {"PolicyName": "out"}]));
        let out = json!({"SecretId": "app/db", "PolicyName": "out"});
        let held = call(&world, "GetResourcePolicy", out.clone()).await.ok().json();
        assert_eq!(held["ResourcePolicy"], policy("Deny", arn));
        let _ = call(&world, "DeleteResourcePolicy", out.clone()).await.ok();
        assert_eq!(told(&world.call_as(&reader, "secretsmanager:GetSecretValue", &get).await), "200");
        assert_eq!(
            outcome(&world, "GetResourcePolicy", out).await,
            "400 ResourceNotFoundException: Secrets Manager can't find the specified resource policy."
        );
        let unnamed = call(&world, "GetResourcePolicy", json!({"SecretId": "app/db"})).await.ok().json();
        assert_eq!(unnamed.get("ResourcePolicy"), None);
    }
}
