"""Starting, sharing, crashing and ending: what is left, and what is not."""

import os
import signal
import subprocess
import time

from kube_client import KubeClient
from mcp_client import StdioClient
from psql import query
from stack import LAUNCHER, Stack, child_of, postmasters, processes_of
from waiting import eventually, wait_for_end


def wait_until_nothing_is_left(data_dir):
    # A process may start another before it ends; the end of all is what counts.
    deadline = time.monotonic() + 30
    while lines := processes_of(data_dir):
        wait_for_end(int(lines[0].split()[0]), max(0, deadline - time.monotonic()))


def connect(data_dir):
    log = open(os.path.join(data_dir, "mcp.log"), "ab")
    return StdioClient([LAUNCHER, "mcp", "--data-dir", data_dir, "--kube-port", "0"], stderr=log)


def plane_pid(data_dir):
    for line in processes_of(data_dir):
        if "howdah-local serve" in line:
            return int(line.split()[0])
    return None


def test_a_probe_has_no_side_effects(data_dir):
    with connect(data_dir) as client:
        client.initialize()
        assert len(client.request("tools/list")["tools"]) == 12
        assert plane_pid(data_dir) is None
        assert not os.path.exists(os.path.join(data_dir, "kubeconfig"))
    assert processes_of(data_dir) == []


def test_two_assistants_share_one_plane_and_the_last_one_ends_it(data_dir):
    first, second = connect(data_dir), connect(data_dir)
    try:
        first.call("create_postgres_cluster", {
            "name": "shared", "instances": 1, "storage_size": "1Gi", "wait": True})
        seen = second.call("get_cluster_status", {"name": "shared"})["structuredContent"]
        assert seen["ready"] == "1/1"
        assert len([line for line in processes_of(data_dir) if "howdah-local serve" in line]) == 1
        first.close()
        still = second.call("get_cluster_status", {"name": "shared"})["structuredContent"]
        assert still["health"] == "healthy"
    finally:
        second.close()
    wait_until_nothing_is_left(data_dir)
    with connect(data_dir) as third:
        back = eventually(lambda: third.call("get_cluster_status", {"name": "shared"})
                          ["structuredContent"]["ready"] == "1/1", "the cluster is back", 40)
        assert back
    wait_until_nothing_is_left(data_dir)


def test_up_twice_side_by_side_and_nothing_left(data_dir):
    with Stack(data_dir) as first, Stack(data_dir) as second:
        assert first.endpoints["kubernetes"] == second.endpoints["kubernetes"]
        assert first.endpoints["mcp"] != second.endpoints["mcp"]
        assert second.stop() == 0
        assert first.kube.names("clusters") == []
        assert first.stop() == 0
    wait_until_nothing_is_left(data_dir)


def test_what_was_acknowledged_survives_kill_9_of_plane_and_postgres(data_dir):
    with connect(data_dir) as client:
        client.call("create_postgres_cluster", {
            "name": "tough", "instances": 1, "storage_size": "1Gi", "wait": True})
        kube = KubeClient(os.path.join(data_dir, "kubeconfig"))
        login = kube.secret("default", "tough-app")
        query(login, "create table kept (id int); insert into kept values (7)")
        for line in processes_of(data_dir):
            if "postgres" in line or "howdah-local serve" in line:
                try:
                    os.kill(int(line.split()[0]), signal.SIGKILL)
                except ProcessLookupError:
                    pass
    wait_until_nothing_is_left(data_dir)
    with connect(data_dir) as client:
        eventually(lambda: client.call("get_cluster_status", {"name": "tough"})
                   ["structuredContent"]["health"] == "healthy", "recovered", 60)
        login = KubeClient(os.path.join(data_dir, "kubeconfig")).secret("default", "tough-app")
        assert query(login, "select id from kept") == [["7"]]


def test_the_same_assistant_goes_on_after_kill_9_of_the_plane(data_dir):
    with connect(data_dir) as client:
        client.call("create_postgres_cluster", {
            "name": "tough", "instances": 1, "storage_size": "1Gi", "wait": True})
        login = KubeClient(os.path.join(data_dir, "kubeconfig")).secret("default", "tough-app")
        query(login, "create table kept (id int); insert into kept values (7)")
        servers = postmasters(data_dir)
        killed = plane_pid(data_dir)
        os.kill(killed, signal.SIGKILL)
        # Reads may come from the cache; what is asked of the plane itself starts it anew.
        eventually(lambda: not client.call_raw("create_postgres_role", {
            "cluster_name": "tough", "role_name": "later"}).get("isError"), "answers again", 60)
        assert plane_pid(data_dir) not in (None, killed)
        assert client.call("get_cluster_status", {"name": "tough"})[
            "structuredContent"]["health"] == "healthy"
        assert postmasters(data_dir) == servers, "PostgreSQL has not noticed"
        login = KubeClient(os.path.join(data_dir, "kubeconfig")).secret("default", "tough-app")
        assert query(login, "select id from kept where exists (select from pg_roles "
                            "where rolname = 'later')") == [["7"]]
    wait_until_nothing_is_left(data_dir)


def test_a_killed_backend_is_replaced(data_dir):
    with connect(data_dir) as client:
        client.call("list_postgres_clusters")
        # The launcher became howdah-mcp.
        os.kill(child_of(client.process.pid, "howdah-backend"), signal.SIGKILL)
        eventually(lambda: not client.call_raw("list_postgres_clusters").get("isError"),
                   "the next calls are answered")
