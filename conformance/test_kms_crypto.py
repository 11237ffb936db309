"""KMS: what keys do. The other half of each operation is done by OpenSSL in `test_openssl.py`."""

import hashlib

from botocore.exceptions import ClientError

from judge import Case

CONTEXT = {"purpose": "tests", "tenant": "blue"}


class Symmetric(Case):
    def setUp(self):
        self.kms = self.client("kms")
        self.made = self.key()
        self.id = self.made["KeyId"]

    def test_what_is_encrypted_is_decrypted(self):
        for plaintext in [b"x", bytes(range(256)), b"y" * 4096]:
            sealed = self.kms.encrypt(KeyId=self.id, Plaintext=plaintext)
            self.assertEqual((sealed["KeyId"], sealed["EncryptionAlgorithm"]), (self.made["Arn"], "SYMMETRIC_DEFAULT"))
            self.assertNotIn(plaintext, sealed["CiphertextBlob"] if len(plaintext) > 1 else b"")
            opened = self.kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"])
            self.assertEqual((opened["Plaintext"], opened["KeyId"]), (plaintext, self.made["Arn"]))

    def test_4096_bytes_are_the_most_and_one_the_least(self):
        kms = self.client("kms", parameter_validation=False)
        for plaintext in [b"", b"y" * 4097]:
            with self.refused("ValidationException", says="plaintext"):
                kms.encrypt(KeyId=self.id, Plaintext=plaintext)

    def test_the_context_is_bound(self):
        sealed = self.kms.encrypt(KeyId=self.id, Plaintext=b"x", EncryptionContext=CONTEXT)["CiphertextBlob"]
        reordered = dict(reversed(list(CONTEXT.items())))
        self.assertEqual(self.kms.decrypt(CiphertextBlob=sealed, EncryptionContext=reordered)["Plaintext"], b"x")
        for wrong in [{}, {"purpose": "tests"}, CONTEXT | {"tenant": "red"}, CONTEXT | {"more": ""}]:
            with self.refused("InvalidCiphertextException"):
                self.kms.decrypt(CiphertextBlob=sealed, EncryptionContext=wrong)

    def test_ciphertext_that_was_touched_is_refused_at_every_byte(self):
        sealed = self.kms.encrypt(KeyId=self.id, Plaintext=b"x" * 32)["CiphertextBlob"]
        for at in range(0, len(sealed), 5):
            touched = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
            with self.assertRaises(ClientError) as caught:
                self.kms.decrypt(CiphertextBlob=touched)
            # Where the key's name was touched, it names a key that nobody has.
            codes = {"InvalidCiphertextException", "AccessDeniedException"}
            self.assertIn(caught.exception.response["Error"]["Code"], codes, f"byte {at}")
        for wrong in [b"x", sealed[:-1], sealed + b"x"]:
            with self.refused("InvalidCiphertextException"):
                self.kms.decrypt(CiphertextBlob=wrong)

    def test_a_key_that_is_named_must_be_the_one(self):
        sealed = self.kms.encrypt(KeyId=self.id, Plaintext=b"x")["CiphertextBlob"]
        other = self.key()["KeyId"]
        with self.refused("IncorrectKeyException"):
            self.kms.decrypt(CiphertextBlob=sealed, KeyId=other)

    def test_a_key_of_another_usage_is_refused(self):
        mac = self.key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyId"]
        with self.refused("InvalidKeyUsageException"):
            self.kms.encrypt(KeyId=mac, Plaintext=b"x")
        with self.refused("InvalidKeyUsageException"):
            self.kms.sign(KeyId=self.id, Message=b"x", SigningAlgorithm="ECDSA_SHA_256")

    def test_reencryption_changes_key_and_context(self):
        other = self.key()
        sealed = self.kms.encrypt(KeyId=self.id, Plaintext=b"moved", EncryptionContext=CONTEXT)["CiphertextBlob"]
        moved = self.kms.re_encrypt(
            CiphertextBlob=sealed,
            SourceEncryptionContext=CONTEXT,
            DestinationKeyId=other["KeyId"],
            DestinationEncryptionContext={"new": "context"},
        )
        self.assertEqual((moved["SourceKeyId"], moved["KeyId"]), (self.made["Arn"], other["Arn"]))
        opened = self.kms.decrypt(CiphertextBlob=moved["CiphertextBlob"], EncryptionContext={"new": "context"})
        self.assertEqual((opened["Plaintext"], opened["KeyId"]), (b"moved", other["Arn"]))

    def test_data_keys_come_with_and_without_plaintext(self):
        whole = self.kms.generate_data_key(KeyId=self.id, KeySpec="AES_256", EncryptionContext=CONTEXT)
        self.assertEqual(len(whole["Plaintext"]), 32)
        opened = self.kms.decrypt(CiphertextBlob=whole["CiphertextBlob"], EncryptionContext=CONTEXT)
        self.assertEqual(opened["Plaintext"], whole["Plaintext"])
        short = self.kms.generate_data_key(KeyId=self.id, NumberOfBytes=77)
        self.assertEqual(len(short["Plaintext"]), 77)
        bare = self.kms.generate_data_key_without_plaintext(KeyId=self.id, KeySpec="AES_128")
        self.assertNotIn("Plaintext", bare)
        self.assertEqual(len(self.kms.decrypt(CiphertextBlob=bare["CiphertextBlob"])["Plaintext"]), 16)
        for wrong in [{}, {"KeySpec": "AES_256", "NumberOfBytes": 32}]:
            with self.refused("ValidationException"):
                self.kms.generate_data_key(KeyId=self.id, **wrong)

    def test_a_dry_run_tells_and_does_nothing(self):
        with self.refused("DryRunOperationException", says="would have succeeded"):
            self.kms.encrypt(KeyId=self.id, Plaintext=b"x", DryRun=True)


