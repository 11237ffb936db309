use alcazar_core::{AccountId, Arn, Region};
use alcazar_corridor::BuiltInRole;
use alcazar_ports::Engine;
use alcazar_store::Pending;

use super::desk::Desk;
use super::{Event, Failed, RotationFunction, Step, alternating, single};
use crate::model::{CURRENT, PENDING};

/// A function that is there in every account and Region, under the name of AWS's template.
pub(crate) struct BuiltIn {
    name: &'static str,
    strategy: Strategy,
    pub(super) kind: Kind,
    role: BuiltInRole,
}

/// A built-in function as one that rotates.
struct Template(&'static BuiltIn);

/// What a function rotates.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    pub(super) engine: Engine,
    /// What a secret's `engine` may say. Source: the templates' documented secret structures.
    pub(super) engines: &'static [&'static str],
    pub(super) port: u16,
    /// The longest name of a user, in bytes.
    pub(super) longest: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Strategy {
    /// The user gives itself another password.
    SingleUser,
    /// A superuser gives another password to the user that is not in use.
    AlternatingUsers,
}

/// What AWS's template allows its execution role, for the secrets that name the function.
macro_rules! own_secrets {
    () => {
        r#"{"Effect":"Allow","Action":["secretsmanager:DescribeSecret","secretsmanager:GetSecretValue","secretsmanager:PutSecretValue","secretsmanager:UpdateSecretVersionStage"],"Resource":"arn:${Partition}:secretsmanager:${Region}:${Account}:secret:*","Condition":{"StringEquals":{"secretsmanager:resource/AllowRotationLambdaArn":"arn:${Partition}:lambda:${Region}:${Account}:function:${Session}"}}},{"Effect":"Allow","Action":"secretsmanager:GetRandomPassword","Resource":"*"},{"Effect":"Allow","Action":["kms:Decrypt","kms:DescribeKey","kms:GenerateDataKey"],"Resource":"*","Condition":{"StringEquals":{"kms:ViaService":"secretsmanager.${Region}.amazonaws.com"}}}"#
    };
}

const SINGLE: &str = concat!(r#"{"Version":"2012-10-17","Statement":["#, own_secrets!(), "]}");

/// With the superuser's secret beside it. Which one that is stands in the secret that is rotated: docs/adr/0007.
const ALTERNATING: &str = concat!(
    r#"{"Version":"2012-10-17","Statement":["#,
    own_secrets!(),
    r#",{"Effect":"Allow","Action":"secretsmanager:GetSecretValue","Resource":"arn:${Partition}:secretsmanager:${Region}:${Account}:secret:*"}]}"#
);

/// PostgreSQL's limit is NAMEDATALEN.
const POSTGRESQL: Kind =
    Kind { engine: Engine::PostgreSql, engines: &["postgres", "aurora-postgresql"], port: 5432, longest: 63 };
const MYSQL: Kind =
    Kind { engine: Engine::MySql, engines: &["mysql", "aurora-mysql"], port: 3306, longest: 32 };
const MARIADB: Kind = Kind { engine: Engine::MySql, engines: &["mariadb"], port: 3306, longest: 80 };

static FUNCTIONS: [BuiltIn; 6] = [
    BuiltIn::single(
        "SecretsManagerRDSPostgreSQLRotationSingleUser",
        "AWSServiceRoleForSecretsManagerRDSPostgreSQLRotationSingleUser",
        POSTGRESQL,
    ),
    BuiltIn::alternating(
        "SecretsManagerRDSPostgreSQLRotationMultiUser",
        "AWSServiceRoleForSecretsManagerRDSPostgreSQLRotationMultiUser",
        POSTGRESQL,
    ),
    BuiltIn::single(
        "SecretsManagerRDSMySQLRotationSingleUser",
        "AWSServiceRoleForSecretsManagerRDSMySQLRotationSingleUser",
        MYSQL,
    ),
    BuiltIn::alternating(
        "SecretsManagerRDSMySQLRotationMultiUser",
        "AWSServiceRoleForSecretsManagerRDSMySQLRotationMultiUser",
        MYSQL,
    ),
    BuiltIn::single(
        "SecretsManagerRDSMariaDBRotationSingleUser",
        "AWSServiceRoleForSecretsManagerRDSMariaDBRotationSingleUser",
        MARIADB,
    ),
    BuiltIn::alternating(
        "SecretsManagerRDSMariaDBRotationMultiUser",
        "AWSServiceRoleForSecretsManagerRDSMariaDBRotationMultiUser",
        MARIADB,
    ),
];

/// The function of that ARN, if it is one of an account's own in that Region.
pub(crate) fn function(arn: &str, account: AccountId, region: Region) -> Option<Box<dyn RotationFunction>> {
    built_in(arn, account, region).map(|function| Box::new(Template(function)) as Box<dyn RotationFunction>)
}

/// Whether there is such a function.
pub(crate) fn is_there(arn: &str, account: AccountId, region: Region) -> bool {
    built_in(arn, account, region).is_some()
}

fn built_in(arn: &str, account: AccountId, region: Region) -> Option<&'static BuiltIn> {
    let arn: Arn = arn.parse().ok()?;
    let here = arn.partition() == region.partition().name
        && arn.service() == "lambda"
        && arn.region() == region.name()
        && arn.account() == account.as_str();
    let name = arn.resource().strip_prefix("function:").filter(|_| here)?;
    FUNCTIONS.iter().find(|function| function.name == name)
}

