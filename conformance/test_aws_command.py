"""The `aws` command, as people type it."""

import base64
import json

from installation import Credentials
from judge import Case, named, policy, trust


class Command(Case):
    def aws(self, *arguments, credentials=None):
        """What the command prints, read."""
        done = self.home.aws(*arguments, "--output", "json", credentials=credentials)
        self.assertEqual(done.returncode, 0, f"aws {arguments}: {done.stderr}")
        return json.loads(done.stdout) if done.stdout.strip() else None

    def aws_fails(self, says, *arguments, credentials=None):
        done = self.home.aws(*arguments, credentials=credentials)
        self.assertNotEqual(done.returncode, 0, done.stdout)
        self.assertRegex(done.stderr, says)

    def test_a_file_is_encrypted_and_decrypted(self):
        key = self.aws("kms", "create-key", "--description", "for files")["KeyMetadata"]["KeyId"]
        alias = "alias/" + named("files")
        self.aws("kms", "create-alias", "--alias-name", alias, "--target-key-id", key)
        listed = self.aws("kms", "list-aliases", "--query", f"Aliases[?AliasName=='{alias}'].TargetKeyId")
        self.assertEqual(listed, [key])
        secret = bytes(range(200))
        (self.home.home / "plain").write_bytes(secret)
        context = ["--encryption-context", "file=plain,kind=test"]
        sealed = self.aws("kms", "encrypt", "--key-id", alias, "--plaintext", "fileb://plain", *context)
        (self.home.home / "sealed").write_bytes(base64.b64decode(sealed["CiphertextBlob"]))
        opened = self.aws("kms", "decrypt", "--ciphertext-blob", "fileb://sealed", *context)
        self.assertEqual(base64.b64decode(opened["Plaintext"]), secret)
        self.aws_fails("InvalidCiphertextException", "kms", "decrypt", "--ciphertext-blob", "fileb://sealed")
        data = self.aws("kms", "generate-data-key", "--key-id", alias, "--key-spec", "AES_256")
        self.assertEqual(len(base64.b64decode(data["Plaintext"])), 32)

    def test_a_file_is_signed_and_verified(self):
        made = self.aws("kms", "create-key", "--key-spec", "ECC_NIST_P256", "--key-usage", "SIGN_VERIFY")
        (self.home.home / "message").write_bytes(b"signed on the command line")
        ask = ["--key-id", made["KeyMetadata"]["KeyId"], "--message", "fileb://message", "--signing-algorithm", "ECDSA_SHA_256"]
        signed = self.aws("kms", "sign", *ask, "--message-type", "RAW")
        (self.home.home / "signature").write_bytes(base64.b64decode(signed["Signature"]))
        told = self.aws("kms", "verify", *ask, "--signature", "fileb://signature")
        self.assertIs(told["SignatureValid"], True)

    def test_a_user_a_policy_a_key_and_a_role(self):
        user, role = named("typed"), named("role")
        made = self.aws("iam", "create-user", "--user-name", user, "--tags", "Key=team,Value=blue")
        self.assertEqual(made["User"]["UserName"], user)
        self.aws("iam", "wait", "user-exists", "--user-name", user)
        allowed = policy(("Allow", "sts:AssumeRole", "*"))
        arn = self.aws("iam", "create-policy", "--policy-name", named("p"), "--policy-document", allowed)["Policy"]["Arn"]
        self.aws("iam", "attach-user-policy", "--user-name", user, "--policy-arn", arn)
        key = Credentials.of(self.aws("iam", "create-access-key", "--user-name", user)["AccessKey"])
        trusting = trust({"AWS": f"arn:aws:iam::{self.account_id}:user/{user}"})
        role_arn = self.aws("iam", "create-role", "--role-name", role, "--assume-role-policy-document", trusting)["Role"]["Arn"]
        may = policy(("Allow", "kms:ListKeys", "*"))
        self.aws("iam", "put-role-policy", "--role-name", role, "--policy-name", "may", "--policy-document", may)
        answer = self.aws("sts", "assume-role", "--role-arn", role_arn, "--role-session-name", "shell", credentials=key)
        session = Credentials.of(answer["Credentials"])
        told = self.aws("sts", "get-caller-identity", credentials=session)
        self.assertEqual(told["Arn"], f"arn:aws:sts::{self.account_id}:assumed-role/{role}/shell")
        self.aws("kms", "list-keys", credentials=session)
        self.aws_fails(r"AccessDenied.*is not authorized to perform: iam:ListUsers", "iam", "list-users", credentials=session)

    def test_the_history_is_looked_up(self):
        user = named("looked-up")
        self.aws("iam", "create-user", "--user-name", user)
        attribute = f"AttributeKey=ResourceName,AttributeValue={user}"
        events = self.aws("cloudtrail", "lookup-events", "--lookup-attributes", attribute)["Events"]
        self.assertEqual([event["EventName"] for event in events], ["CreateUser"])
        self.assertIn("aws-cli/", json.loads(events[0]["CloudTrailEvent"])["userAgent"])

    def test_the_environment_that_the_program_prints_is_enough(self):
        told = self.home.alcazar("env")
        for name in ["AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"]:
            self.assertRegex(told, rf"(?m)^export {name}=\S+$")
        self.assertEqual(self.aws("sts", "get-caller-identity")["Account"], self.account_id)
