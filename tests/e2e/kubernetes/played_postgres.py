"""The PostgreSQL servers of a played cluster: a primary and a replica that streams from it.

    servers = PlayedPostgres(directory)
    servers.query("create role app login")
    servers.follow()
"""

import glob
import os
import secrets
import shutil
import socket
import subprocess

from psql import query

BIN = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class PlayedPostgres:
    """Owns a directory and two processes at most. As postgres where the tests are root."""

    def __init__(self, directory):
        self.directory = directory
        # The operator tries again what has failed half-way.
        shutil.rmtree(directory, ignore_errors=True)
        os.mkdir(directory, 0o755)
        if os.geteuid() == 0:
            shutil.chown(directory, "postgres")
        self._running = {}
        self.login = {"host": "127.0.0.1", "username": "postgres", "dbname": "postgres",
                      "password": secrets.token_hex(16)}
        password = os.path.join(directory, "password")
        with open(password, "w", encoding="ascii") as file:
            file.write(self.login["password"])
        self._run("initdb", "-D", self._data("primary"), "-U", "postgres", "-A",
                  "scram-sha-256", "--pwfile", password, "--no-sync", "-E", "UTF8",
                  "--locale=C.UTF-8")
        self.login["port"] = self._start("primary")

    def follow(self):
        """Starts the replica, once; returns its port."""
        if "replica" not in self._running:
            self._run("pg_basebackup", "-D", self._data("replica"), "-R", "-X", "stream",
                      "--no-sync", "-c", "fast", "-h", "127.0.0.1", "-p",
                      str(self.login["port"]), "-U", "postgres")
            self._start("replica")
        return self._running["replica"]

    def query(self, sql, database="postgres"):
        """Rows of one statement, as the superuser."""
        return query(self.login, sql, database)

    def stop(self):
        for name in reversed(list(self._running)):
            self._run("pg_ctl", "-D", self._data(name), "-m", "immediate", "stop")
        shutil.rmtree(self.directory, ignore_errors=True)

    def _data(self, name):
        return os.path.join(self.directory, name)

    def _start(self, name):
        port = _free_port()
        self._run("pg_ctl", "-D", self._data(name), "-w", "-l", self._data(name + ".log"),
                  "start", "-o", f"-p {port} -h 127.0.0.1 -k {self.directory} -F")
        self._running[name] = port
        return port

    def _run(self, program, *arguments):
        as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        done = subprocess.run(
            [*as_user, f"{BIN}/{program}", *arguments], cwd="/", stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=120,
            env=dict(os.environ, PGPASSWORD=self.login["password"]), check=False)
        if done.returncode:
            raise RuntimeError("%s: %s" % (program, done.stderr[-1000:]))
