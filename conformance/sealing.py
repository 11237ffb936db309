"""The AWS Encryption SDK in its languages, each in a process of its own, as a user's program runs it."""

import base64
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).parent / "encryption_sdk"
# Where `cargo xtask test` installs the package: beside this environment's own folder.
MODULES = pathlib.Path(sys.executable).parents[2] / "node" / "node_modules"
LANGUAGES = {
    "python": [sys.executable, str(HERE / "seal.py")],
    "javascript": ["node", str(HERE / "seal.cjs")],
}


class Sealing:
    """For a `Case` that seals and opens."""

    def run_in(self, language, action, data, keys=(), context=None, region="us-east-1", mrk=False, credentials=None):
        """Has the SDK of that language do it; the finished process."""
        order = {
            "action": action,
            "data": base64.b64encode(data).decode(),
            "keys": list(keys),
            "context": context or {},
            "region": region,
            "mrk": mrk,
        }
        environment = self.home.environment(credentials or self.home.root)
        environment |= {"AWS_DEFAULT_REGION": region, "AWS_REGION": region, "NODE_PATH": str(MODULES)}
        return subprocess.run(
            LANGUAGES[language], env=environment, input=json.dumps(order), capture_output=True, text=True, cwd=self.home.home
        )

    def done_in(self, language, *arguments, **options):
        """The same, which must succeed; data and context."""
        process = self.run_in(language, *arguments, **options)
        self.assertEqual(process.returncode, 0, process.stderr)
        answer = json.loads(process.stdout)
        return base64.b64decode(answer["data"]), answer["context"]
