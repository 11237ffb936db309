"""Real database servers, each in a folder of its own: Debian's packages, run as a user without rights."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

# How long a start may take.
PATIENCE = 60
SUPERUSER = "admin"


def program(name):
    """Where a server's program is: Debian keeps them out of the path."""
    folders = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    folders += [pathlib.Path("/usr/sbin"), pathlib.Path("/usr/local/bin")]
    found = next((folder / name for folder in folders if (folder / name).exists()), None) or shutil.which(name)
    if not found:
        raise RuntimeError(f"{name} is not installed: cargo xtask test installs it")
    return str(found)


def unprivileged(*command):
    """Servers refuse to run as root; then they run as nobody."""
    if os.geteuid() == 0:
        return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--", *command]
    return list(command)


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, cwd="/", **options)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]}: {done.stdout}{done.stderr}")
    return done.stdout


class Server:
    """A server with a superuser, at a port of its own on the loopback address."""

    def __init__(self, certified_by=None):
        self.folder = tempfile.TemporaryDirectory(prefix="alcazar-database-")
        self.home = pathlib.Path(self.folder.name)
        self.home.chmod(0o755)
        self.data = self.home / "data"
        self.data.mkdir()
        self.certificate = certified_by.certificate(self.data) if certified_by else None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.own()
        self.make()
        self.process = None
        self.start()

    def own(self):
        """Everything in its folder is the server's own."""
        if os.geteuid() == 0:
            run("chown", "-R", "nobody:nogroup", str(self.data))

    def start(self):
        with open(self.home / "log.txt", "ab") as log:
            self.process = subprocess.Popen(unprivileged(*self.command()), cwd="/", stdout=log, stderr=log)
        begun = time.monotonic()
        while not self.is_up():
            if self.process.poll() is not None or time.monotonic() - begun > PATIENCE:
                raise RuntimeError("the server does not start:\n" + self.log())
            time.sleep(0.1)

    def stop(self):
        self.process.send_signal(signal.SIGKILL if self.process.poll() is None else 0)
        self.process.wait()

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=PATIENCE)
        self.folder.cleanup()

    def log(self):
        return (self.home / "log.txt").read_text(errors="replace")

    def lets_in(self, user, password, tls=False):
        """Whether the stock client gets in and is answered."""
        return self.client(user, password, "SELECT 1", tls=tls).returncode == 0

    def value(self, engine, user, password, **further):
        """A secret's value in AWS's structure."""
        return {
            "engine": engine,
            "host": "127.0.0.1",
            "port": self.port,
            "username": user,
            "password": password,
            **further,
        }


