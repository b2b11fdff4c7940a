"""Starts the product as a user does, on a data directory and ports of its own.

    with Stack() as stack:
        stack.endpoints["mcp"], stack.endpoints["grpc"], stack.kube.names("pods")
"""

import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile

from kube_client import KubeClient

ROOT = pathlib.Path(__file__).resolve().parents[2]
LAUNCHER = str(ROOT / "howdah")
BIN = pathlib.Path(os.environ.get("HOWDAH_BIN_DIR", ROOT / ".howdah" / "bin"))


def new_data_dir():
    """A fresh data directory that PostgreSQL's own user can reach."""
    directory = tempfile.mkdtemp(prefix="howdah-test-")
    os.chmod(directory, 0o711)
    return directory


class Stack:
    """`./howdah up --json` with free ports. Owns its processes and, if it made it,
    the data directory."""

    def __init__(self, data_dir=None, arguments=()):
        self._own_dir = data_dir is None
        self.data_dir = data_dir or new_data_dir()
        self._arguments = list(arguments)

    def __enter__(self):
        self.log = open(os.path.join(self.data_dir, "up.log"), "ab")
        self.process = subprocess.Popen(
            [LAUNCHER, "up", "--json", "--data-dir", self.data_dir, "--mcp-port", "0",
             "--grpc-port", "0", "--kube-port", "0"] + self._arguments,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log)
        line = self.process.stdout.readline()
        if not line:
            self.process.wait(60)
            with open(self.log.name, encoding="utf-8", errors="replace") as log:
                raise RuntimeError("./howdah up ended with %s:\n%s"
                                   % (self.process.returncode, log.read()[-4000:]))
        self.endpoints = json.loads(line)
        self.kube = KubeClient(self.endpoints["kubeconfig"])
        where = ["--data-dir", self.data_dir]
        if "--kubeconfig" in self._arguments:
            where += ["--kubeconfig", self.endpoints["kubeconfig"]]
        # An assistant's own connection to the same Kubernetes.
        self.mcp_command = [LAUNCHER, "mcp", *where]
        return self

    def __exit__(self, *unused):
        self.stop()
        if self._own_dir:
            shutil.rmtree(self.data_dir, ignore_errors=True)

    def ctl(self, *arguments):
        """What a command of howdahctl answers, as JSON."""
        done = subprocess.run(
            [LAUNCHER, "ctl", *arguments, "-o", "json"], capture_output=True, text=True,
            env=dict(os.environ, HOWDAH_ADDRESS=self.endpoints["grpc"]), timeout=180, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    def stop(self):
        """Ends the stack as Ctrl-C does; returns the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(90)
        self.log.close()
        return code


@contextlib.contextmanager
def sandbox_stack():
    """One with an invented Aiven beside it, of which nothing is left in the end."""
    with Stack(arguments=["--aiven=sandbox"]) as running:
        yield running
        assert running.stop() == 0
        assert processes_of(running.data_dir) == []


def processes_of(data_dir):
    """Command lines of the running processes that have to do with a data directory."""
    real = os.path.realpath(data_dir)
    clusters = os.path.realpath(os.path.join(data_dir, "clusters"))
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open("/proc/%s/cmdline" % entry, "rb") as file:
                line = file.read().replace(b"\0", b" ").decode(errors="replace")
            where = os.readlink("/proc/%s/cwd" % entry)
        except OSError:
            continue
        if int(entry) != os.getpid() and any(
                place in text for place in (real, clusters, data_dir) for text in (line, where)):
            found.append("%s %s" % (entry, line.strip()))
    return found


def postmasters(data_dir):
    """The PostgreSQL servers of a data directory: {Pod: process}."""
    found = {}
    for line in processes_of(data_dir):
        server = re.match(r"(\d+) \S*/bin/postgres .*/([^/]+)/pgdata", line)
        if server:
            found[server.group(2)] = int(server.group(1))
    return found


def child_of(pid, name):
    """The child of a process that is called so."""
    with open("/proc/%d/task/%d/children" % (pid, pid), encoding="ascii") as file:
        for child in file.read().split():
            with open("/proc/%s/comm" % child, encoding="ascii") as comm:
                if comm.read().strip() == name:
                    return int(child)
    raise AssertionError("%d has no child %s" % (pid, name))
