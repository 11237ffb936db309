"""KMS: keys and what belongs to them: states, aliases, tags, policies, grants, rotation."""

import datetime
import json

from judge import Case, named, policy


class Keys(Case):
    def setUp(self):
        self.kms = self.client("kms")

    def test_a_key_is_described_as_it_was_made(self):
        made = self.kms.create_key(Description="For tests", Tags=[{"TagKey": "team", "TagValue": "blue"}])["KeyMetadata"]
        self.assertRegex(made["KeyId"], "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")
        self.assertEqual(made["Arn"], f"arn:aws:kms:us-east-1:{self.account_id}:key/{made['KeyId']}")
        expected = {
            "AWSAccountId": self.account_id,
            "Enabled": True,
            "Description": "For tests",
            "KeyUsage": "ENCRYPT_DECRYPT",
            "KeyState": "Enabled",
            "Origin": "AWS_KMS",
            "KeyManager": "CUSTOMER",
            "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
            "KeySpec": "SYMMETRIC_DEFAULT",
            "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
            "MultiRegion": False,
        }
        self.assertEqual({name: made[name] for name in expected}, expected)
        self.assertIsInstance(made["CreationDate"], datetime.datetime)
        for name in [made["KeyId"], made["Arn"]]:
            self.assertEqual(self.kms.describe_key(KeyId=name)["KeyMetadata"], made)

    def test_a_key_tells_the_algorithms_of_its_spec(self):
        cases = [
            ("RSA_2048", "ENCRYPT_DECRYPT", "EncryptionAlgorithms", ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"]),
            ("ECC_NIST_P384", "SIGN_VERIFY", "SigningAlgorithms", ["ECDSA_SHA_384"]),
            ("ECC_SECG_P256K1", "SIGN_VERIFY", "SigningAlgorithms", ["ECDSA_SHA_256"]),
            ("HMAC_256", "GENERATE_VERIFY_MAC", "MacAlgorithms", ["HMAC_SHA_256"]),
            ("ECC_NIST_P256", "KEY_AGREEMENT", "KeyAgreementAlgorithms", ["ECDH"]),
        ]
        for spec, usage, field, algorithms in cases:
            with self.subTest(spec=spec):
                made = self.key(KeySpec=spec, KeyUsage=usage)
                self.assertEqual((made["KeySpec"], made["KeyUsage"]), (spec, usage))
                self.assertEqual(sorted(made[field]), algorithms)

    def test_a_spec_and_a_usage_must_fit(self):
        for spec, usage in [("HMAC_256", "SIGN_VERIFY"), ("ECC_NIST_P256", "ENCRYPT_DECRYPT"), ("SYMMETRIC_DEFAULT", "SIGN_VERIFY")]:
            with self.refused("ValidationException"):
                self.key(KeySpec=spec, KeyUsage=usage)

    def test_a_key_that_is_nowhere_is_not_found(self):
        for name in ["00000000-0000-0000-0000-000000000000", f"arn:aws:kms:us-east-1:{self.account_id}:key/00000000-0000-0000-0000-000000000000"]:
            with self.refused("NotFoundException"):
                self.kms.describe_key(KeyId=name)
        with self.refused("NotFoundException", says="Alias arn:aws:kms:us-east-1:.*:alias/nowhere is not found"):
            self.kms.describe_key(KeyId="alias/nowhere")

    def test_a_region_does_not_know_anothers_keys(self):
        made = self.key()
        with self.refused("NotFoundException"):
            self.client("kms", region="eu-west-1").describe_key(KeyId=made["KeyId"])

    def test_a_page_of_keys_leads_to_the_next(self):
        kms = self.client("kms", region="eu-north-1")
        made = sorted(kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(5))
        pages = list(kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 2}))
        self.assertEqual([len(page["Keys"]) for page in pages], [2, 2, 1])
        self.assertEqual(sorted(key["KeyId"] for page in pages for key in page["Keys"]), made)
        with self.refused("InvalidMarkerException"):
            kms.list_keys(Marker="not-a-marker")

    def test_a_disabled_key_does_nothing_until_it_is_enabled(self):
        key = self.key()["KeyId"]
        sealed = self.kms.encrypt(KeyId=key, Plaintext=b"hello")["CiphertextBlob"]
        self.kms.disable_key(KeyId=key)
        self.assertEqual(self.kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"], "Disabled")
        with self.refused("DisabledException", says="is disabled"):
            self.kms.encrypt(KeyId=key, Plaintext=b"hello")
        with self.refused("DisabledException"):
            self.kms.decrypt(CiphertextBlob=sealed)
        self.kms.enable_key(KeyId=key)
        self.assertEqual(self.kms.decrypt(CiphertextBlob=sealed)["Plaintext"], b"hello")

    def test_a_deletion_is_scheduled_and_cancelled(self):
        key = self.key()["KeyId"]
        answer = self.kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
        self.assertEqual((answer["KeyState"], answer["PendingWindowInDays"]), ("PendingDeletion", 7))
        left = answer["DeletionDate"] - datetime.datetime.now(datetime.timezone.utc)
        self.assertAlmostEqual(left.total_seconds(), 7 * 86400, delta=60)
        with self.refused("KMSInvalidStateException", says="is pending deletion"):
            self.kms.encrypt(KeyId=key, Plaintext=b"hello")
        with self.refused("KMSInvalidStateException"):
            self.kms.schedule_key_deletion(KeyId=key)
        self.kms.cancel_key_deletion(KeyId=key)
        self.assertEqual(self.kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"], "Disabled")
        with self.refused("ValidationException"):
            self.client("kms", parameter_validation=False).schedule_key_deletion(KeyId=key, PendingWindowInDays=6)

    def test_descriptions_change(self):
        key = self.key(Description="before")["KeyId"]
        self.kms.update_key_description(KeyId=key, Description="after")
        self.assertEqual(self.kms.describe_key(KeyId=key)["KeyMetadata"]["Description"], "after")

    def test_tags_of_a_key(self):
        key = self.key(Tags=[{"TagKey": "a", "TagValue": "1"}])["KeyId"]
        self.kms.tag_resource(KeyId=key, Tags=[{"TagKey": "a", "TagValue": "2"}, {"TagKey": "b", "TagValue": ""}])
        tags = self.kms.list_resource_tags(KeyId=key)["Tags"]
        self.assertEqual(sorted((tag["TagKey"], tag["TagValue"]) for tag in tags), [("a", "2"), ("b", "")])
        self.kms.untag_resource(KeyId=key, TagKeys=["a"])
        self.assertEqual(self.kms.list_resource_tags(KeyId=key)["Tags"], [{"TagKey": "b", "TagValue": ""}])
        with self.refused("TagException"):
            self.kms.tag_resource(KeyId=key, Tags=[{"TagKey": "aws:reserved", "TagValue": "x"}])


class Aliases(Case):
    def setUp(self):
        self.kms = self.client("kms")

    def test_an_alias_stands_for_its_key(self):
        first, second = self.key()["KeyId"], self.key()["KeyId"]
        alias = "alias/" + named("door")
        self.kms.create_alias(AliasName=alias, TargetKeyId=first)
        arn = f"arn:aws:kms:us-east-1:{self.account_id}:{alias}"
        for name in [alias, arn]:
            self.assertEqual(self.kms.describe_key(KeyId=name)["KeyMetadata"]["KeyId"], first)
        listed = self.kms.list_aliases(KeyId=first)["Aliases"]
        self.assertEqual([(it["AliasName"], it["AliasArn"], it["TargetKeyId"]) for it in listed], [(alias, arn, first)])
        with self.refused("AlreadyExistsException", says=f"An alias with the name {arn} already exists"):
            self.kms.create_alias(AliasName=alias, TargetKeyId=second)
        self.kms.update_alias(AliasName=alias, TargetKeyId=second)
        sealed = self.kms.encrypt(KeyId=alias, Plaintext=b"x")
        self.assertEqual(sealed["KeyId"], f"arn:aws:kms:us-east-1:{self.account_id}:key/{second}")
        self.kms.delete_alias(AliasName=alias)
        with self.refused("NotFoundException"):
            self.kms.describe_key(KeyId=alias)

    def test_names_that_are_refused(self):
        key = self.key()["KeyId"]
        with self.refused("ValidationException"):
            self.kms.create_alias(AliasName="door", TargetKeyId=key)
        with self.refused("InvalidAliasNameException"):
            self.kms.create_alias(AliasName="alias/aws/mine", TargetKeyId=key)

    def test_an_alias_of_another_kind_of_key_is_refused(self):
        alias = "alias/" + named("door")
        self.kms.create_alias(AliasName=alias, TargetKeyId=self.key()["KeyId"])
        other = self.key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyId"]
        with self.refused("ValidationException"):
            self.kms.update_alias(AliasName=alias, TargetKeyId=other)

    def test_pages_of_aliases(self):
        key = self.key()["KeyId"]
        names = sorted("alias/" + named("page") for _ in range(5))
        for name in names:
            self.kms.create_alias(AliasName=name, TargetKeyId=key)
        pages = list(self.kms.get_paginator("list_aliases").paginate(KeyId=key, PaginationConfig={"PageSize": 2}))
        self.assertEqual([len(page["Aliases"]) for page in pages], [2, 2, 1])
        self.assertEqual(sorted(it["AliasName"] for page in pages for it in page["Aliases"]), names)


class Policies(Case):
    def setUp(self):
        self.kms = self.client("kms")

    def test_the_default_policy_trusts_the_account(self):
        key = self.key()["KeyId"]
        self.assertEqual(self.kms.list_key_policies(KeyId=key)["PolicyNames"], ["default"])
        document = json.loads(self.kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
        statement = document["Statement"][0]
        self.assertEqual(statement["Principal"], {"AWS": f"arn:aws:iam::{self.account_id}:root"})
        self.assertEqual((statement["Effect"], statement["Action"], statement["Resource"]), ("Allow", "kms:*", "*"))
        _, allowed = self.user(("Allow", "kms:Encrypt", "*"))
        self.client("kms", allowed).encrypt(KeyId=key, Plaintext=b"x")
        name, powerless = self.user()
        says = (
            rf"^User: arn:aws:iam::{self.account_id}:user/{name} is not authorized to perform: kms:Encrypt on resource: "
            rf"arn:aws:kms:us-east-1:{self.account_id}:key/{key} because no identity-based policy allows the kms:Encrypt action$"
        )
        with self.refused("AccessDeniedException", says=says):
            self.client("kms", powerless).encrypt(KeyId=key, Plaintext=b"x")

    def test_a_policy_that_names_one_user_admits_that_one_alone(self):
        name, named_one = self.user()
        _, administrator = self.user(("Allow", "*", "*"))
        key = self.key()["KeyId"]
        document = policy(
            {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{self.account_id}:user/{name}"}, "Action": "kms:*", "Resource": "*"}
        )
        with self.refused("MalformedPolicyDocumentException", says="will not allow you to update the key policy in the future"):
            self.kms.put_key_policy(KeyId=key, PolicyName="default", Policy=document)
        self.kms.put_key_policy(KeyId=key, PolicyName="default", Policy=document, BypassPolicyLockoutSafetyCheck=True)
        self.client("kms", named_one).encrypt(KeyId=key, Plaintext=b"x")
        says = "because no resource-based policy allows the kms:Encrypt action"
        with self.refused("AccessDeniedException", says=says):
            self.client("kms", administrator).encrypt(KeyId=key, Plaintext=b"x")
        with self.refused("AccessDeniedException"):
            self.kms.encrypt(KeyId=key, Plaintext=b"x")

    def test_the_encryption_context_is_a_condition(self):
        condition = {"StringEquals": {"kms:EncryptionContext:tenant": "blue"}}
        _, credentials = self.user({"Effect": "Allow", "Action": ["kms:Encrypt", "kms:Decrypt"], "Resource": "*", "Condition": condition})
        kms, key = self.client("kms", credentials), self.key()["KeyId"]
        sealed = kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"tenant": "blue"})["CiphertextBlob"]
        kms.decrypt(CiphertextBlob=sealed, EncryptionContext={"tenant": "blue"})
        with self.refused("AccessDeniedException"):
            kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"tenant": "red"})
        with self.refused("AccessDeniedException"):
            kms.encrypt(KeyId=key, Plaintext=b"x")

    def test_the_alias_that_was_asked_with_is_a_condition(self):
        alias = "alias/" + named("projects")
        condition = {"StringEquals": {"kms:RequestAlias": alias}}
        _, credentials = self.user({"Effect": "Allow", "Action": "kms:Encrypt", "Resource": "*", "Condition": condition})
        key = self.key()["KeyId"]
        self.kms.create_alias(AliasName=alias, TargetKeyId=key)
        kms = self.client("kms", credentials)
        kms.encrypt(KeyId=alias, Plaintext=b"x")
        with self.refused("AccessDeniedException"):
            kms.encrypt(KeyId=key, Plaintext=b"x")

    def test_a_policy_that_is_none_is_refused(self):
        key = self.key()["KeyId"]
        with self.refused("MalformedPolicyDocumentException"):
            self.kms.put_key_policy(KeyId=key, PolicyName="default", Policy='{"Version": "2012-10-17"}')
        with self.refused("NotFoundException", says="No such policy exists"):
            self.kms.get_key_policy(KeyId=key, PolicyName="other")


