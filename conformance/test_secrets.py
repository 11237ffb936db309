"""Secrets Manager: secrets in versions, under KMS, for those who may."""

import json

from judge import Case, named


class Secrets(Case):
    def setUp(self):
        self.secrets = self.client("secretsmanager")

    def secret(self, value="one", **options):
        """A new secret; its name and the answer."""
        name = named("secret")
        return name, self.secrets.create_secret(Name=name, SecretString=value, **options)

    def test_text_and_bytes_come_back_as_they_were(self):
        name, made = self.secret("pässword\n")
        self.assertRegex(made["ARN"], f":{self.account_id}:secret:{name}-[A-Za-z0-9]{{6}}$")
        for secret_id in [name, made["ARN"], made["ARN"][:-7]]:
            read = self.secrets.get_secret_value(SecretId=secret_id)
            told = (read["SecretString"], read["VersionId"], read["VersionStages"])
            self.assertEqual(told, ("pässword\n", made["VersionId"], ["AWSCURRENT"]))
        bytes_name = named("secret")
        self.secrets.create_secret(Name=bytes_name, SecretBinary=bytes(range(256)))
        self.assertEqual(self.secrets.get_secret_value(SecretId=bytes_name)["SecretBinary"], bytes(range(256)))

    def test_labels_follow_the_versions(self):
        name, first = self.secret()
        second = self.secrets.put_secret_value(SecretId=name, SecretString="two")
        self.assertEqual(second["VersionStages"], ["AWSCURRENT"])
        previous = self.secrets.get_secret_value(SecretId=name, VersionStage="AWSPREVIOUS")
        self.assertEqual((previous["SecretString"], previous["VersionId"]), ("one", first["VersionId"]))
        self.secrets.update_secret_version_stage(
            SecretId=name,
            VersionStage="AWSCURRENT",
            RemoveFromVersionId=second["VersionId"],
            MoveToVersionId=first["VersionId"],
        )
        stages = self.secrets.describe_secret(SecretId=name)["VersionIdsToStages"]
        self.assertEqual(stages, {first["VersionId"]: ["AWSCURRENT"], second["VersionId"]: ["AWSPREVIOUS"]})
        listed = self.secrets.list_secret_version_ids(SecretId=name)["Versions"]
        self.assertEqual({version["VersionId"] for version in listed}, set(stages))

    def test_a_token_is_good_for_one_value(self):
        name, _ = self.secret()
        token = "t" * 32
        for _ in range(2):
            put = self.secrets.put_secret_value(SecretId=name, SecretString="two", ClientRequestToken=token)
            self.assertEqual(put["VersionId"], token)
        with self.refused("ResourceExistsException"):
            self.secrets.put_secret_value(SecretId=name, SecretString="three", ClientRequestToken=token)

    def test_a_deleted_secret_is_restored_or_gone(self):
        name, _ = self.secret()
        self.secrets.delete_secret(SecretId=name, RecoveryWindowInDays=7)
        with self.refused("InvalidRequestException", says="marked for deletion"):
            self.secrets.get_secret_value(SecretId=name)
        self.secrets.restore_secret(SecretId=name)
        self.assertEqual(self.secrets.get_secret_value(SecretId=name)["SecretString"], "one")
        self.secrets.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
        with self.refused("ResourceNotFoundException"):
            self.secrets.get_secret_value(SecretId=name)
        self.secrets.create_secret(Name=name)

    def test_a_key_of_ones_own_needs_rights_through_the_service(self):
        key = self.key()["Arn"]
        name, made = self.secret(KmsKeyId=key)
        get = ("Allow", "secretsmanager:GetSecretValue", made["ARN"])
        via = {
            "Effect": "Allow",
            "Action": "kms:Decrypt",
            "Resource": key,
            "Condition": {
                "StringEquals": {
                    "kms:ViaService": "secretsmanager.us-east-1.amazonaws.com",
                    "kms:EncryptionContext:SecretARN": made["ARN"],
                }
            },
        }
        _, without = self.user(get)
        with self.refused("AccessDeniedException", says="Access to KMS is not allowed"):
            self.client("secretsmanager", without).get_secret_value(SecretId=name)
        _, allowed = self.user(get, via)
        read = self.client("secretsmanager", allowed).get_secret_value(SecretId=name)
        self.assertEqual(read["SecretString"], "one")
        _, stranger = self.user()
        with self.refused("AccessDeniedException", says="secretsmanager:GetSecretValue"):
            self.client("secretsmanager", stranger).get_secret_value(SecretId=name)

    def test_passwords_are_random_and_as_asked_for(self):
        drawn = {self.secrets.get_random_password(ExcludePunctuation=True)["RandomPassword"] for _ in range(5)}
        self.assertEqual(len(drawn), 5)
        for password in drawn:
            self.assertRegex(password, "^[A-Za-z0-9]{32}$")

    def test_secrets_are_listed_by_filter_and_page(self):
        prefix = named("listed")
        names = [f"{prefix}/{number}" for number in range(5)]
        for name in names:
            self.secrets.create_secret(Name=name, Tags=[{"Key": "team", "Value": prefix}])
        pages = self.secrets.get_paginator("list_secrets").paginate(
            Filters=[{"Key": "tag-value", "Values": [prefix]}], PaginationConfig={"PageSize": 2}
        )
        listed = [secret["Name"] for page in pages for secret in page["SecretList"]]
        self.assertEqual(sorted(listed), names)

    def test_a_resource_policy_is_kept_and_a_public_one_refused(self):
        name, made = self.secret()
        for principal, action in [(f"arn:aws:iam::{self.account_id}:root", "secretsmanager:*"), ("*", "secretsmanager:*")]:
            statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": action, "Resource": "*"}
            text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
            put = {"SecretId": name, "ResourcePolicy": text, "BlockPublicPolicy": True}
            if principal == "*":
                with self.refused("PublicPolicyException"):
                    self.secrets.put_resource_policy(**put)
            else:
                self.secrets.put_resource_policy(**put)
                self.assertEqual(self.secrets.get_resource_policy(SecretId=name)["ResourcePolicy"], text)
        self.secrets.delete_resource_policy(SecretId=name)
        self.assertNotIn("ResourcePolicy", self.secrets.get_resource_policy(SecretId=made["ARN"]))
