"""The program under judgement: started as a user starts it, killed as a machine kills it, asked as clients ask it."""

import json
import os
import pathlib
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import boto3
from botocore.config import Config

PROGRAM = pathlib.Path(os.environ.get("ALCAZAR", "target/release/alcazar")).resolve()
REGION = "us-east-1"
# How long a start may take before the suite gives up; the program itself promises much less.
PATIENCE = 20


class Credentials:
    """What a client signs with."""

    def __init__(self, access_key_id, secret_access_key, session_token=None, account_id=None):
        self.access_key_id = access_key_id
        self.secret_access_key = secret_access_key
        self.session_token = session_token
        self.account_id = account_id

    @classmethod
    def of(cls, answer):
        """From the `Credentials` or `AccessKey` of an answer."""
        return cls(answer["AccessKeyId"], answer["SecretAccessKey"], answer.get("SessionToken"), answer.get("AccountId"))


class Installation:
    """A store of its own in a temporary folder, and the program that serves it."""

    def __init__(self, *options):
        self.folder = tempfile.TemporaryDirectory(prefix="alcazar-conformance-")
        self.home = pathlib.Path(self.folder.name)
        self.options = options
        self.process = None
        self.start()
        known = json.loads(self.alcazar("env", "--json"))
        self.root = Credentials(known["AWS_ACCESS_KEY_ID"], known["AWS_SECRET_ACCESS_KEY"])
        self.account_id = self.client("sts").get_caller_identity()["Account"]

    # The process.

    def start(self):
        """Starts the program on a free port and waits until it says that it is ready."""
        for endpoint in self.home.rglob("endpoint.toml"):
            endpoint.unlink()
        arguments = [str(PROGRAM), "serve", "--listen", "127.0.0.1:0", "--metrics", "off", *self.options]
        begun = time.monotonic()
        with open(self.home / "log.txt", "ab") as log:
            self.process = subprocess.Popen(
                arguments, env=self.environment(None), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        while not self.ready():
            if self.process.poll() is not None or time.monotonic() - begun > PATIENCE:
                self.process.kill()
                self.process.wait()
                raise RuntimeError("the program did not become ready:\n" + self.log())
            time.sleep(0.01)
        self.took = time.monotonic() - begun

    def ready(self):
        """Whether the ready gate says so."""
        if not any(self.home.rglob("endpoint.toml")):
            return False
        known = json.loads(self.alcazar("env", "--json"))
        self.endpoint, self.bundle = known["AWS_ENDPOINT_URL"], known.get("AWS_CA_BUNDLE")
        trust = ssl.create_default_context(cafile=self.bundle) if self.bundle else None
        try:
            with urllib.request.urlopen(self.endpoint + "/_alcazar/ready", timeout=5, context=trust) as answer:
                return answer.status == 200
        except (urllib.error.URLError, ConnectionError):
            return False

    def kill(self):
        """As a power cut does: without a word."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        """As a service is stopped; its exit status."""
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(timeout=PATIENCE)
        return status

    def close(self):
        """Stops it and removes its folder."""
        status = self.stop() if self.process.poll() is None else 0
        log = self.log()
        self.folder.cleanup()
        if status != 0:
            raise RuntimeError(f"the program ended with {status}:\n{log}")

    def log(self):
        """The last lines of what it logged."""
        return "\n".join((self.home / "log.txt").read_text(errors="replace").splitlines()[-40:])

    # Its clients.

    def environment(self, credentials):
        """The environment of a program that speaks to it as somebody; none of ours comes through."""
        known = {"PATH": os.environ["PATH"], "HOME": str(self.home), "LC_ALL": "C.UTF-8"}
        known["XDG_CONFIG_HOME"] = str(self.home / "config")
        known["XDG_DATA_HOME"] = str(self.home / "data")
        if credentials:
            known |= {
                "AWS_ENDPOINT_URL": self.endpoint,
                "AWS_ACCESS_KEY_ID": credentials.access_key_id,
                "AWS_SECRET_ACCESS_KEY": credentials.secret_access_key,
                "AWS_DEFAULT_REGION": REGION,
                "AWS_EC2_METADATA_DISABLED": "true",
                "AWS_MAX_ATTEMPTS": "1",
                "AWS_PAGER": "",
            }
            if credentials.session_token:
                known["AWS_SESSION_TOKEN"] = credentials.session_token
        return known

    def alcazar(self, *arguments):
        """One of the program's own commands; its output."""
        done = subprocess.run(
            [str(PROGRAM), *arguments], env=self.environment(None), stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
        if done.returncode != 0:
            raise RuntimeError(f"alcazar {' '.join(arguments)}: {done.stderr}")
        return done.stdout

    def aws(self, *arguments, credentials=None):
        """The `aws` command of the environment that runs the suite; the finished process."""
        aws = pathlib.Path(sys.executable).parent / "aws"
        return subprocess.run(
            [sys.executable, str(aws), *arguments],
            env=self.environment(credentials or self.root),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            cwd=self.home,
        )

    def client(self, service, credentials=None, region=REGION, **options):
        """A boto3 client of the service, as somebody, that tries once."""
        credentials = credentials or self.root
        options.setdefault("retries", {"total_max_attempts": 1})
        return boto3.session.Session().client(
            service,
            endpoint_url=self.endpoint,
            verify=self.bundle,
            region_name=region,
            aws_access_key_id=credentials.access_key_id,
            aws_secret_access_key=credentials.secret_access_key,
            aws_session_token=credentials.session_token,
            config=Config(**options),
        )

    def account(self, name):
        """A further account; its root user's credentials."""
        return Credentials.of(json.loads(self.alcazar("account", "create", "--name", name, "--json")))
