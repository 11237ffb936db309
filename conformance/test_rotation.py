"""Rotation: real users of real databases get other passwords, and the stock clients of the databases say so."""

import json
import socket
import threading

from databases import SUPERUSER, Authority, MariaDb, PostgreSql
from installation import Installation
from judge import Case, named

# Servers are started once for all tests of their kind.
_made = {}


def made(name, make):
    if name not in _made:
        _made[name] = make()
    return _made[name]


def tearDownModule():
    for it in reversed(list(_made.values())):
        it.close() if hasattr(it, "close") else it.folder.cleanup()
    _made.clear()


def authority():
    return made("authority", Authority)


class Beside:
    """A program beside a database server of some kind; the kinds are below."""

    kind = None
    single = None
    alternating = None
    certified = False

    @classmethod
    def setUpClass(cls):
        cls.home = made("installation", lambda: Installation("--test-clock", "--trust", str(authority().file)))
        cls.account_id = cls.home.account_id
        by = authority() if cls.certified else None
        cls.server = made(cls.__name__, lambda: cls.kind(certified_by=by))

    def setUp(self):
        self.secrets = self.client("secretsmanager")

    def function(self, name):
        return f"arn:aws:lambda:us-east-1:{self.account_id}:function:SecretsManagerRDS{name}"

    def superuser(self):
        """The superuser's secret; its ARN."""
        value = self.server.value(self.server.engine, SUPERUSER, "superuser")
        return self.secrets.create_secret(Name=named("superuser"), SecretString=json.dumps(value))["ARN"]

    def application(self, **further):
        """A user of the database and its secret; the secret's name and the user's."""
        user, name = named("app").replace("-", "_"), named("secret")
        self.server.application(user, "first")
        value = self.server.value(self.server.engine, user, "first", **further)
        self.secrets.create_secret(Name=name, SecretString=json.dumps(value))
        return name, user

    def value(self, name, stage="AWSCURRENT"):
        read = self.secrets.get_secret_value(SecretId=name, VersionStage=stage)
        value = json.loads(read["SecretString"])
        return value["username"], value["password"]

    def rotate(self, name, function, **options):
        """Has it rotated and waits for the end; the version that was made."""
        options = {"RotationLambdaARN": self.function(function), "RotationRules": {"AutomaticallyAfterDays": 1}} | options
        version = self.secrets.rotate_secret(SecretId=name, **options)["VersionId"]
        self.eventually(lambda: self.is_current(name, version), seconds=30)
        return version

    def is_current(self, name, version):
        stages = self.secrets.describe_secret(SecretId=name)["VersionIdsToStages"]
        self.assertIn("AWSCURRENT", stages[version], self.events(name))

    def events(self, name):
        """What the service did with it by itself, oldest first."""
        arn = self.secrets.describe_secret(SecretId=name)["ARN"]
        pages = self.client("cloudtrail").get_paginator("lookup_events")
        pages = pages.paginate(LookupAttributes=[{"AttributeKey": "ResourceName", "AttributeValue": arn}])
        events = [json.loads(event["CloudTrailEvent"]) for page in pages for event in page["Events"]]
        own = [event for event in events if event["eventType"] == "AwsServiceEvent"]
        return [(event["eventName"], event["additionalEventData"].get("ErrorMessage")) for event in reversed(own)]