class Grants(Case):
    def setUp(self):
        self.kms = self.client("kms")

    def granted(self, *operations, **options):
        name, credentials = self.user()
        key = self.key()["KeyId"]
        principal = f"arn:aws:iam::{self.account_id}:user/{name}"
        answer = self.kms.create_grant(KeyId=key, GranteePrincipal=principal, Operations=list(operations), **options)
        return key, principal, self.client("kms", credentials), answer

    def test_a_grant_gives_what_it_names(self):
        key, principal, kms, grant = self.granted("Encrypt", "DescribeKey", Name="for-tests")
        self.assertRegex(grant["GrantId"], "^[0-9a-f]{64}$")
        kms.describe_key(KeyId=key)
        sealed = kms.encrypt(KeyId=key, Plaintext=b"x", GrantTokens=[grant["GrantToken"]])["CiphertextBlob"]
        with self.refused("AccessDeniedException"):
            kms.decrypt(CiphertextBlob=sealed)
        listed = self.kms.list_grants(KeyId=key)["Grants"]
        self.assertEqual([(it["GrantId"], it["GranteePrincipal"], sorted(it["Operations"]), it["Name"]) for it in listed],
                         [(grant["GrantId"], principal, ["DescribeKey", "Encrypt"], "for-tests")])
        self.kms.revoke_grant(KeyId=key, GrantId=grant["GrantId"])
        with self.refused("AccessDeniedException"):
            kms.encrypt(KeyId=key, Plaintext=b"x")
        with self.refused("NotFoundException"):
            self.kms.revoke_grant(KeyId=key, GrantId=grant["GrantId"])

    def test_a_constraint_constrains(self):
        constraints = {"EncryptionContextSubset": {"tenant": "blue"}}
        key, _, kms, _ = self.granted("Encrypt", Constraints=constraints)
        kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"tenant": "blue", "more": "too"})
        for wrong in [{}, {"tenant": "red"}]:
            with self.refused("AccessDeniedException"):
                kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext=wrong)

    def test_the_same_grant_by_name_is_one_grant(self):
        key, principal, _, grant = self.granted("Encrypt", Name="once")
        again = self.kms.create_grant(KeyId=key, GranteePrincipal=principal, Operations=["Encrypt"], Name="once")
        self.assertEqual(again["GrantId"], grant["GrantId"])
        other = self.kms.create_grant(KeyId=key, GranteePrincipal=principal, Operations=["Encrypt"])
        self.assertNotEqual(other["GrantId"], grant["GrantId"])

    def test_the_retiring_principal_retires(self):
        name, retiring = self.user()
        arn = f"arn:aws:iam::{self.account_id}:user/{name}"
        key, _, kms, grant = self.granted("Encrypt", RetiringPrincipal=arn)
        found = self.kms.list_retirable_grants(RetiringPrincipal=arn)["Grants"]
        self.assertEqual([it["GrantId"] for it in found], [grant["GrantId"]])
        self.client("kms", retiring).retire_grant(GrantToken=grant["GrantToken"])
        with self.refused("AccessDeniedException"):
            kms.encrypt(KeyId=key, Plaintext=b"x")

    def test_pages_of_grants(self):
        key, principal, _, _ = self.granted("Encrypt")
        for _ in range(4):
            self.kms.create_grant(KeyId=key, GranteePrincipal=principal, Operations=["Encrypt"])
        pages = list(self.kms.get_paginator("list_grants").paginate(KeyId=key, PaginationConfig={"PageSize": 2}))
        self.assertEqual([len(page["Grants"]) for page in pages], [2, 2, 1])


