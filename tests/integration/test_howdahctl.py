"""howdahctl plays the story; PostgreSQL and Kubernetes are asked what it did."""

import json
import os
import pathlib
import subprocess

import pytest

from psql import query

ROOT = pathlib.Path(__file__).resolve().parents[2]
CLUSTER = "from-ctl"


@pytest.fixture(scope="module")
def ctl(stack):
    environment = dict(os.environ, HOWDAH_ADDRESS=stack.endpoints["grpc"])

    def run(*arguments, expect=0, stdin=""):
        done = subprocess.run([ROOT / "howdah", "ctl", *arguments], env=environment, input=stdin,
                              capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == expect, done.stdout + done.stderr
        assert "\x1b" not in done.stdout + done.stderr, "colours without a terminal"
        return done

    return run


def test_the_story(stack, ctl):
    made = ctl("clusters", "create", CLUSTER, "--instances", "2", "--storage-size", "1Gi", "--wait")
    assert "2 of 2 instances ready" in made.stdout
    progress = made.stderr.splitlines()
    assert progress and progress[-1].startswith("100 %")

    ctl("roles", "create", CLUSTER, "app_user", "--createdb")
    ctl("roles", "update", CLUSTER, "app_user", "--no-createdb", "--password-file", "-",
        stdin="Corr3ct-horse\n")
    ctl("databases", "create", CLUSTER, "orders", "--owner", "app_user",
        "--reclaim-policy", "delete")
    login = stack.kube.secret("default", CLUSTER + "-app")
    assert query(login, "select rolcanlogin, rolcreatedb from pg_roles "
                        "where rolname = 'app_user'") == [["t", "f"]]
    own = dict(login, username="app_user", password="Corr3ct-horse", dbname="orders")
    assert query(own, "select current_database()") == [["orders"]]

    table = ctl("roles", "list", CLUSTER).stdout.splitlines()
    assert any(line.startswith("NAME") and "CREATEDB" in line for line in table)
    listed = json.loads(ctl("clusters", "list", "-A", "-o", "json").stdout)
    assert CLUSTER in [cluster["name"] for cluster in listed["clusters"]]

    ctl("clusters", "scale", CLUSTER, "--instances", "1")
    stack.kube.wait_for_names(
        "pods", lambda pods: len([pod for pod in pods if pod.startswith(CLUSTER + "-")]) == 1)

    refused = ctl("clusters", "delete", CLUSTER, expect=1)
    assert "--yes" in refused.stderr and CLUSTER in stack.kube.names("clusters")
    ctl("clusters", "delete", CLUSTER, "--yes")
    stack.kube.wait_for_names("clusters", lambda clusters: CLUSTER not in clusters)


def test_refusals_name_the_argument(ctl):
    assert "--instances" in ctl("clusters", "create", "a", "--instances", "99", expect=1).stderr
    assert "does not exist" in ctl("clusters", "get", "never-made", expect=1).stderr
    assert "Did you mean" in ctl("clusters", "lst", expect=2).stderr
