"""A failover as CloudNativePG does it, held at each of its steps: what the product says then
is asked over MCP and gRPC. It has the rights of deploy/kubernetes and nothing more."""

import contextlib
import json
import os
import pathlib
import queue
import subprocess
import threading

import pytest

from mcp_client import AnsweringClient
from psql import query
from stack import ROOT
from waiting import eventually

BIN = pathlib.Path(os.environ.get("HOWDAH_BIN_DIR", ROOT / ".howdah" / "bin"))
CLUSTER = "lost"
URI = "howdah://clusters/default/" + CLUSTER


class Held:
    """The played operator, which waits for leave before each step."""

    def __init__(self, operator):
        self._operator = operator
        self._reached, self._leave = queue.Queue(), queue.Queue()
        operator.before = self._wait

    def _wait(self, step):
        self._reached.put(step)
        self._leave.get()

    def until(self, step):
        """Returns when that step is the next."""
        assert self._reached.get(timeout=120) == step

    def go_on_to(self, step):
        self._leave.put(None)
        self.until(step)

    def let_go(self):
        self._operator.before = lambda step: None
        self._leave.put(None)


@pytest.fixture
def held(operator):
    holding = Held(operator)
    yield holding
    holding.let_go()


@pytest.fixture(scope="module")
def user(stack):
    with AnsweringClient(stack.mcp_command, stderr=subprocess.DEVNULL) as client:
        client.initialize_with({})
        client.call("create_postgres_cluster", {
            "name": CLUSTER, "storage_size": "1Gi", "wait": True})
        yield client
        client.call("delete_postgres_cluster", {"name": CLUSTER, "confirm_deletion": True})


@contextlib.contextmanager
def following(stack, operation):
    """`howdahctl operations wait`; gives a function that waits for a line of progress that
    says something, and one that waits for its end."""
    waiting = subprocess.Popen(
        [str(BIN / "howdahctl"), "--address", stack.endpoints["grpc"], "operations", "wait",
         operation], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    lines = queue.Queue()
    reader = threading.Thread(target=lambda: [lines.put(line) for line in waiting.stderr],
                              daemon=True)
    reader.start()

    def until(words):
        while words not in lines.get(timeout=120):
            pass

    try:
        yield until, lambda: (waiting.wait(120), waiting.stdout.read())
    finally:
        waiting.kill()
        waiting.wait(120)


def status_of(client, **arguments):
    return client.call("get_cluster_status", {
        "name": CLUSTER, **arguments})["structuredContent"]


def until_told(client, uri):
    while not any(message["method"] == "notifications/resources/updated"
                  and message["params"]["uri"] == uri for message in client.told):
        client.receive(120)
    client.told.clear()


def reasons(status):
    return [problem["reason"] for problem in status.get("problems", [])]


def test_a_lost_primary_is_told_step_by_step(user, stack, operator, held):
    before = status_of(user)
    assert (before["primary"], before["health"]) == (CLUSTER + "-1", "healthy")
    user.request("resources/subscribe", {"uri": URI})
    login = stack.kube.secret("default", CLUSTER + "-app")
    query(login, "create table kept (what text); insert into kept values ('before')")
    replica = dict(login, port=stack.kube.core(
        "services", name=CLUSTER + "-ro")["spec"]["ports"][0]["port"])
    eventually(lambda: query(replica, "select 1 from pg_tables where tablename = 'kept'")
               and query(replica, "select what from kept"), "a replica has it too")
    # Nothing to change, but an operation to follow.
    scaled = user.call("scale_postgres_cluster", {"name": CLUSTER, "instances": 3})
    operation = scaled["structuredContent"]["operation"]["name"]
    user.told.clear()

    is_replaced = operator.kill("default", CLUSTER + "-1")
    held.until("notice")
    # Nobody knows yet, so nobody says so.
    assert status_of(user)["health"] == "healthy"

    held.go_on_to("choose")
    until_told(user, URI)
    eventually(lambda: status_of(user)["phase"] == "Failing over", "the failover is seen")
    now = status_of(user, detail_level="detailed")
    assert (now["health"], now.get("primary", ""), now["ready"]) == ("unhealthy", "", "2/3")
    assert "FAILING_OVER" in reasons(now) and "promoted" in now["summary"]
    assert now["phase_reason"] == "Initiating a failover from lost-1"
    assert {one["name"]: one["state"] for one in now["instance_details"]}["lost-1"] == "failed"
    fleet = user.call("list_postgres_clusters")["structuredContent"]["clusters"]
    listed = next(cluster for cluster in fleet if cluster["name"] == CLUSTER)
    assert (listed["health"], listed.get("primary", "")) == ("unhealthy", "")

    with following(stack, operation) as (until, end):
        until("Initiating a failover from lost-1")
        held.go_on_to("promote")
        until("Failing over from lost-1 to lost-2")
        assert status_of(user).get("primary", "") == ""
        held.go_on_to("rejoin")
        eventually(lambda: status_of(user).get("primary") == "lost-2", "there is a new primary")
        assert status_of(user)["health"] == "progressing"
        held.let_go()
        code, said = end()
    assert code == 0 and "3 of 3 instances ready" in said
    assert is_replaced()

    until_told(user, URI)
    eventually(lambda: status_of(user)["health"] == "healthy", "all is well again")
    contents = user.request("resources/read", {"uri": URI})["contents"]
    after = json.loads(contents[0]["text"])
    assert (after["primary"], after["ready"]) == ("lost-2", "3/3")
    assert {one["name"]: (one["role"], one["timeline"]) for one in after["instance_details"]} == {
        "lost-1": ("replica", 2), "lost-2": ("primary", 2), "lost-3": ("replica", 2)}
    login = stack.kube.secret("default", CLUSTER + "-app")
    assert query(login, "select what from kept") == [["before"]]
    # The new primary takes writes of the product.
    user.call("create_postgres_role", {"cluster_name": CLUSTER, "role_name": "later"})
    assert query(login, "select 1 from pg_roles where rolname = 'later'") == [["1"]]