class Random(Case):
    def test_random_bytes_differ(self):
        kms = self.client("kms")
        first, second = (kms.generate_random(NumberOfBytes=1024)["Plaintext"] for _ in range(2))
        self.assertEqual((len(first), len(second)), (1024, 1024))
        self.assertNotEqual(first, second)


class Macs(Case):
    def test_each_length_makes_and_verifies(self):
        kms = self.client("kms")
        for bits in [224, 256, 384, 512]:
            with self.subTest(bits=bits):
                key = self.key(KeySpec=f"HMAC_{bits}", KeyUsage="GENERATE_VERIFY_MAC")["KeyId"]
                algorithm = f"HMAC_SHA_{bits}"
                mac = kms.generate_mac(KeyId=key, Message=b"hello", MacAlgorithm=algorithm)["Mac"]
                self.assertEqual(len(mac), bits // 8)
                told = kms.verify_mac(KeyId=key, Message=b"hello", MacAlgorithm=algorithm, Mac=mac)
                self.assertTrue(told["MacValid"])
                with self.refused("KMSInvalidMacException"):
                    kms.verify_mac(KeyId=key, Message=b"hallo", MacAlgorithm=algorithm, Mac=mac)


class Signatures(Case):
    def test_each_algorithm_signs_messages_and_digests(self):
        kms = self.client("kms")
        for spec in ["RSA_2048", "ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "ECC_SECG_P256K1"]:
            made = self.key(KeySpec=spec, KeyUsage="SIGN_VERIFY")
            for algorithm in made["SigningAlgorithms"]:
                with self.subTest(spec=spec, algorithm=algorithm):
                    ask = {"KeyId": made["KeyId"], "SigningAlgorithm": algorithm}
                    signed = kms.sign(Message=b"hello", **ask)
                    self.assertEqual((signed["KeyId"], signed["SigningAlgorithm"]), (made["Arn"], algorithm))
                    self.assertTrue(kms.verify(Message=b"hello", Signature=signed["Signature"], **ask)["SignatureValid"])
                    digest = hashlib.new("sha" + algorithm[-3:], b"hello").digest()
                    told = kms.verify(Message=digest, MessageType="DIGEST", Signature=signed["Signature"], **ask)
                    self.assertTrue(told["SignatureValid"])
                    with self.refused("KMSInvalidSignatureException"):
                        kms.verify(Message=b"hallo", Signature=signed["Signature"], **ask)

    def test_an_algorithm_of_another_spec_is_refused(self):
        key = self.key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyId"]
        with self.refused("InvalidKeyUsageException"):
            self.client("kms").sign(KeyId=key, Message=b"x", SigningAlgorithm="ECDSA_SHA_384")

    def test_a_digest_has_its_length(self):
        key = self.key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyId"]
        with self.refused("ValidationException", says="Digest is invalid length"):
            self.client("kms").sign(KeyId=key, Message=b"short", MessageType="DIGEST", SigningAlgorithm="ECDSA_SHA_256")


class PublicKeys(Case):
    def test_a_public_key_comes_with_what_it_is_for(self):
        made = self.key(KeySpec="RSA_3072", KeyUsage="ENCRYPT_DECRYPT")
        told = self.client("kms").get_public_key(KeyId=made["KeyId"])
        expected = (made["Arn"], "RSA_3072", "ENCRYPT_DECRYPT", ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"])
        self.assertEqual((told["KeyId"], told["KeySpec"], told["KeyUsage"], sorted(told["EncryptionAlgorithms"])), expected)

    def test_a_symmetric_key_has_none(self):
        with self.refused("UnsupportedOperationException"):
            self.client("kms").get_public_key(KeyId=self.key()["KeyId"])


class Encapsulation(Case):
    def setUp(self):
        self.kms = self.client("kms")
        if not hasattr(self.kms, "encapsulate"):
            self.skipTest("this client does not know Encapsulate yet")

    def test_both_sides_have_one_secret(self):
        for spec, length in [("ML_KEM_512", 768), ("ML_KEM_768", 1088), ("ML_KEM_1024", 1568)]:
            with self.subTest(spec=spec):
                key = {"KeyId": self.key(KeySpec=spec, KeyUsage="ENCAPSULATE_DECAPSULATE")["KeyId"]}
                made = self.kms.encapsulate(EncapsulationAlgorithm="ML_KEM", **key)
                blob = made["SharedSecretCiphertextBlob"]
                self.assertEqual((len(made["SharedSecret"]), len(blob)), (32, length))
                opened = self.kms.decapsulate(EncapsulationAlgorithm="ML_KEM", SharedSecretCiphertextBlob=blob, **key)
                self.assertEqual(opened["SharedSecret"], made["SharedSecret"])
                with self.refused("InvalidCiphertextException"):
                    self.kms.decapsulate(EncapsulationAlgorithm="ML_KEM", SharedSecretCiphertextBlob=blob[:-1], **key)