class Rotated(Beside):
    """What holds for every database."""

    def test_the_new_password_works_and_the_old_one_does_not(self):
        name, user = self.application()
        self.rotate(name, self.single)
        told, password = self.value(name)
        self.assertEqual(told, user)
        self.assertTrue(self.server.lets_in(user, password))
        self.assertFalse(self.server.lets_in(user, "first"))
        self.assertEqual(self.value(name, "AWSPREVIOUS"), (user, "first"))
        self.assertEqual([event for event, _ in self.events(name)], ["RotationStarted", "RotationSucceeded"])
        self.assertNotIn(password, self.server.log())

    def test_it_rotates_by_the_clock(self):
        name, user = self.application()
        self.rotate(name, self.single)
        before = self.value(name)
        # Three due dates at once are one rotation.
        self.home.alcazar("clock", "advance", "3d")
        self.eventually(lambda: self.assertNotEqual(self.value(name), before), seconds=30)
        self.eventually(lambda: self.assertEqual(len(self.events(name)), 4), seconds=30)
        self.assertTrue(self.server.lets_in(*self.value(name)))
        self.assertFalse(self.server.lets_in(*before))

    def test_two_users_take_turns(self):
        name, user = self.application(masterarn=self.superuser())
        values = [self.value(name)]
        for expected in [f"{user}_clone", user, f"{user}_clone"]:
            self.rotate(name, self.alternating)
            values.append(self.value(name))
            self.assertEqual(values[-1][0], expected)
            self.assertTrue(self.server.lets_in(*values[-1]), "the current value")
            self.assertTrue(self.server.lets_in(*values[-2]), "the previous value")
            if len(values) > 2:
                self.assertFalse(self.server.lets_in(*values[-3]), "the value before that")
            table = "shop.goods" if self.server.engine == "mariadb" else "goods"
            done = self.server.client(*values[-1], f"SELECT * FROM {table}")
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_client_with_the_current_or_the_previous_value_never_fails(self):
        name, user = self.application(masterarn=self.superuser())
        self.rotate(name, self.alternating)
        for _ in range(3):
            held = self.value(name)
            failures, logins, over = [], [0], threading.Event()

            def hammer(value):
                while not over.is_set():
                    credentials = value()
                    if not self.server.lets_in(*credentials):
                        failures.append(credentials[0])
                    logins[0] += 1

            # What it held when the rotation began, and what is current whenever it looks.
            threads = [threading.Thread(target=hammer, args=(value,)) for value in (lambda: held, lambda: self.value(name))]
            for thread in threads:
                thread.start()
            try:
                self.rotate(name, self.alternating)
            finally:
                over.set()
                for thread in threads:
                    thread.join()
            self.assertEqual(failures, [])
            self.assertGreater(logins[0], 4)
            self.assertTrue(self.server.lets_in(*held), "it is the previous value now")

    def test_a_failure_stays_visible_and_is_healed(self):
        name, user = self.application()
        wrong = self.server.value(self.server.engine, user, "wrong")
        self.secrets.put_secret_value(SecretId=name, SecretString=json.dumps(wrong))
        self.secrets.put_secret_value(SecretId=name, SecretString=json.dumps(wrong | {"team": "red"}))
        version = self.secrets.rotate_secret(SecretId=name, RotationLambdaARN=self.function(self.single))["VersionId"]
        self.eventually(lambda: self.assertIn("RotationFailed", [event for event, _ in self.events(name)]), seconds=30)
        said = [words for event, words in self.events(name) if event == "RotationFailed"][0]
        self.assertRegex(said, "Unable to log into database with previous, current, or pending secret")
        self.assertEqual(self.secrets.describe_secret(SecretId=name)["VersionIdsToStages"][version], ["AWSPENDING"])
        with self.refused("InvalidRequestException", says="A previous rotation isn't complete. That rotation will be reattempted."):
            self.secrets.rotate_secret(SecretId=name)
        # The administrator puts the database right.
        self.set_password(user, "wrong")
        self.eventually(lambda: self.is_current(name, version), seconds=60)
        self.assertTrue(self.server.lets_in(*self.value(name)))

    def set_password(self, user, password):
        statement = {
            "postgres": f"ALTER ROLE \"{user}\" WITH PASSWORD '{password}'",
            "mariadb": f"ALTER USER '{user}'@'%' IDENTIFIED BY '{password}'",
        }[self.server.engine]
        self.assertEqual(self.server.client(SUPERUSER, "superuser", statement).returncode, 0)


class RotatedPostgreSql(Rotated, Case):
    kind = PostgreSql
    single = "PostgreSQLRotationSingleUser"
    alternating = "PostgreSQLRotationMultiUser"

    def statements(self, like):
        """How many statements of that kind the server is at."""
        asked = f"SELECT count(*) FROM pg_stat_activity WHERE query ILIKE '{like}' AND state = 'active'"
        return self.server.client(SUPERUSER, "superuser", asked).stdout.strip()

    def test_a_crash_between_the_change_and_the_label_is_healed(self):
        home = Installation()
        self.addCleanup(home.close)
        self.home, self.account_id, self.secrets = home, home.account_id, home.client("secretsmanager")
        name, user = self.application()
        # The server takes the change, and is kept from making it.
        lock = "BEGIN; LOCK TABLE pg_authid IN EXCLUSIVE MODE; SELECT pg_sleep(60)"
        holder = threading.Thread(target=self.server.client, args=(SUPERUSER, "superuser", lock))
        holder.start()
        try:
            self.eventually(lambda: self.assertEqual(self.statements("%pg_sleep(60)%"), "2"), seconds=10)
            version = self.secrets.rotate_secret(SecretId=name, RotationLambdaARN=self.function(self.single))["VersionId"]
            self.eventually(lambda: self.assertEqual(self.statements("ALTER ROLE%"), "1"), seconds=10)
            home.kill()
        finally:
            let_go = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()"
            self.server.client(SUPERUSER, "superuser", let_go)
            holder.join()
        # Nobody is there to hear that it is made.
        self.eventually(lambda: self.assertFalse(self.server.lets_in(user, "first")), seconds=10)
        home.start()
        self.secrets = home.client("secretsmanager")
        self.eventually(lambda: self.is_current(name, version), seconds=30)
        self.assertTrue(self.server.lets_in(*self.value(name)))
        self.assertEqual([event for event, _ in self.events(name)], ["RotationStarted", "RotationSucceeded"])


