"""KMS: multi-Region keys, from clients of several Regions."""

from judge import Case, named


class Regions(Case):
    def setUp(self):
        self.here = self.client("kms")
        self.there = self.client("kms", region="ap-southeast-2")

    def replicated(self, **options):
        key = self.key(MultiRegion=True, **options)["KeyId"]
        self.here.replicate_key(KeyId=key, ReplicaRegion="ap-southeast-2")
        return key

    def test_a_replica_tells_its_primary_and_the_primary_its_replicas(self):
        made = self.key(MultiRegion=True)
        self.assertRegex(made["KeyId"], "^mrk-[0-9a-f]{32}$")
        told = self.here.replicate_key(
            KeyId=made["KeyId"], ReplicaRegion="ap-southeast-2", Tags=[{"TagKey": "a", "TagValue": "b"}]
        )
        self.assertEqual(told["ReplicaTags"], [{"TagKey": "a", "TagValue": "b"}])
        arn = made["Arn"].replace("us-east-1", "ap-southeast-2")
        self.assertEqual(told["ReplicaKeyMetadata"]["Arn"], arn)
        expected = {
            "PrimaryKey": {"Arn": made["Arn"], "Region": "us-east-1"},
            "ReplicaKeys": [{"Arn": arn, "Region": "ap-southeast-2"}],
        }
        for client, kind in [(self.here, "PRIMARY"), (self.there, "REPLICA")]:
            told = client.describe_key(KeyId=made["KeyId"])["KeyMetadata"]["MultiRegionConfiguration"]
            self.assertEqual(told, {"MultiRegionKeyType": kind, **expected})

    def test_each_region_opens_what_the_other_sealed(self):
        key = self.replicated()
        context = {"table": "orders"}
        for seal, unseal in [(self.here, self.there), (self.there, self.here)]:
            data = seal.generate_data_key(KeyId=key, KeySpec="AES_256", EncryptionContext=context)
            opened = unseal.decrypt(CiphertextBlob=data["CiphertextBlob"], EncryptionContext=context)
            self.assertEqual(opened["Plaintext"], data["Plaintext"])
            with self.refused("InvalidCiphertextException"):
                unseal.decrypt(CiphertextBlob=data["CiphertextBlob"])

    def test_a_signature_of_one_region_is_valid_in_the_other(self):
        key = self.replicated(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
        told = {"KeyId": key, "Message": b"message", "SigningAlgorithm": "ECDSA_SHA_256"}
        signature = self.here.sign(**told)["Signature"]
        self.assertTrue(self.there.verify(Signature=signature, **told)["SignatureValid"])

    def test_aliases_are_apart(self):
        key = self.replicated()
        alias = "alias/" + named("here")
        self.here.create_alias(AliasName=alias, TargetKeyId=key)
        with self.refused("NotFoundException"):
            self.there.describe_key(KeyId=alias)

    def test_a_replica_becomes_primary(self):
        key = self.replicated()
        with self.refused("UnsupportedOperationException"):
            self.there.enable_key_rotation(KeyId=key)
        self.here.update_primary_region(KeyId=key, PrimaryRegion="ap-southeast-2")
        self.there.enable_key_rotation(KeyId=key, RotationPeriodInDays=100)
        for client in [self.here, self.there]:
            status = client.get_key_rotation_status(KeyId=key)
            self.assertEqual((status["KeyRotationEnabled"], status["RotationPeriodInDays"]), (True, 100))

    def test_a_primary_waits_for_its_replicas(self):
        key = self.replicated()
        told = self.here.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
        self.assertEqual(told["KeyState"], "PendingReplicaDeletion")
        self.assertNotIn("DeletionDate", told)
        with self.refused("KMSInvalidStateException", says="is pending replica deletion"):
            self.here.encrypt(KeyId=key, Plaintext=b"secret")
        self.there.encrypt(KeyId=key, Plaintext=b"secret")

    def test_a_region_has_one_replica(self):
        key = self.replicated()
        with self.refused("AlreadyExistsException"):
            self.here.replicate_key(KeyId=key, ReplicaRegion="ap-southeast-2")
