"""A PostgreSQL of its own with TLS and passwords, as a managed service has.

    with TlsPostgres() as server:
        server.port, server.certificate
        server.psql("create schema sales")
"""

import glob
import os
import shutil
import socket
import subprocess
import tempfile

from certificates import certificate

USER = "avnadmin"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class TlsPostgres:
    """Owns its directory and its process. Runs as postgres where the tests are root."""

    def __init__(self, password):
        self.password = password
        self.directory = tempfile.mkdtemp(prefix="howdah-tls-pg-")
        self.port = free_port()
        self.bin = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
        self.as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []

    def __enter__(self):
        path, key = certificate(self.directory, "server")
        with open(path, encoding="ascii") as pem:
            self.certificate = pem.read()
        with open(os.path.join(self.directory, "pw"), "w", encoding="ascii") as pw:
            pw.write(self.password)
        if self.as_user:
            shutil.chown(self.directory, "postgres")
            for name in os.listdir(self.directory):
                shutil.chown(os.path.join(self.directory, name), "postgres")
        os.chmod(key, 0o600)
        data = os.path.join(self.directory, "data")
        self.run("initdb", "-D", data, "-U", USER, "-A", "scram-sha-256",
                 f"--pwfile={self.directory}/pw", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8")
        self.run("pg_ctl", "-D", data, "-w", "-l", self.directory + "/log", "start", "-o",
                 f"-p {self.port} -h 127.0.0.1 -k {self.directory} -F -c ssl=on "
                 f"-c ssl_cert_file={path} -c ssl_key_file={key}")
        self.psql("create database defaultdb", "postgres")
        return self

    def __exit__(self, *unused):
        self.run("pg_ctl", "-D", self.directory + "/data", "-m", "immediate", "stop")
        shutil.rmtree(self.directory, ignore_errors=True)

    def run(self, program, *arguments):
        subprocess.run([*self.as_user, f"{self.bin}/{program}", *arguments], check=True,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, cwd="/", timeout=60)

    def psql(self, sql, database="defaultdb"):
        env = dict(os.environ, PGPASSWORD=self.password)
        done = subprocess.run(
            ["psql", "-XAt", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(self.port),
             "-U", USER, "-d", database, "-c", sql],
            env=env, check=True, capture_output=True, text=True, timeout=60)
        return done.stdout.strip()
