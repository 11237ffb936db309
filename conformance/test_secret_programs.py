"""Secrets for programs: the agent over HTTP, references filled in, programs run with secrets in their environment, and secrets brought from
elsewhere. Programs are real ones: sh, env, and this Python."""

import contextlib
import http.client
import json
import os
import pathlib
import re
import select
import subprocess
import sys
import tempfile
import time
import urllib.parse

from installation import PATIENCE, PROGRAM, Installation
from judge import Case, named


class Programs(Case):
    def setUp(self):
        self.secrets = self.client("secretsmanager")
        self.ssm = self.client("ssm")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def secret(self, value, what="program"):
        """A new secret; its name."""
        name = named(what)
        kind = {"SecretBinary": value} if isinstance(value, bytes) else {"SecretString": value}
        self.secrets.create_secret(Name=name, **kind)
        return name

    def run_alcazar(self, *arguments, input=None, environment=None, home=None):
        """One of the program's commands, as root unless the environment says otherwise; the finished process."""
        home = home or self.home
        return subprocess.run(
            [str(PROGRAM), *map(str, arguments)], env=home.environment(None) | (environment or {}), input=input or "",
            capture_output=True, text=True, timeout=PATIENCE, cwd=self.folder,
        )

    def good(self, *arguments, **options):
        """Its output, if it ends well."""
        done = self.run_alcazar(*arguments, **options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def bad(self, *arguments, says, status=1, **options):
        """It fails in such words and prints nothing; no value is among the words."""
        done = self.run_alcazar(*arguments, **options)
        self.assertEqual((done.returncode, done.stdout), (status, ""), done.stderr)
        self.assertRegex(done.stderr, says)
        self.assertNotIn("hunter", done.stderr)


class Agent(Programs):
    @contextlib.contextmanager
    def agent(self, *options, token="tea", credentials=None, endpoint=None):
        """A running agent; a function that asks it for a path."""
        environment = self.home.environment(credentials or self.home.root) | {"AWS_TOKEN": token}
        if endpoint:
            environment["AWS_ENDPOINT_URL"] = endpoint
        process = subprocess.Popen(
            [str(PROGRAM), "agent", "secrets", "--listen", "127.0.0.1:0", *options],
            env=environment, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )
        said = b""
        try:
            begun = time.monotonic()
            while not (found := re.search(rb"http://(127\.0\.0\.1:\d+)", said)):
                self.assertLess(time.monotonic() - begun, PATIENCE, said)
                self.assertIsNone(process.poll(), said)
                if select.select([process.stderr], [], [], 0.1)[0]:
                    said += os.read(process.stderr.fileno(), 65536)
            address = found.group(1).decode()

            def ask(path, headers=None, method="GET", held=None):
                """Status and body; the connection is kept in `held` if there is one."""
                connection = http.client.HTTPConnection(address, timeout=PATIENCE)
                with contextlib.ExitStack() as ends:
                    (held or ends).callback(connection.close)
                    given = {"X-Aws-Parameters-Secrets-Token": "tea"} if headers is None else headers
                    connection.request(method, path, headers=given)
                    answer = connection.getresponse()
                    return answer.status, answer.read().decode()

            yield ask
        finally:
            process.terminate()
            self.assertEqual(process.wait(timeout=PATIENCE), 0)
            said += process.stderr.read()
            process.stderr.close()
            self.assertNotIn(b"hunter", said)

    def test_a_program_reads_a_secret_in_both_forms(self):
        name = self.secret('{"password":"hunter2"}')
        known = self.secrets.get_secret_value(SecretId=name)
        with self.agent() as ask:
            status, body = ask("/secretsmanager/get?" + urllib.parse.urlencode({"secretId": known["ARN"]}))
            self.assertEqual(status, 200, body)
            body = json.loads(body)
            for key in ("ARN", "Name", "VersionId", "SecretString", "VersionStages"):
                self.assertEqual(body[key], known[key])
            self.assertAlmostEqual(float(body["CreatedDate"]), known["CreatedDate"].timestamp(), places=2)
            self.assertEqual(json.loads(ask(f"/v1/{name}")[1]), body)
            self.assertEqual(json.loads(ask(f"/v1/{name}?versionId={known['VersionId']}")[1]), body)
            self.assertEqual(ask("/ping", headers={}), (200, "healthy"))

    def test_bytes_come_in_base64(self):
        name = self.secret(b"\x00\xff")
        with self.agent() as ask:
            self.assertEqual(json.loads(ask(f"/v1/{name}")[1])["SecretBinary"], "AP8=")

    def test_who_may_not_ask_is_refused(self):
        with self.agent() as ask:
            path = "/secretsmanager/get?secretId=x"
            right = {"X-Aws-Parameters-Secrets-Token": "tea"}
            self.assertEqual(ask(path, headers={}), (403, "Bad Token"))
            self.assertEqual(ask(path, headers={"X-Aws-Parameters-Secrets-Token": "coffee"}), (403, "Bad Token"))
            self.assertEqual(ask(path, headers=right | {"X-Forwarded-For": "10.0.0.1"}), (400, "Forwarded"))
            self.assertEqual(ask(path, headers=right, method="POST"), (405, "Not allowed"))
            self.assertEqual(ask("/secretsmanager/get?secret=x"), (400, "unknown parameter: secret"))
            self.assertEqual(ask("/elsewhere"), (404, "Not found"))
            status, body = ask(f"/v1/{named('none')}")
            self.assertEqual((status, json.loads(body)["__type"]), (400, "ResourceNotFoundException"))
        name = self.secret("hunter2")
        _, nobody = self.user()
        with self.agent(credentials=nobody) as ask:
            status, body = ask(f"/v1/{name}")
            self.assertEqual((status, json.loads(body)["__type"]), (400, "AccessDeniedException"))

    def test_a_kept_value_is_given_until_it_is_refreshed(self):
        name = self.secret("one")
        text = lambda answer: json.loads(answer[1])["SecretString"]
        with self.agent() as ask, self.agent("--ttl", "0") as forgetful:
            self.assertEqual([text(ask(f"/v1/{name}")), text(forgetful(f"/v1/{name}"))], ["one", "one"])
            self.secrets.put_secret_value(SecretId=name, SecretString="two")
            self.assertEqual([text(ask(f"/v1/{name}")), text(forgetful(f"/v1/{name}"))], ["one", "two"])
            self.assertEqual(text(ask(f"/v1/{name}?refreshNow=true")), "two")
            self.assertEqual(text(ask(f"/v1/{name}")), "two")

    def test_one_connection_too_many_is_told_so(self):
        name = self.secret("hunter2")
        with self.agent("--max-conn", "1") as ask:
            with contextlib.ExitStack() as held:
                self.assertEqual(ask(f"/v1/{name}", held=held)[0], 200)
                self.assertEqual(ask(f"/v1/{name}"), (429, "Connection limit exceeded"))
                self.assertEqual(ask("/ping"), (200, "healthy"))
            self.eventually(lambda: self.assertEqual(ask(f"/v1/{name}")[0], 200))

    def test_an_endpoint_of_one_service_is_enough(self):
        name = self.secret("hunter2")
        known = self.home.environment(self.home.root) | {"XDG_CONFIG_HOME": str(self.folder), "XDG_DATA_HOME": str(self.folder)}
        known["AWS_ENDPOINT_URL_SECRETS_MANAGER"] = known["AWS_ENDPOINT_URL"]
        known["AWS_ENDPOINT_URL"] = ""
        told = self.good("exec", "--secret", name, "--", "sh", "-c", "echo run", environment=known)
        self.assertEqual(told, "run\n")

    def test_an_address_that_is_taken_is_told(self):
        taken = self.home.endpoint.split("//")[1]
        known = self.home.environment(self.home.root) | {"AWS_TOKEN": "t"}
        self.assertRegex(self.run_alcazar("agent", "secrets", "--listen", taken, environment=known).stderr, f"{taken}: .*in use")

    def test_the_token_may_be_in_a_file(self):
        file = self.folder / "token"
        file.write_text("tea\n")
        name = self.secret("hunter2")
        with self.agent(token=f"file://{file}") as ask:
            self.assertEqual(ask(f"/v1/{name}")[0], 200)

    def test_old_values_serve_while_the_service_is_gone(self):
        home = Installation()
        try:
            home.client("secretsmanager").create_secret(Name="kept", SecretString="hunter2")
            with self.agent("--ttl", "1", credentials=home.root, endpoint=home.endpoint) as ask:
                self.assertEqual(ask("/v1/kept")[0], 200)
                home.kill()
                time.sleep(1.1)
                status, body = ask("/v1/kept")
                self.assertEqual((status, json.loads(body)["SecretString"]), (200, "hunter2"))
                status, body = ask("/v1/kept?refreshNow=true")
                self.assertEqual((status, json.loads(body)["__type"]), (502, "ConnectionError"))
                self.assertEqual(ask("/v1/other")[0], 502)
        finally:
            home.close()

    def test_it_starts_only_on_loopback_and_with_a_token_and_credentials(self):
        known = self.home.environment(self.home.root)
        self.bad("agent", "secrets", "--listen", "0.0.0.0:0", says="no loopback", environment=known | {"AWS_TOKEN": "t"})
        self.bad("agent", "secrets", says="no token", environment=known)
        self.bad("agent", "secrets", says="no credentials", environment={"AWS_TOKEN": "t"})


class Resolve(Programs):
    def test_every_kind_of_reference_is_filled_in(self):
        name = self.secret('{"user":"app","password":"old","port":5432}')
        second = self.secrets.put_secret_value(SecretId=name, SecretString='{"user":"app","password":"n{e}w","port":5432}')
        arn = self.secrets.describe_secret(SecretId=name)["ARN"]
        path = f"/{named('resolve')}"
        for value in ("one", "two"):
            self.ssm.put_parameter(Name=f"{path}/host", Value=value, Type="String", Overwrite=True)
        self.ssm.put_parameter(Name=f"{path}/key", Value="sesame", Type="SecureString")
        text = "\n".join([
            "# {{ not one }}",
            f"url=db://{{{{resolve:secretsmanager:{name}:SecretString:user}}}}:{{{{resolve:secretsmanager:{arn}:SecretString:password}}}}@",
            f"port={{{{resolve:secretsmanager:{name}:SecretString:port}}}}",
            f"old={{{{resolve:secretsmanager:{name}:SecretString:password:AWSPREVIOUS}}}}",
            f"id={{{{resolve:secretsmanager:{name}:SecretString:password::{second['VersionId']}}}}}",
            f"hosts={{{{resolve:ssm:{path}/host}}}},{{{{resolve:ssm:{path}/host:1}}}}",
            f"key={{{{resolve:ssm-secure:{path}/key:1}}}}",
            f"whole={{{{resolve:secretsmanager:{name}}}}}",
        ])
        expected = "\n".join([
            "# {{ not one }}", "url=db://app:n{e}w@", "port=5432", "old=old", "id=n{e}w", "hosts=two,one", "key=sesame",
            'whole={"user":"app","password":"n{e}w","port":5432}',
        ])
        file = self.folder / "template"
        file.write_text(text)
        self.assertEqual(self.good("resolve", file), expected)
        self.assertEqual(self.good("resolve", input=text), expected)

    def test_one_that_is_not_resolved_is_named_and_nothing_comes_out(self):
        name = self.secret('{"a":"hunter2","b":["hunter2"]}')
        plain, binary = self.secret("hunter2"), self.secret(b"hunter2")
        path = f"/{named('resolve')}"
        self.ssm.put_parameter(Name=f"{path}/plain", Value="hunter2", Type="String")
        self.ssm.put_parameter(Name=f"{path}/key", Value="hunter2", Type="SecureString")
        for inside, why in [
            (f"secretsmanager:{name}:SecretString:none", "has no key"),
            (f"secretsmanager:{name}:SecretString:b", "is no text"),
            (f"secretsmanager:{plain}:SecretString:a", "is no JSON object"),
            (f"secretsmanager:{binary}", "is binary"),
            ("secretsmanager:none-such", "ResourceNotFoundException"),
            (f"ssm:{path}/none", "ParameterNotFound"),
            (f"ssm:{path}/plain:2", "ParameterVersionNotFound"),
            (f"ssm:{path}/key", "ssm-secure"),
            (f"ssm-secure:{path}/plain", "is not"),
        ]:
            good = f"{{{{resolve:secretsmanager:{name}:SecretString:a}}}}"
            whole = f"{{{{resolve:{inside}}}}}"
            self.bad("resolve", input=f"{good} {whole} {good}", says=f"{re.escape(whole)}.*{why}")
        self.bad("resolve", input="a {{resolve:ssm:b", says="line 1: .* without an end")
        self.bad("resolve", self.folder / "none", says="No such file")


class Exec(Programs):
    def test_keys_and_whole_values_stand_in_the_environment(self):
        name, whole = self.secret('{"DB_USER":"app","db-port":5432}'), self.secret("hun ter'2\n", "whole")
        code = "import os,json,sys;print(json.dumps([sys.argv[1:], dict(os.environ)]))"
        told = self.good("exec", "--secret", name, "--secret", whole, "--", sys.executable, "-c", code, "a b", "--prefix")
        arguments, environment = json.loads(told)
        self.assertEqual(arguments, ["a b", "--prefix"])
        self.assertEqual((environment["DB_USER"], environment["db_port"]), ("app", "5432"))
        self.assertEqual(environment[whole.replace("-", "_").upper()], "hun ter'2\n")
        self.assertEqual(environment["HOME"], str(self.home.home))
        told = self.good("exec", "--secret", name, "--prefix", "APP_", "--", "sh", "-c", "echo $APP_DB_USER$DB_USER")
        self.assertEqual(told, "app\n")

    def test_the_program_takes_the_place_of_this_one(self):
        name = self.secret("hunter2")
        environment = self.home.environment(None)
        process = subprocess.Popen(
            [str(PROGRAM), "exec", "--secret", name, "--", "sh", "-c", "echo $$; tr '\\0' ' ' < /proc/$$/cmdline"],
            env=environment, stdout=subprocess.PIPE, text=True,
        )
        said, _ = process.communicate(timeout=PATIENCE)
        self.assertEqual(said.splitlines()[0], str(process.pid))
        self.assertNotIn("hunter", said)
        run = lambda *program: self.run_alcazar("exec", "--secret", name, "--", *program).returncode
        self.assertEqual(run("sh", "-c", "exit 37"), 37)
        self.assertEqual(run("sh", "-c", "kill -TERM $$"), -15)
        self.assertEqual(run(self.folder / "none"), 127)
        self.assertEqual(run(self.folder), 126)

    def test_no_program_runs_without_all_of_its_secrets(self):
        good, marker = self.secret('{"a":"hunter2"}'), self.folder / "ran"
        clash, steers = self.secret('{"a":"hunter3"}'), self.secret('{"LD_PRELOAD":"hunter2"}')
        binary = self.secret(b"hunter2")
        for other, why in [
            ("none-such", "ResourceNotFoundException"), (clash, "comes twice"), (steers, "which code is run"), (binary, "is binary"),
        ]:
            self.bad("exec", "--secret", good, "--secret", other, "--", "touch", marker, says=why)
        self.assertFalse(marker.exists())


class Import(Programs):
    def value(self, name):
        return json.loads(self.secrets.get_secret_value(SecretId=name)["SecretString"])

    def export(self, fields):
        """As `bao kv get -format=json` prints it."""
        data = {"data": fields, "metadata": {"created_time": "2026-01-01T00:00:00Z", "version": 1, "destroyed": False}}
        return {"request_id": "r", "lease_id": "", "lease_duration": 0, "renewable": False, "data": data, "warnings": None}

    def test_exports_of_vault_become_secrets(self):
        one, two, gone = named("one"), named("team/two"), named("gone")
        (self.folder / f"{one}.json").write_text(json.dumps(self.export({"user": "app", "password": "hunter2"})))
        many = {two: self.export({"n": 1}), gone: self.export(None)}
        (self.folder / "many.json").write_text(json.dumps(many))
        files = ["import", "--from", "vault", f"{one}.json", "many.json"]
        would = [f"skipped (deleted there) {gone}", f"would create {one}", f"would create {two}"]
        self.assertEqual(sorted(self.good(*files, "--dry-run").splitlines()), would)
        with self.refused("ResourceNotFoundException"):
            self.secrets.describe_secret(SecretId=one)
        done = [f"created {one}", f"created {two}", f"skipped (deleted there) {gone}"]
        self.assertEqual(sorted(self.good(*files).splitlines()), done)
        self.assertEqual((self.value(one), self.value(two)), ({"user": "app", "password": "hunter2"}, {"n": 1}))
        self.assertEqual(self.good("import", "--from", "openbao", f"{one}.json"), f"unchanged {one}\n")
        (self.folder / "next.json").write_text(json.dumps(self.export({"user": "app", "password": "hunter3"})))
        self.assertEqual(self.good("import", "--from", "vault", "--name", one, "next.json"), f"updated {one}\n")
        self.assertEqual(self.value(one)["password"], "hunter3")
        versions = self.secrets.list_secret_version_ids(SecretId=one)["Versions"]
        self.assertEqual(sorted(it["VersionStages"] for it in versions), [["AWSCURRENT"], ["AWSPREVIOUS"]])

    def test_an_environment_file_becomes_a_secret_that_exec_understands(self):
        name = named("env")
        (self.folder / ".env").write_text("# settings\nexport USER_NAME=app\nPASSWORD='hunter $2' # quoted\nTEXT=\"a\\nb\"\n")
        self.assertEqual(self.good("import", "--from", "env", "--prefix", "app/", "--name", name, ".env"), f"created app/{name}\n")
        told = self.good("exec", "--secret", f"app/{name}", "--", "sh", "-c", 'printf "%s|%s|%s" "$USER_NAME" "$PASSWORD" "$TEXT"')
        self.assertEqual(told, "app|hunter $2|a\nb")

    def test_what_cannot_be_read_changes_nothing(self):
        name = named("bad")
        (self.folder / ".env").write_text("A=1\nhunter2\n")
        (self.folder / f"{name}.json").write_text(json.dumps(self.export({"a": 1})))
        (self.folder / "bad.json").write_text('{"a": "hunter2"}')
        self.bad("import", "--from", "env", "--name", name, ".env", says=r"\.env: line 2: no NAME=value")
        self.bad("import", "--from", "env", ".env", says="--name")
        self.bad("import", "--from", "vault", f"{name}.json", "bad.json", says="bad.json: neither")
        self.bad("import", "--from", "vault", f"{name}.json", f"{name}.json", says="comes twice")
        self.bad("import", "--from", "vault", says="name the files")
        with self.refused("ResourceNotFoundException"):
            self.secrets.describe_secret(SecretId=name)

    def test_from_aws_come_all_secrets_with_what_belongs_to_them(self):
        theirs = Installation()
        try:
            there, prefix = theirs.client("secretsmanager"), f"{named('from-aws')}/"
            names = [f"s{number:03}" for number in range(105)]
            for name in names:
                there.create_secret(Name=name, SecretString=f"hunter-{name}", ClientRequestToken="0" * 32)
            there.create_secret(Name="bytes", SecretBinary=b"\x00\xff", Description="two bytes", Tags=[{"Key": "k", "Value": "v"}])
            there.create_secret(Name="empty")
            own = {
                "ALCAZAR_IMPORT_AWS_ENDPOINT_URL": theirs.endpoint,
                "ALCAZAR_IMPORT_AWS_ACCESS_KEY_ID": theirs.root.access_key_id,
                "ALCAZAR_IMPORT_AWS_SECRET_ACCESS_KEY": theirs.root.secret_access_key,
                "ALCAZAR_IMPORT_AWS_REGION": "us-east-1",
            }
            arguments = ["import", "--from", "aws", "--prefix", prefix]
            dry = self.good(*arguments, "--dry-run", environment=own).splitlines()
            self.assertEqual(len(dry), 107)
            self.assertIn(f"would create {prefix}bytes", dry)
            standard = theirs.environment(theirs.root) | {"AWS_REGION": "us-east-1"}
            for environment, word in [(own, "created"), (standard, "unchanged")]:
                told = self.good(*arguments, environment={k: v for k, v in environment.items() if k.startswith(("AWS", "ALC"))})
                self.assertIn(f"skipped (without a value) {prefix}empty\n", told)
                self.assertEqual(sorted(line for line in told.splitlines() if line.startswith(word)),
                                 sorted(f"{word} {prefix}{name}" for name in ["bytes", *names]))
            self.assertEqual(self.secrets.get_secret_value(SecretId=f"{prefix}s104")["SecretString"], "hunter-s104")
            described = self.secrets.describe_secret(SecretId=f"{prefix}bytes")
            self.assertEqual((described["Description"], described["Tags"]), ("two bytes", [{"Key": "k", "Value": "v"}]))
            self.assertEqual(self.secrets.get_secret_value(SecretId=f"{prefix}bytes")["SecretBinary"], b"\x00\xff")
        finally:
            theirs.close()

    def test_from_aws_wants_credentials_that_are_not_its_own(self):
        here = {"AWS_ENDPOINT_URL": self.home.endpoint, "AWS_REGION": "us-east-1",
                "AWS_ACCESS_KEY_ID": self.home.root.access_key_id, "AWS_SECRET_ACCESS_KEY": self.home.root.secret_access_key}
        self.bad("import", "--from", "aws", says="no credentials")
        self.bad("import", "--from", "aws", says="this installation's own", environment=here)
        self.bad("import", "--from", "aws", "file", says="name none")
