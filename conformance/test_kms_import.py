"""KMS: material from elsewhere, made and wrapped by OpenSSL as the documentation shows it."""

import datetime
import os
import pathlib
import subprocess
import tempfile

from installation import Installation
from judge import Case

OAEP = {
    "1": ["-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt", "rsa_oaep_md:sha1", "-pkeyopt", "rsa_mgf1_md:sha1"],
    "256": ["-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt", "rsa_oaep_md:sha256", "-pkeyopt", "rsa_mgf1_md:sha256"],
}


class Imported(Case):
    def setUp(self):
        self.kms = self.client("kms")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def openssl(self, *arguments):
        done = subprocess.run(["openssl", *map(str, arguments)], cwd=self.folder, capture_output=True)
        self.assertEqual(done.returncode, 0, f"openssl {arguments}: {done.stderr.decode()}{done.stdout.decode()}")

    def file(self, name, content=None):
        path = self.folder / name
        if content is not None:
            path.write_bytes(content)
        return path

    def wrapped(self, key, material, algorithm="RSAES_OAEP_SHA_256", spec="RSA_4096"):
        """Token and wrapped material, for an import."""
        told = self.kms.get_parameters_for_import(KeyId=key, WrappingAlgorithm=algorithm, WrappingKeySpec=spec)
        left = told["ParametersValidTo"] - datetime.datetime.now(datetime.timezone.utc)
        self.assertAlmostEqual(left.total_seconds(), 24 * 3600, delta=60)
        self.file("wrapping.der", told["PublicKey"])
        oaep = OAEP[algorithm.rsplit("_", 1)[1]]
        parts = [material]
        if "AES_KEY_WRAP" in algorithm:
            aes = os.urandom(32)
            self.file("material", material)
            self.openssl(
                "enc", "-id-aes256-wrap-pad", "-K", aes.hex(), "-iv", "A65959A6", "-in", "material", "-out", "inner"
            )
            parts = [aes, self.file("inner").read_bytes()]
        self.file("plain", parts[0])
        encrypt = ["pkeyutl", "-encrypt", "-pubin", "-keyform", "DER", "-inkey", "wrapping.der"]
        self.openssl(*encrypt, *oaep, "-in", "plain", "-out", "outer")
        blob = b"".join([self.file("outer").read_bytes(), *parts[1:]])
        return {"KeyId": key, "ImportToken": told["ImportToken"], "EncryptedKeyMaterial": blob}

    def bring(self, key, material, algorithm="RSAES_OAEP_SHA_256", spec="RSA_4096", **options):
        options.setdefault("ExpirationModel", "KEY_MATERIAL_DOES_NOT_EXPIRE")
        return self.kms.import_key_material(**self.wrapped(key, material, algorithm, spec), **options)

    def state(self, key):
        return self.kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"]

    def test_a_symmetric_key_waits_for_its_material_and_for_the_same_again(self):
        made = self.key(Origin="EXTERNAL")
        key = made["KeyId"]
        self.assertEqual((made["KeyState"], made["Enabled"], made["Origin"]), ("PendingImport", False, "EXTERNAL"))
        with self.refused("KMSInvalidStateException", says="is pending import"):
            self.kms.encrypt(KeyId=key, Plaintext=b"secret")
        material = os.urandom(32)
        self.bring(key, material)
        told = self.kms.describe_key(KeyId=key)["KeyMetadata"]
        self.assertEqual((told["KeyState"], told["ExpirationModel"]), ("Enabled", "KEY_MATERIAL_DOES_NOT_EXPIRE"))
        blob = self.kms.encrypt(KeyId=key, Plaintext=b"secret")["CiphertextBlob"]
        self.kms.delete_imported_key_material(KeyId=key)
        with self.refused("KMSInvalidStateException"):
            self.kms.decrypt(CiphertextBlob=blob)
        with self.refused("IncorrectKeyMaterialException"):
            self.bring(key, os.urandom(32))
        self.bring(key, material, "RSAES_OAEP_SHA_1", "RSA_2048")
        self.assertEqual(self.kms.decrypt(CiphertextBlob=blob)["Plaintext"], b"secret")

    def test_what_was_imported_is_there_after_a_crash(self):
        home = Installation()
        self.addCleanup(home.close)
        self.kms = home.client("kms")
        key = self.kms.create_key(Origin="EXTERNAL", MultiRegion=True)["KeyMetadata"]["KeyId"]
        first = self.wrapped(key, os.urandom(32))
        home.kill()
        home.start()
        self.kms = home.client("kms")
        # The token is of no store: it is good as long as its installation is.
        self.kms.import_key_material(**first, ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE")
        home.kill()
        home.start()
        self.kms = home.client("kms")
        blob = self.kms.encrypt(KeyId=key, Plaintext=b"secret")["CiphertextBlob"]
        self.assertEqual(self.kms.decrypt(CiphertextBlob=blob)["Plaintext"], b"secret")

    def test_what_was_wrapped_otherwise_or_for_another_key_is_refused(self):
        key, other = self.key(Origin="EXTERNAL")["KeyId"], self.key(Origin="EXTERNAL")["KeyId"]
        good = {**self.wrapped(key, os.urandom(32)), "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
        with self.refused("InvalidImportTokenException"):
            self.kms.import_key_material(**{**good, "KeyId": other})
        with self.refused("InvalidImportTokenException"):
            self.kms.import_key_material(**{**good, "ImportToken": good["ImportToken"][:-1]})
        with self.refused("InvalidCiphertextException"):
            self.kms.import_key_material(**{**good, "EncryptedKeyMaterial": good["EncryptedKeyMaterial"][:-1]})
        with self.refused("ValidationException", says="validTo"):
            self.kms.import_key_material(**{**good, "ExpirationModel": "KEY_MATERIAL_EXPIRES"})
        self.assertEqual(self.state(key), "PendingImport")

    def test_material_expires(self):
        key = self.key(Origin="EXTERNAL")["KeyId"]
        wrapped = self.wrapped(key, os.urandom(32))
        # From here on: a wrapping key may take longer than that to make.
        soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=2)
        self.kms.import_key_material(**wrapped, ExpirationModel="KEY_MATERIAL_EXPIRES", ValidTo=soon)
        told = self.kms.describe_key(KeyId=key)["KeyMetadata"]
        self.assertEqual((told["KeyState"], told["ExpirationModel"]), ("Enabled", "KEY_MATERIAL_EXPIRES"))
        self.eventually(lambda: self.assertEqual(self.state(key), "PendingImport"), seconds=10)

    def test_private_keys_sign_here_what_their_public_keys_verify_there(self):
        self.file("message", b"signed by a key from elsewhere")
        kinds = [
            ("RSA_2048", ["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"], "RSASSA_PKCS1_V1_5_SHA_256"),
            ("RSA_4096", ["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:4096"], "RSASSA_PKCS1_V1_5_SHA_256"),
            ("ECC_NIST_P256", ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"], "ECDSA_SHA_256"),
            ("ECC_NIST_P521", ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"], "ECDSA_SHA_512"),
            ("ECC_SECG_P256K1", ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp256k1"], "ECDSA_SHA_256"),
        ]
        for spec, generate, algorithm in kinds:
            with self.subTest(spec=spec):
                self.openssl(*generate, "-out", "private.pem")
                self.openssl("pkey", "-in", "private.pem", "-pubout", "-out", "public.pem")
                self.openssl("pkcs8", "-topk8", "-nocrypt", "-in", "private.pem", "-outform", "DER", "-out", "private.der")
                key = self.key(Origin="EXTERNAL", KeySpec=spec, KeyUsage="SIGN_VERIFY")["KeyId"]
                self.bring(key, self.file("private.der").read_bytes(), "RSA_AES_KEY_WRAP_SHA_256", "RSA_3072")
                message = self.file("message").read_bytes()
                signed = self.kms.sign(KeyId=key, Message=message, SigningAlgorithm=algorithm)
                self.file("signature", signed["Signature"])
                digest = "-sha" + algorithm.rsplit("_", 1)[1]
                self.openssl("dgst", digest, "-verify", "public.pem", "-signature", "signature", "message")

    def test_a_mac_is_the_imported_keys(self):
        material = os.urandom(32)
        key = self.key(Origin="EXTERNAL", KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyId"]
        self.bring(key, material)
        told = self.kms.generate_mac(KeyId=key, Message=b"message", MacAlgorithm="HMAC_SHA_256")["Mac"]
        self.file("message", b"message")
        self.openssl("dgst", "-sha256", "-mac", "HMAC", "-macopt", f"hexkey:{material.hex()}", "-binary", "-out", "mac", "message")
        self.assertEqual(told, self.file("mac").read_bytes())

    def test_new_material_is_rotated_to(self):
        key = self.key(Origin="EXTERNAL")["KeyId"]
        self.bring(key, os.urandom(32))
        old = self.kms.encrypt(KeyId=key, Plaintext=b"old")["CiphertextBlob"]
        new = self.bring(key, os.urandom(32), ImportType="NEW_KEY_MATERIAL", KeyMaterialDescription="next")
        self.kms.rotate_key_on_demand(KeyId=key)

        def rotated():
            told = self.kms.describe_key(KeyId=key)["KeyMetadata"]
            self.assertEqual(told["CurrentKeyMaterialId"], new["KeyMaterialId"])

        self.eventually(rotated)
        listed = self.kms.list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]
        self.assertEqual([one["KeyMaterialState"] for one in listed], ["NON_CURRENT", "CURRENT"])
        self.assertEqual(self.kms.decrypt(CiphertextBlob=old)["Plaintext"], b"old")