impl BuiltIn {
    const fn single(name: &'static str, role: &'static str, kind: Kind) -> Self {
        let role = BuiltInRole::new(role, "secretsmanager.amazonaws.com", name, SINGLE);
        Self { name, strategy: Strategy::SingleUser, kind, role }
    }

    const fn alternating(name: &'static str, role: &'static str, kind: Kind) -> Self {
        let role = BuiltInRole::new(role, "secretsmanager.amazonaws.com", name, ALTERNATING);
        Self { name, strategy: Strategy::AlternatingUsers, kind, role }
    }

    fn desk<'e>(&'static self, event: &'e Event<'e>) -> Desk<'e> {
        Desk { event, role: &self.role, kind: self.kind }
    }

    async fn take(&'static self, step: Step, event: &Event<'_>) -> Result<(), Failed> {
        let desk = self.desk(event);
        let stages = desk.stages().await?;
        if stages.iter().any(|stage| stage == CURRENT) {
            // An earlier attempt has come to the end.
            return Ok(());
        }
        if !stages.iter().any(|stage| stage == PENDING) {
            let message = format!("Version {} is not pending any more.", event.token);
            return Err(Failed(message));
        }
        match (step, self.strategy) {
            (Step::CreateSecret, Strategy::SingleUser) => single::create(&desk).await,
            (Step::CreateSecret, Strategy::AlternatingUsers) => alternating::create(&desk).await,
            (Step::SetSecret, Strategy::SingleUser) => single::set(&desk).await,
            (Step::SetSecret, Strategy::AlternatingUsers) => alternating::set(&desk).await,
            (Step::TestSecret, _) => desk.prove().await,
            (Step::FinishSecret, _) => desk.finish().await,
        }
    }
}

impl RotationFunction for Template {
    fn step<'e>(&'e self, step: Step, event: &'e Event<'e>) -> Pending<'e, Result<(), Failed>> {
        Box::pin(self.0.take(step, event))
    }

    fn test<'e>(&'e self, event: &'e Event<'e>) -> Pending<'e, Result<(), Failed>> {
        let desk = self.0.desk(event);
        Box::pin(async move {
            if desk.pending().await?.is_none() {
                let current = desk.current().await?;
                desk.put(&current).await?;
            }
            desk.prove().await
        })
    }
}

#[cfg(test)]
mod tests {
    use alcazar_policy::{Policy, PolicyKind};

    use super::*;

    #[test]
    fn functions_are_there_in_every_account_and_region_for_itself() {
        let (account, region) = ("111122223333".parse().unwrap(), Region::named("eu-west-1").unwrap());
        let is = |arn: &str| is_there(arn, account, region);
        for function in &FUNCTIONS {
            assert!(is(&format!("arn:aws:lambda:eu-west-1:111122223333:function:{}", function.name)));
        }
        let name = FUNCTIONS[0].name;
        assert!(!is(&format!("arn:aws:lambda:us-east-1:111122223333:function:{name}")));
        assert!(!is(&format!("arn:aws:lambda:eu-west-1:444455556666:function:{name}")));
        assert!(!is(&format!("arn:aws-cn:lambda:eu-west-1:111122223333:function:{name}")));
        assert!(!is("arn:aws:lambda:eu-west-1:111122223333:function:mine"));
        assert!(!is(name));
    }

    #[test]
    fn the_roles_policies_are_policies() {
        for function in &FUNCTIONS {
            let text = function.role.policy("111122223333".parse().unwrap(), Region::default());
            let policy = Policy::parse(PolicyKind::Identity, &text).unwrap();
            let alternating = function.strategy == Strategy::AlternatingUsers;
            assert_eq!(policy.statements().len(), if alternating { 4 } else { 3 });
            assert!(text.contains(&format!(":function:{}\"", function.name)), "{text}");
        }
    }
}
