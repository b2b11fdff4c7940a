"""What the integration tests share: one running product for all of them."""

import os
import pathlib
import signal
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from mcp_client import StdioClient  # noqa: E402
from stack import Stack, new_data_dir, postmasters, processes_of  # noqa: E402


@pytest.fixture(scope="session")
def stack():
    """`./howdah up --json` on a directory of its own; nothing of it is left after."""
    with Stack() as running:
        yield running
        assert running.stop() == 0
        assert processes_of(running.data_dir) == []


@pytest.fixture(scope="session")
def mcp(stack):
    """An assistant's stdio connection to the same local plane."""
    with open(os.path.join(stack.data_dir, "mcp.log"), "ab") as log:
        with StdioClient(stack.mcp_command, stderr=log) as client:
            client.initialize()
            yield client


@pytest.fixture(scope="session")
def kubectl(stack):
    """Runs kubectl against the local plane; skips where there is none."""
    if subprocess.run(["sh", "-c", "command -v kubectl"], capture_output=True,
                      check=False).returncode:
        pytest.skip("kubectl is not on PATH")

    def run(*arguments):
        done = subprocess.run(["kubectl", "--kubeconfig", stack.endpoints["kubeconfig"],
                               *arguments], capture_output=True, text=True, timeout=60,
                              check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture
def kill_server(stack):
    """Kills the PostgreSQL server of an instance; returns what tells whether another stands
    in its place."""
    def kill(pod):
        victim = postmasters(stack.data_dir)[pod]
        os.kill(victim, signal.SIGKILL)
        return lambda: postmasters(stack.data_dir).get(pod, victim) != victim

    return kill


@pytest.fixture
def data_dir():
    import shutil
    directory = new_data_dir()
    yield directory
    shutil.rmtree(directory, ignore_errors=True)