class Rotation(Case):
    def setUp(self):
        self.kms = self.client("kms")

    def test_rotation_is_off_until_it_is_on(self):
        key = self.key()["KeyId"]
        self.assertFalse(self.kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"])
        self.kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
        status = self.kms.get_key_rotation_status(KeyId=key)
        self.assertEqual((status["KeyRotationEnabled"], status["RotationPeriodInDays"]), (True, 90))
        self.assertIsInstance(status["NextRotationDate"], datetime.datetime)
        self.kms.disable_key_rotation(KeyId=key)
        self.assertFalse(self.kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"])

    def test_what_was_sealed_before_a_rotation_opens_after_it(self):
        key = self.key()["KeyId"]
        before = self.kms.encrypt(KeyId=key, Plaintext=b"before")["CiphertextBlob"]
        self.kms.rotate_key_on_demand(KeyId=key)

        def rotated():
            rotations = self.kms.list_key_rotations(KeyId=key)["Rotations"]
            self.assertEqual([(it["KeyId"], it["RotationType"]) for it in rotations], [(key, "ON_DEMAND")])

        self.eventually(rotated)
        after = self.kms.encrypt(KeyId=key, Plaintext=b"after")["CiphertextBlob"]
        self.assertEqual(self.kms.decrypt(CiphertextBlob=before)["Plaintext"], b"before")
        self.assertEqual(self.kms.decrypt(CiphertextBlob=after)["Plaintext"], b"after")

    def test_asymmetric_keys_do_not_rotate(self):
        key = self.key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyId"]
        for call in [self.kms.enable_key_rotation, self.kms.rotate_key_on_demand]:
            with self.refused("UnsupportedOperationException"):
                call(KeyId=key)


class AwsManaged(Case):
    def setUp(self):
        self.kms = self.client("kms")

    def test_it_is_there_when_it_is_asked_for_and_only_its_service_uses_it(self):
        told = self.kms.describe_key(KeyId="alias/aws/secretsmanager")["KeyMetadata"]
        self.assertEqual((told["KeyManager"], told["KeyState"]), ("AWS", "Enabled"))
        self.assertEqual(self.kms.describe_key(KeyId=told["Arn"])["KeyMetadata"], told)
        aliases = self.kms.list_aliases(KeyId=told["KeyId"])["Aliases"]
        self.assertEqual([alias["AliasName"] for alias in aliases], ["alias/aws/secretsmanager"])
        with self.refused("AccessDeniedException"):
            self.kms.encrypt(KeyId="alias/aws/secretsmanager", Plaintext=b"secret")
        with self.refused("AccessDeniedException"):
            self.kms.schedule_key_deletion(KeyId=told["KeyId"])


class LastUsage(Case):
    def setUp(self):
        self.kms = self.client("kms")
        if not hasattr(self.kms, "get_key_last_usage"):
            self.skipTest("this client does not know GetKeyLastUsage yet")

    def test_the_last_use_is_told_with_its_event(self):
        key = self.key()["KeyId"]
        self.assertEqual(self.kms.get_key_last_usage(KeyId=key)["KeyLastUsage"], {})
        answer = self.kms.generate_data_key(KeyId=key, KeySpec="AES_256")
        self.kms.describe_key(KeyId=key)
        told = self.kms.get_key_last_usage(KeyId=key)["KeyLastUsage"]
        self.assertEqual(told["Operation"], "GenerateDataKey")
        self.assertEqual(told["KmsRequestId"], answer["ResponseMetadata"]["RequestId"])
