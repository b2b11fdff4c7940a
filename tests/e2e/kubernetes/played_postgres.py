"""The PostgreSQL servers of a played cluster: a primary and a replica that streams from it.

    servers = PlayedPostgres(directory)
    servers.query("create role app login")
    servers.follow()
    servers.kill(servers.primary)
    servers.promote()
"""

import dataclasses
import glob
import os
import secrets
import shutil
import signal
import socket
import subprocess

from psql import query

BIN = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]


def identifier(name):
    return '"%s"' % name.replace('"', '""')


def literal(text):
    return "'%s'" % text.replace("'", "''")


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclasses.dataclass(frozen=True)
class Server:
    """One that was started; whether it still runs is another question."""

    directory: str
    port: int
    pid: int

    def runs(self):
        try:
            with open("/proc/%d/stat" % self.pid, encoding="ascii", errors="replace") as file:
                return file.read().rpartition(")")[2].split()[0] != "Z"
        except OSError:
            return False


class PlayedPostgres:
    """Owns a directory and two processes at most. As postgres where the tests are root."""

    def __init__(self, directory):
        self.directory = directory
        # The operator tries again what has failed half-way.
        shutil.rmtree(directory, ignore_errors=True)
        os.mkdir(directory, 0o755)
        if os.geteuid() == 0:
            shutil.chown(directory, "postgres")
        self._made = 0
        self.timeline = 1
        self.replica = None
        self.down = set()  # the instances whose server was lost
        self.login = {"host": "127.0.0.1", "username": "postgres", "dbname": "postgres",
                      "password": secrets.token_hex(16)}
        password = os.path.join(directory, "password")
        with open(password, "w", encoding="ascii") as file:
            file.write(self.login["password"])
        data = self._new_data()
        self._run("initdb", "-D", data, "-U", "postgres", "-A", "scram-sha-256", "--pwfile",
                  password, "--no-sync", "-E", "UTF8", "--locale=C.UTF-8")
        self.primary = self._start(data)
        self.login["port"] = self.primary.port

    def follow(self):
        """Makes a replica where none runs; returns its port."""
        if not self.has_replica():
            data = self._new_data()
            self._run("pg_basebackup", "-D", data, "-R", "-X", "stream", "--no-sync", "-c", "fast",
                      "-h", "127.0.0.1", "-p", str(self.primary.port), "-U", "postgres")
            self.replica = self._start(data)
        return self.replica.port

    def has_replica(self):
        return self.replica is not None and self.replica.runs()

    def kill(self, server):
        """As when its node is lost."""
        os.kill(server.pid, signal.SIGKILL)

    def promote(self):
        """The replica takes over."""
        self._run("pg_ctl", "-D", self.replica.directory, "-w", "promote")
        self.primary, self.replica = self.replica, None
        self.login["port"] = self.primary.port
        self.timeline += 1

    def query(self, sql, database="postgres"):
        """Rows of one statement, as the superuser."""
        return query(self.login, sql, database)

    def stop(self):
        for server in (self.replica, self.primary):
            if server is not None and server.runs():
                self._run("pg_ctl", "-D", server.directory, "-m", "immediate", "stop")
        shutil.rmtree(self.directory, ignore_errors=True)

    def _new_data(self):
        self._made += 1
        return os.path.join(self.directory, "server-%d" % self._made)

    def _start(self, data):
        port = _free_port()
        self._run("pg_ctl", "-D", data, "-w", "-l", data + ".log", "start", "-o",
                  f"-p {port} -h 127.0.0.1 -k {self.directory} -F")
        with open(os.path.join(data, "postmaster.pid"), encoding="ascii") as file:
            return Server(data, port, int(file.readline()))

    def _run(self, program, *arguments):
        as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        done = subprocess.run(
            [*as_user, f"{BIN}/{program}", *arguments], cwd="/", stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=120,
            env=dict(os.environ, PGPASSWORD=self.login["password"]), check=False)
        if done.returncode:
            raise RuntimeError("%s: %s" % (program, done.stderr[-1000:]))
