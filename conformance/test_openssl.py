"""OpenSSL as the other side: it verifies what KMS signs, encrypts what KMS decrypts, agrees with KMS on secrets."""

import pathlib
import subprocess
import tempfile

from botocore.exceptions import ClientError

from judge import Case

DIGEST = {"256": "sha256", "384": "sha384", "512": "sha512"}


class Judged(Case):
    def setUp(self):
        self.kms = self.client("kms")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def openssl(self, *arguments):
        done = subprocess.run(["openssl", *map(str, arguments)], cwd=self.folder, capture_output=True)
        self.assertEqual(done.returncode, 0, f"openssl {arguments}: {done.stderr.decode()}{done.stdout.decode()}")
        return done.stdout

    def file(self, name, content=None):
        path = self.folder / name
        if content is not None:
            path.write_bytes(content)
        return path

    def public(self, key):
        """The key's public half as KMS gives it, in PEM."""
        self.file("public.der", self.kms.get_public_key(KeyId=key)["PublicKey"])
        self.openssl("pkey", "-pubin", "-inform", "DER", "-in", "public.der", "-out", "public.pem")
        return self.file("public.pem")


class Signatures(Judged):
    def test_signatures_verify(self):
        specs = ["RSA_2048", "RSA_3072", "RSA_4096", "ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "ECC_SECG_P256K1"]
        self.file("message", b"signed by a key that never leaves")
        for spec in specs:
            made = self.key(KeySpec=spec, KeyUsage="SIGN_VERIFY")
            public = self.public(made["KeyId"])
            for algorithm in made["SigningAlgorithms"]:
                with self.subTest(spec=spec, algorithm=algorithm):
                    signed = self.kms.sign(
                        KeyId=made["KeyId"], Message=self.file("message").read_bytes(), SigningAlgorithm=algorithm
                    )
                    self.file("signature", signed["Signature"])
                    pss = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"]
                    options = pss if "PSS" in algorithm else []
                    digest = "-" + DIGEST[algorithm[-3:]]
                    told = self.openssl("dgst", digest, "-verify", public, *options, "-signature", "signature", "message")
                    self.assertIn(b"Verified OK", told)

    def test_ed25519_signatures_verify(self):
        made = self.key(KeySpec="ECC_NIST_EDWARDS25519", KeyUsage="SIGN_VERIFY")
        self.file("message", b"signed by a key that never leaves")
        signed = self.kms.sign(KeyId=made["KeyId"], Message=self.file("message").read_bytes(), SigningAlgorithm="ED25519_SHA_512")
        self.file("signature", signed["Signature"])
        public = self.public(made["KeyId"])
        self.openssl("pkeyutl", "-verify", "-pubin", "-inkey", public, "-rawin", "-in", "message", "-sigfile", "signature")

    def test_kms_verifies_what_openssl_could_not_have_signed(self):
        made = self.key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
        self.file("message", b"signed elsewhere")
        self.openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "other.pem")
        self.openssl("dgst", "-sha256", "-sign", "other.pem", "-out", "signature", "message")
        with self.refused("KMSInvalidSignatureException"):
            self.kms.verify(
                KeyId=made["KeyId"],
                Message=b"signed elsewhere",
                Signature=self.file("signature").read_bytes(),
                SigningAlgorithm="ECDSA_SHA_256",
            )


