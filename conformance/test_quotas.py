"""Request quotas: a client that calls too often is told so in a way that it understands."""

from installation import Installation
from judge import Case

WORDS = "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls."


class Quotas(Case):
    """Each test has a program with quotas of its own."""

    def over(self, *options):
        self.home = Installation(*options)
        self.addCleanup(self.home.close)
        self.account_id = self.home.account_id

    def test_who_is_over_the_quota_is_told_and_another_operation_is_not(self):
        self.over("--quota", "kms:DescribeKey=0")
        kms = self.client("kms")
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        with self.refused("ThrottlingException", 400, WORDS):
            kms.describe_key(KeyId=key)
        kms.list_keys()

    def test_the_quotas_of_aws_hold_when_asked_for(self):
        self.over("--quotas", "aws")
        kms = self.client("kms")
        with self.refused("ThrottlingException", 400, WORDS):
            for _ in range(200):
                kms.create_key()

    def test_a_client_that_retries_gets_there(self):
        self.over("--quota", "kms:CreateAlias=1")
        key = self.client("kms").create_key()["KeyMetadata"]["KeyId"]
        patient = self.client("kms", retries={"mode": "standard", "total_max_attempts": 8})
        retried = 0
        for name in ("one", "two", "three"):
            answer = patient.create_alias(AliasName=f"alias/{name}", TargetKeyId=key)
            retried += answer["ResponseMetadata"]["RetryAttempts"]
        self.assertGreater(retried, 0)