class PostgreSql(Server):
    engine = "postgres"
    # Settings beside the usual ones.
    settings = ()

    def make(self):
        password = self.home / "password"
        password.write_text("superuser")
        password.chmod(0o644)
        initdb = ["--auth=scram-sha-256", f"--username={SUPERUSER}", "--no-sync", "--encoding=UTF8"]
        cluster = str(self.data / "cluster")
        run(*unprivileged(program("initdb"), *initdb, f"--pwfile={password}", "-D", cluster))

    def command(self):
        options = ["listen_addresses=127.0.0.1", f"port={self.port}", "log_connections=on", "log_statement=all", "fsync=off"]
        options += self.settings
        if self.certificate:
            options += ["ssl=on", f"ssl_cert_file={self.certificate}.pem", f"ssl_key_file={self.certificate}.key"]
        settings = [word for option in options for word in ("-c", option)]
        return [program("postgres"), "-D", str(self.data / "cluster"), "-k", str(self.data), *settings]

    def is_up(self):
        return self.lets_in(SUPERUSER, "superuser")

    def client(self, user, password, statement, tls=False):
        mode = "require" if tls else "prefer"
        known = {"PATH": os.environ["PATH"], "PGPASSWORD": password, "PGSSLMODE": mode, "PGCONNECT_TIMEOUT": "10"}
        command = ["psql", "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(self.port)]
        command += ["-U", user, "-d", "postgres", "-c", statement]
        return subprocess.run(command, env=known, capture_output=True, text=True)

    def application(self, user, password):
        """A user who may read one table; what it reads."""
        for statement in [
            f"CREATE ROLE \"{user}\" WITH LOGIN PASSWORD '{password}'",
            "CREATE TABLE IF NOT EXISTS goods (name text)",
            f"GRANT SELECT ON goods TO \"{user}\"",
        ]:
            done = self.client(SUPERUSER, "superuser", statement)
            assert done.returncode == 0, done.stderr


class MariaDb(Server):
    engine = "mariadb"

    def make(self):
        database = str(self.data / "database")
        options = ["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"]
        run(*unprivileged("mariadb-install-db", *options, f"--datadir={database}", "--basedir=/usr"))
        self.socket = str(self.data / "socket")

    def command(self):
        options = [f"--datadir={self.data / 'database'}", f"--port={self.port}", "--bind-address=127.0.0.1", f"--socket={self.socket}"]
        options += [f"--pid-file={self.data / 'pid'}", "--innodb-flush-log-at-trx-commit=0"]
        if self.certificate:
            options += [f"--ssl-cert={self.certificate}.pem", f"--ssl-key={self.certificate}.key"]
        return [program("mariadbd"), "--no-defaults", *options]

    def is_up(self):
        if not self.lets_in(SUPERUSER, "superuser"):
            make = f"CREATE USER IF NOT EXISTS {SUPERUSER}@'%' IDENTIFIED BY 'superuser'; GRANT ALL ON *.* TO {SUPERUSER}@'%' WITH GRANT OPTION"
            command = ["mariadb", "--no-defaults", "-u", "root", f"--socket={self.socket}", "-e", make]
            return subprocess.run(command, capture_output=True, cwd="/").returncode == 0 and self.lets_in(SUPERUSER, "superuser")
        return True

    def client(self, user, password, statement, tls=False):
        known = {"PATH": os.environ["PATH"], "MYSQL_PWD": password}
        command = ["mariadb", "--no-defaults", "-N", "-B", "-h", "127.0.0.1", "-P", str(self.port), "--protocol=tcp", "-u", user]
        command += ["--ssl"] if tls else []
        return subprocess.run([*command, "-e", statement], env=known, capture_output=True, text=True)

    def application(self, user, password):
        """A user who may read one table."""
        for statement in [
            f"CREATE USER '{user}'@'%' IDENTIFIED BY '{password}'",
            "CREATE DATABASE IF NOT EXISTS shop",
            "CREATE TABLE IF NOT EXISTS shop.goods (name text)",
            f"GRANT SELECT ON shop.* TO '{user}'@'%'",
        ]:
            done = self.client(SUPERUSER, "superuser", statement)
            assert done.returncode == 0, done.stderr


class Authority:
    """A certificate authority of the tests' own."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="alcazar-authority-")
        self.home = pathlib.Path(self.folder.name)
        self.file = self.home / "ca.pem"
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                     "-subj", "/CN=tests", "-keyout", str(self.home / "ca.key"), "-out", str(self.file))

    def openssl(self, *arguments):
        run("openssl", *arguments)

    def certificate(self, folder):
        """A certificate for the loopback address, with its key; the files' common name."""
        name = folder / "server"
        request = str(folder / "server.csr")
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost",
                     "-keyout", f"{name}.key", "-out", request)
        extensions = folder / "extensions"
        extensions.write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
        self.openssl("x509", "-req", "-days", "30", "-in", request, "-CA", str(self.file), "-CAkey", str(self.home / "ca.key"),
                     "-CAcreateserial", "-extfile", str(extensions), "-out", f"{name}.pem")
        pathlib.Path(f"{name}.key").chmod(0o600)
        return name