class RotatedMariaDb(Rotated, Case):
    kind = MariaDb
    single = "MariaDBRotationSingleUser"
    alternating = "MariaDBRotationMultiUser"


class Silent(Case):
    """A server that can be connected to and says nothing."""

    def test_it_is_given_up_and_nothing_has_changed(self):
        secrets = self.client("secretsmanager")
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        for engine, function in [("postgres", "PostgreSQLRotationSingleUser"), ("mariadb", "MariaDBRotationSingleUser")]:
            with self.subTest(engine=engine):
                name = named("secret")
                value = {"engine": engine, "host": "127.0.0.1", "port": listener.getsockname()[1], "username": "app", "password": "first"}
                arn = secrets.create_secret(Name=name, SecretString=json.dumps(value))["ARN"]
                function = f"arn:aws:lambda:us-east-1:{self.account_id}:function:SecretsManagerRDS{function}"
                version = secrets.rotate_secret(SecretId=name, RotationLambdaARN=function)["VersionId"]
                looked_up = [{"AttributeKey": "ResourceName", "AttributeValue": arn}]
                trail = self.client("cloudtrail")
                names = lambda: [event["EventName"] for event in trail.lookup_events(LookupAttributes=looked_up)["Events"]]
                self.eventually(lambda: self.assertIn("RotationFailed", names()), seconds=60)
                self.assertEqual(json.loads(secrets.get_secret_value(SecretId=name)["SecretString"]), value)
                self.assertEqual(secrets.describe_secret(SecretId=name)["VersionIdsToStages"][version], ["AWSPENDING"])
                secrets.cancel_rotate_secret(SecretId=name)


class Encrypted(Beside):
    """Over TLS: always, if the secret says so, with a server that proves itself."""

    certified = True

    def test_a_server_that_proves_itself_is_rotated_over_tls(self):
        name, user = self.application(ssl=True)
        self.rotate(name, self.single)
        self.assertTrue(self.server.lets_in(*self.value(name), tls=True))

    def test_a_server_that_does_not_is_none(self):
        stranger = made("stranger", Authority)
        impostor = made(f"{type(self).__name__} impostor", lambda: self.kind(certified_by=stranger))
        user, name = named("app").replace("-", "_"), named("secret")
        impostor.application(user, "first")
        value = impostor.value(impostor.engine, user, "first", ssl=True)
        self.secrets.create_secret(Name=name, SecretString=json.dumps(value))
        self.secrets.rotate_secret(SecretId=name, RotationLambdaARN=self.function(self.single))
        self.eventually(lambda: self.assertIn("RotationFailed", [event for event, _ in self.events(name)]), seconds=30)
        self.assertTrue(impostor.lets_in(user, "first"))
        self.secrets.cancel_rotate_secret(SecretId=name)
        # Without the demand, an encrypted connection to whoever it is is better than an open one.
        easy = named("secret")
        self.secrets.create_secret(Name=easy, SecretString=json.dumps({member: it for member, it in value.items() if member != "ssl"}))
        self.rotate(easy, self.single)
        self.assertTrue(impostor.lets_in(*self.value(easy)))


class EncryptedPostgreSql(Encrypted, Case):
    kind = PostgreSql
    single = "PostgreSQLRotationSingleUser"

    def test_every_login_was_encrypted(self):
        name, user = self.application()
        self.rotate(name, self.single)
        logins = [line for line in self.server.log().splitlines() if f"connection authorized: user={user}" in line]
        own = [line for line in logins if "application_name=alcazar" in line]
        self.assertGreater(len(own), 1)
        for line in own:
            self.assertIn("SSL enabled", line)


class EncryptedMariaDb(Encrypted, Case):
    kind = MariaDb
    single = "MariaDBRotationSingleUser"
