"""A machine that lacks the PostgreSQL that is asked for, or any: it is said, with the
way out, and heals."""

import os
import subprocess

import pytest

from kube_client import KubeClient
from mcp_client import StdioClient
from psql import query
from stack import LAUNCHER
from waiting import eventually

HIDDEN = "/usr/lib/postgresql"


@pytest.fixture
def without_postgres():
    """Begins a command that finds no PostgreSQL."""
    begin = ["unshare", "--mount", "sh", "-c",
             'mount -t tmpfs tmpfs %s && exec "$@"' % HIDDEN, "sh"]
    if subprocess.run(begin + ["true"], capture_output=True, check=False).returncode:
        pytest.skip("hiding PostgreSQL needs root with CAP_SYS_ADMIN")
    return begin


def connect(data_dir, begin=()):
    with open(os.path.join(data_dir, "mcp.log"), "ab") as log:
        return StdioClient([*begin, LAUNCHER, "mcp", "--data-dir", data_dir, "--kube-port", "0"],
                           stderr=log)


def status_that_tells(client, name, words):
    def told():
        text = client.call("get_cluster_status", {"name": name})["content"][0]["text"]
        return words in text.splitlines()[0] and text
    return eventually(told, "the status tells: " + words, 60)


def test_a_machine_without_postgresql_says_what_to_install(data_dir, without_postgres):
    with connect(data_dir, without_postgres) as client:
        client.call("create_postgres_cluster", {
            "name": "patient", "instances": 1, "postgres_version": "15"})
        text = status_that_tells(client, "patient", "no PostgreSQL is installed on this machine; "
                                 "install the Debian package postgresql")
        assert "0/1" in text and "healthy" not in text.splitlines()[0]
    # With PostgreSQL it goes on by itself.
    with connect(data_dir) as client:
        eventually(lambda: client.call("get_cluster_status", {"name": "patient"})
                   ["structuredContent"]["health"] == "healthy", "it heals", 60)
        login = KubeClient(os.path.join(data_dir, "kubeconfig")).secret("default", "patient-app")
        assert query(login, "show server_version")[0][0].startswith("15.")


def test_a_version_that_is_not_installed_is_named_with_those_that_are(mcp, stack):
    installed = ", ".join(sorted(os.listdir(HIDDEN), key=int))
    mcp.call("create_postgres_cluster", {"name": "future", "instances": 1,
                                         "postgres_version": "99"})
    why = "PostgreSQL 99 is not installed on this machine; there is " + installed
    status_that_tells(mcp, "future", why)
    reason = stack.kube.core("pods", name="future-1")["status"]["containerStatuses"][0]
    assert reason["state"]["waiting"]["reason"] == "ImagePullBackOff"
    assert why in [event["message"] for event in stack.kube.core("events")["items"]]
    mcp.call("delete_postgres_cluster", {"name": "future", "confirm_deletion": True})
    stack.kube.wait_for_names("clusters", lambda names: "future" not in names)
