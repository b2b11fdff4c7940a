"""The disk of the local plane fills up: it is said clearly, nothing is lost, and all is
well again when there is space."""

import contextlib
import os
import subprocess
import tempfile

import pytest

from mcp_client import StdioClient
from psql import query
from stack import LAUNCHER, Stack
from waiting import eventually

SIZE = "400m"
BALLAST = 1 << 20


@pytest.fixture(scope="module")
def small_disk():
    """A data directory on a small file system of its own."""
    directory = tempfile.mkdtemp(prefix="howdah-small-", dir="/tmp")
    mounted = os.geteuid() == 0 and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=%s,mode=711" % SIZE, "tmpfs", directory],
        capture_output=True, check=False).returncode == 0
    if not mounted:
        os.rmdir(directory)
        pytest.skip("mounting a small tmpfs needs root with CAP_SYS_ADMIN")
    yield directory
    subprocess.run(["umount", "--lazy", directory], check=True)
    os.rmdir(directory)


@pytest.fixture(scope="module")
def full(small_disk):
    with Stack(data_dir=small_disk) as stack:
        with StdioClient([LAUNCHER, "mcp", "--data-dir", small_disk],
                         stderr=subprocess.DEVNULL) as client:
            client.initialize()
            yield stack, client


@contextlib.contextmanager
def no_space_left(directory):
    """Fills the file system to the last byte."""
    path = os.path.join(directory, "ballast")
    size = BALLAST
    with open(path, "wb", buffering=0) as file:
        while size:
            try:
                file.write(b"\0" * size)
            except OSError:
                size //= 2
    try:
        yield
    finally:
        os.unlink(path)


def phase(stack, name):
    return stack.kube.cnpg("clusters", name=name).get("status", {}).get("phase", "")


def test_a_full_disk_is_named_and_heals(small_disk, full):
    stack, client = full
    client.call("create_postgres_cluster", {"name": "kept", "instances": 1, "wait": True})
    login = stack.kube.secret("default", "kept-app")
    query(login, "create table t as select generate_series(1, 1000) as x")

    with no_space_left(small_disk):
        # Whatever the plane can no longer write down is refused with the reason.
        refused = client.call_raw("create_postgres_cluster", {"name": "late", "instances": 1})
        if refused.get("isError"):
            assert "The disk that holds" in refused["content"][0]["text"], refused
        else:
            status = eventually(lambda: phase(stack, "late") == "Not enough disk space"
                                and client.call("get_cluster_status", {"name": "late"}),
                                "late has no space", 90)
            assert "space" in status["content"][0]["text"].lower()
        # What was there can still be read.
        assert query(login, "select count(*), sum(x) from t") == [["1000", "500500"]]

    # Space again: new work is done, and what was begun comes to its end.
    if refused.get("isError"):
        client.call("create_postgres_cluster", {"name": "late", "instances": 1})
    eventually(lambda: phase(stack, "late") == "Cluster in healthy state", "late heals", 90)
    eventually(lambda: phase(stack, "kept") == "Cluster in healthy state", "kept heals", 90)
    assert query(login, "select count(*), sum(x) from t") == [["1000", "500500"]]
    query(login, "insert into t values (0)")
    assert query(stack.kube.secret("default", "late-app"), "select 1") == [["1"]]