class Encryption(Judged):
    def test_what_openssl_encrypts_kms_decrypts(self):
        self.file("plain", b"encrypted with the public half alone")
        for spec in ["RSA_2048", "RSA_4096"]:
            made = self.key(KeySpec=spec, KeyUsage="ENCRYPT_DECRYPT")
            public = self.public(made["KeyId"])
            for algorithm, digest in [("RSAES_OAEP_SHA_1", "sha1"), ("RSAES_OAEP_SHA_256", "sha256")]:
                with self.subTest(spec=spec, algorithm=algorithm):
                    oaep = ["-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt", f"rsa_oaep_md:{digest}", "-pkeyopt", f"rsa_mgf1_md:{digest}"]
                    self.openssl("pkeyutl", "-encrypt", "-pubin", "-inkey", public, *oaep, "-in", "plain", "-out", "sealed")
                    opened = self.kms.decrypt(
                        KeyId=made["KeyId"], CiphertextBlob=self.file("sealed").read_bytes(), EncryptionAlgorithm=algorithm
                    )
                    self.assertEqual(opened["Plaintext"], self.file("plain").read_bytes())

    def test_the_other_padding_does_not_open_it(self):
        made = self.key(KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")
        sealed = self.kms.encrypt(KeyId=made["KeyId"], Plaintext=b"x", EncryptionAlgorithm="RSAES_OAEP_SHA_256")
        with self.refused("InvalidCiphertextException"):
            self.kms.decrypt(
                KeyId=made["KeyId"], CiphertextBlob=sealed["CiphertextBlob"], EncryptionAlgorithm="RSAES_OAEP_SHA_1"
            )


class Agreement(Judged):
    def test_both_sides_have_the_same_secret(self):
        curves = {"ECC_NIST_P256": "prime256v1", "ECC_NIST_P384": "secp384r1", "ECC_NIST_P521": "secp521r1"}
        for spec, curve in curves.items():
            with self.subTest(spec=spec):
                made = self.key(KeySpec=spec, KeyUsage="KEY_AGREEMENT")
                public = self.public(made["KeyId"])
                self.openssl("ecparam", "-name", curve, "-genkey", "-noout", "-out", "ours.pem")
                self.openssl("pkey", "-in", "ours.pem", "-pubout", "-outform", "DER", "-out", "ours.der")
                self.openssl("pkeyutl", "-derive", "-inkey", "ours.pem", "-peerkey", public, "-out", "secret")
                told = self.kms.derive_shared_secret(
                    KeyId=made["KeyId"], KeyAgreementAlgorithm="ECDH", PublicKey=self.file("ours.der").read_bytes()
                )
                self.assertEqual(told["SharedSecret"], self.file("secret").read_bytes())

    def test_two_keys_agree_with_each_other(self):
        one, two = (self.key(KeySpec="ECC_NIST_P256", KeyUsage="KEY_AGREEMENT")["KeyId"] for _ in range(2))
        public = {key: self.kms.get_public_key(KeyId=key)["PublicKey"] for key in [one, two]}
        secrets = [
            self.kms.derive_shared_secret(KeyId=mine, KeyAgreementAlgorithm="ECDH", PublicKey=public[theirs])["SharedSecret"]
            for mine, theirs in [(one, two), (two, one)]
        ]
        self.assertEqual(secrets[0], secrets[1])


class Sm2(Judged):
    """SM2 is in a program only if it was built with it; any other refuses it by name."""

    DISTID = ["-rawin", "-digest", "sm3", "-pkeyopt", "distid:1234567812345678"]

    def made(self, usage):
        try:
            return self.key(KeySpec="SM2", KeyUsage=usage)["KeyId"]
        except ClientError as refused:
            told = refused.response["Error"]
            expected = ("UnsupportedOperationException", "KeySpec SM2 is not supported.")
            self.assertEqual((told["Code"], told["Message"]), expected)
            self.skipTest("the program was built without SM2, and says so")

    def test_signatures_verify(self):
        key = self.made("SIGN_VERIFY")
        message = b"signed by a key that never leaves"
        self.file("message", message)
        self.file("signature", self.kms.sign(KeyId=key, Message=message, SigningAlgorithm="SM2DSA")["Signature"])
        self.openssl("pkeyutl", "-verify", "-pubin", "-inkey", self.public(key), "-in", "message", "-sigfile", "signature", *self.DISTID)

    def test_what_openssl_encrypts_kms_decrypts(self):
        key = self.made("ENCRYPT_DECRYPT")
        self.file("plain", b"encrypted with the public half alone")
        self.openssl("pkeyutl", "-encrypt", "-pubin", "-inkey", self.public(key), "-in", "plain", "-out", "sealed")
        opened = self.kms.decrypt(KeyId=key, CiphertextBlob=self.file("sealed").read_bytes(), EncryptionAlgorithm="SM2PKE")
        self.assertEqual(opened["Plaintext"], self.file("plain").read_bytes())


class KeyPairs(Judged):
    def test_a_data_key_pair_is_a_pair(self):
        wrapping = self.key()["KeyId"]
        self.file("message", b"signed by a data key")
        for spec in ["RSA_2048", "ECC_NIST_P256", "ECC_SECG_P256K1"]:
            with self.subTest(spec=spec):
                pair = self.kms.generate_data_key_pair(KeyId=wrapping, KeyPairSpec=spec)
                self.file("private.der", pair["PrivateKeyPlaintext"])
                self.file("given.der", pair["PublicKey"])
                self.openssl("pkey", "-inform", "DER", "-in", "private.der", "-out", "private.pem")
                self.openssl("pkey", "-in", "private.pem", "-pubout", "-outform", "DER", "-out", "derived.der")
                self.assertEqual(self.file("derived.der").read_bytes(), pair["PublicKey"])
                opened = self.kms.decrypt(CiphertextBlob=pair["PrivateKeyCiphertextBlob"])
                self.assertEqual(opened["Plaintext"], pair["PrivateKeyPlaintext"])

    def test_a_pair_without_plaintext_opens_to_a_private_key(self):
        wrapping = self.key()["KeyId"]
        pair = self.kms.generate_data_key_pair_without_plaintext(KeyId=wrapping, KeyPairSpec="ECC_NIST_P384")
        self.assertNotIn("PrivateKeyPlaintext", pair)
        self.file("private.der", self.kms.decrypt(CiphertextBlob=pair["PrivateKeyCiphertextBlob"])["Plaintext"])
        self.openssl("pkey", "-inform", "DER", "-in", "private.der", "-pubout", "-outform", "DER", "-out", "derived.der")
        self.assertEqual(self.file("derived.der").read_bytes(), pair["PublicKey"])
