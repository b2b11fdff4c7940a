"""Two adapters and two backends behind HAProxy, on a real API server of their own: what
one replica began another goes on with, and none is missed when it is killed or restarted.

No operator is there: clusters stay as they were declared, so that what is in Kubernetes
is what was asked for and nothing else.
"""

import concurrent.futures
import contextlib
import http.client
import itertools
import json
import signal
import threading
import uuid

import grpc
import pytest

from kube_client import KubeClient
from kube_proxy import KubeProxy
from real_kubernetes import RELEASES, RealKubernetes
from replicas import (
    CALLS, Grpc, Lost, Mcp, Refused, Replicas, REQUESTS, ToolFailed, VERSION)
from waiting import eventually

SPACE = "replicas"
TASKS = {"extensions": {"io.modelcontextprotocol/tasks": {}}}


@pytest.fixture(scope="module")
def plane():
    """An API server that nobody else counts on."""
    with RealKubernetes(RELEASES[0]) as running:
        running.install({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SPACE}})
        yield running


@pytest.fixture(scope="module")
def replicas(plane, tmp_path_factory):
    config = plane.kubeconfig("replicas", token=plane.deployed("rbac-edit.yaml"),
                              namespace=SPACE)
    with Replicas(config, str(tmp_path_factory.mktemp("replicas"))) as running:
        yield running


def cluster(plane, name):
    """As Kubernetes has it; None if it has none."""
    status, found = plane.admin.request(
        "GET", "/apis/postgresql.cnpg.io/v1/namespaces/%s/clusters/%s" % (SPACE, name))
    assert status in (200, 404), found
    return found if status == 200 else None


def create(door, name, **more):
    return door.call("ClusterService/CreateCluster", name=name, instances=1, storage_size="1Gi",
                     **more)


def test_any_grpc_call_may_land_anywhere(plane, replicas):
    one, two = (backend.grpc for backend in replicas.backends)
    with contextlib.closing(one), contextlib.closing(two):
        # Both caches have their first list before anything is written.
        for door in (one, two):
            assert "clusters" not in door.call("ClusterService/ListClusters")
        made = create(one, "anywhere", request_id="first")
        again = create(two, "anywhere", request_id="first")
        assert again["operation"]["name"] == made["operation"]["name"]
        assert cluster(plane, "anywhere")["metadata"]["generation"] == 1
        for instances, (writer, reader) in zip((2, 3, 2, 1), itertools.cycle(
                ((two, one), (one, two)))):
            scaled = writer.call("ClusterService/ScaleCluster", name="anywhere",
                                 instances=instances)
            assert reader.call("ClusterService/GetCluster",
                               name="anywhere")["instances"] == instances
            (listed,) = reader.call("ClusterService/ListClusters")["clusters"]
            assert listed["instances"] == instances
            operation = scaled["operation"]["name"]
            now = reader.call("OperationsService/GetOperation", name=operation)
            assert not now.get("done") and "error" not in now
            first = next(reader.stream("OperationsService/WaitOperation", name=operation))
            assert not first.get("done") and "error" not in first
        for name in ("page-a", "page-b", "page-c"):
            create(one, name)
        seen, token = [], ""
        for door in itertools.cycle((two, one)):
            page = door.call("ClusterService/ListClusters", page_size=1, page_token=token)
            seen += [entry["name"] for entry in page["clusters"]]
            token = page.get("next_page_token", "")
            if not token:
                break
        assert seen == ["anywhere", "page-a", "page-b", "page-c"]
        for name, (writer, reader) in zip(seen, itertools.cycle(((one, two), (two, one)))):
            deleted = writer.call("ClusterService/DeleteCluster", name=name,
                                  confirm_deletion=True)
            with pytest.raises(grpc.RpcError) as gone:
                reader.call("ClusterService/GetCluster", name=name)
            assert gone.value.code() == grpc.StatusCode.NOT_FOUND
            assert reader.call("OperationsService/GetOperation",
                               name=deleted["operation"]["name"])["done"]
            assert cluster(plane, name) is None


def test_haproxy_spreads_what_may_land_anywhere(replicas):
    before = [backend.metric(CALLS) for backend in replicas.backends]
    for _ in range(20):
        replicas.grpc.call("ClusterService/ListClusters")
    for backend, earlier in zip(replicas.backends, before):
        assert backend.metric(CALLS) - earlier >= 5
    before = [adapter.metric(REQUESTS) for adapter in replicas.adapters]
    for _ in range(10):
        replicas.mcp.tool("list_postgres_clusters")
        replicas.mcp.plain_tool("list_postgres_clusters")
    for adapter, earlier in zip(replicas.adapters, before):
        assert adapter.metric(REQUESTS) - earlier >= 5


def test_any_stateless_request_may_land_anywhere(plane, replicas):
    one, two = (adapter.mcp for adapter in replicas.adapters)
    # A wait becomes a task at one adapter, and is asked for and ended at the other.
    begun = one.request("tools/call", {"name": "create_postgres_cluster", "arguments": {
        "name": "tasked", "instances": 1, "storage_size": "1Gi", "wait": True}}, TASKS)
    assert begun["resultType"] == "task"
    task = {"taskId": begun["taskId"]}
    for door in (two, one, replicas.mcp):
        assert door.request("tasks/get", task, TASKS)["status"] == "working"
    assert two.request("tasks/cancel", task, TASKS)["resultType"] == "complete"
    # Reading one's own writes, without a session in both eras.
    for instances, (writer, reader) in zip((2, 3, 2), itertools.cycle(((one, two), (two, one)))):
        writer.tool("scale_postgres_cluster", name="tasked", instances=instances)
        assert reader.tool("get_cluster_status", name="tasked")["instances"] == instances
        assert reader.plain_tool("get_cluster_status", name="tasked")["instances"] == instances
    # A question of one adapter is answered to the other.
    call = {"name": "delete_postgres_cluster", "arguments": {"name": "tasked"}}
    asked = one.request("tools/call", call, {"elicitation": {}})
    assert asked["resultType"] == "input_required"
    (key,) = asked["inputRequests"]
    done = two.request("tools/call", {
        **call, "requestState": asked["requestState"],
        "inputResponses": {key: {"action": "accept", "content": {"confirm": True}}}},
        {"elicitation": {}})
    assert not done.get("isError"), done
    assert cluster(plane, "tasked") is None
    with pytest.raises(ToolFailed):
        one.tool("get_cluster_status", name="tasked")


# The API server has what is in the second before what is in the first.
FLEET = ("fleet", "fleet-b")
FLEET_SIZE = 1100


def fleet_path(space, name=""):
    return "/apis/postgresql.cnpg.io/v1/namespaces/%s/clusters/%s" % (space, name)


@pytest.fixture
def fleet(plane):
    """More clusters than one page of any list has, as "namespace/name"."""
    plane.install(*({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": space}}
                    for space in FLEET))
    names = ["%s/c%04d" % (FLEET[number % 2], number) for number in range(FLEET_SIZE)]

    def make(text):
        space, name = text.split("/")
        status, answer = plane.admin.request("POST", fleet_path(space).rstrip("/"), {
            "apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster",
            "metadata": {"name": name, "namespace": space},
            "spec": {"instances": 1, "storage": {"size": "1Gi"}}})
        assert status == 201, answer

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(make, names))
    yield names
    for space in FLEET:
        plane.admin.request("DELETE", fleet_path(space).rstrip("/"))


@pytest.fixture
def deaf_replicas(plane, fleet, tmp_path_factory):
    """Replicas that know of the fleet and have heard of no change since: their watches are
    refused."""
    assert fleet
    config = plane.kubeconfig("deaf", token=plane.deployed("rbac-edit.yaml"))
    with KubeProxy(KubeClient(config)) as between, Replicas(
            between.kubeconfig, str(tmp_path_factory.mktemp("deaf"))) as running:
        eventually(lambda: between.watches("clusters") == 2, "both watch")
        between.before = lambda request: (503, {}, {}) if request.is_watch else None
        between.tear_watches()
        for backend in running.backends:
            backend.until_ready()
        running.between = between
        yield running


def listed(doors, between=lambda: None, **more):
    """What is in the fleet by a list whose pages are asked of one door after the other, in
    its order; `between` is called between pages."""
    seen, token = [], ""
    for door in itertools.cycle(doors):
        fields = {"namespace": "*", "page_size": 400, "page_token": token, **more}
        page = (door.tool("list_postgres_clusters", **fields) if isinstance(door, Mcp) else
                door.call("ClusterService/ListClusters", **fields))
        seen += ["%s/%s" % (entry["namespace"], entry["name"])
                 for entry in page.get("clusters", ()) if entry["namespace"] in FLEET]
        token = page.get("next_page_token", "")
        if not token:
            return seen
        between()


def test_a_large_fleet_is_listed_as_its_caller_has_left_it(plane, deaf_replicas, fleet):
    """Whatever a caller makes or deletes by one replica is in, or not in, the list that he
    asks of the other at once, on whichever page."""
    there = set(fleet)
    with contextlib.ExitStack() as stack:
        one, two = (stack.enter_context(contextlib.closing(backend.grpc))
                    for backend in deaf_replicas.backends)
        three, four = (adapter.mcp for adapter in deaf_replicas.adapters)
        turns = itertools.cycle(((one, two), (three, four), (two, three), (four, one)))
        for turn, (writer, reader) in zip(range(12), turns):
            space = FLEET[turn // 4 % 2]
            name = "%s-%02d" % ("alz"[turn % 3], turn)
            for what in ("create", "delete"):
                change(writer, name, what, uuid.uuid4().hex, namespace=space)
                change_set = there.add if what == "create" else there.discard
                change_set("%s/%s" % (space, name))
                assert listed((reader,)) == sorted(there), (turn, what)
                found = listed((reader,), name_contains=name)
                assert found == (["%s/%s" % (space, name)] if what == "create" else [])
                assert listed((reader,), namespace=space) == sorted(
                    entry for entry in there if entry.startswith(space + "/"))
        # A page is one request of its size, wherever it begins.
        page = one.call("ClusterService/ListClusters", namespace="*", page_size=600)
        asked = len(deaf_replicas.between.requests)
        page = two.call("ClusterService/ListClusters", namespace="*", page_size=50,
                        page_token=page["next_page_token"])
        assert page["count"] == 50
        asked = [request.query for request in deaf_replicas.between.requests[asked:]
                 if not request.is_watch]
        assert [query["limit"] for query in asked if "limit" in query] == [["51"]], asked
        # What happens between two pages is on the next, also when etcd has forgotten all
        # that was before.
        made = iter("late-%d" % number for number in range(100))

        def write():
            name = next(made)
            change(three, name, "create", uuid.uuid4().hex, namespace=FLEET[0])
            there.add("%s/%s" % (FLEET[0], name))
            plane.compact()

        assert listed((one, two, four), between=write, page_size=100) == sorted(there)
        assert len(there) >= FLEET_SIZE + 11


class Session:
    """A client of 2025-11-25 as its specification has it: on 404 it begins another
    session."""

    def __init__(self, door):
        self.door, self.id, self.begun = door, None, 0

    def begin(self):
        status, headers, answer = self.door.post(
            {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
                "protocolVersion": "2025-11-25", "capabilities": {},
                "clientInfo": {"name": "replicas", "version": "1"}}})
        assert status == 200, answer
        self.id = headers["Mcp-Session-Id"]
        self.begun += 1
        self.door.post({"jsonrpc": "2.0", "method": "notifications/initialized"},
                       self.headers())

    def headers(self):
        return {"Mcp-Session-Id": self.id, VERSION: "2025-11-25"}

    def tool(self, tool, **arguments):
        while True:
            if self.id is None:
                self.begin()
            status, _, answer = self.door.post(
                {"jsonrpc": "2.0", "id": str(uuid.uuid4()), "method": "tools/call",
                 "params": {"name": tool, "arguments": arguments}}, self.headers())
            if status == 404:
                self.id = None
                continue
            if status != 200:
                raise Refused(status, answer)
            return answer["result"]


def test_a_session_stays_with_its_adapter(replicas):
    before = [adapter.metric(REQUESTS) for adapter in replicas.adapters]
    sessions = [Session(Mcp(replicas.mcp_address)) for _ in range(6)]
    for _ in range(5):
        for session in sessions:
            session.tool("list_postgres_clusters")
    assert [session.begun for session in sessions] == [1] * 6
    for adapter, earlier in zip(replicas.adapters, before):
        assert adapter.metric(REQUESTS) > earlier, "sessions are spread"
    # The stream and the messages of the oldest revision are two addresses.
    for _ in range(4):
        with contextlib.closing(http.client.HTTPConnection(replicas.mcp_address,
                                                           timeout=60)) as listening:
            listening.request("GET", "/sse-transport/sse", headers={
                "Accept": "text/event-stream"})
            stream = listening.getresponse()
            line = b""
            while not line.startswith(b"data: "):
                line = stream.readline()
            status, _, _ = Mcp(replicas.mcp_address).send(
                "POST", line[6:].decode().strip(), json.dumps(
                    {"jsonrpc": "2.0", "id": 1, "method": "ping"}),
                {"Content-Type": "application/json"})
            assert status == 202


class Story:
    """200 changes of 50 clusters by ten clients at once, five of MCP and five of gRPC. Each
    change has an id, under which its client repeats it when it cannot know whether it was
    made; after each the client reads what it wrote. In the middle a replica is stopped as
    it is, with whatever it has begun, and killed when all clients wait for it."""

    CLIENTS, CLUSTERS, CHANGES = 10, 50, 200

    def __init__(self, replicas, victim):
        self.done = self.repeated = 0
        self.failures = []
        self._victim, self._lock = victim, threading.Lock()
        self._killer = threading.Thread(target=self._kill)
        run = uuid.uuid4().hex[:6]
        self.names = ["story-%s-%d" % (run, number) for number in range(self.CLUSTERS)]
        self._doors = [Mcp(replicas.mcp_address) if client % 2 else Grpc(replicas.grpc_address)
                       for client in range(self.CLIENTS)]

    def run(self):
        threads = [threading.Thread(target=self._tell, args=(client,))
                   for client in range(self.CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(300)
        if self._killer.ident:
            self._killer.join(300)
        for door in self._doors[::2]:
            door.close()

    def _kill(self):
        self._victim.process.send_signal(signal.SIGSTOP)
        before = -1
        while before != self.done:
            before = self.done
            threading.Event().wait(1)
        self._victim.kill()

    def _tell(self, client):
        door, names = self._doors[client], self.names[client::self.CLIENTS]
        try:
            for step in ("create", 2, 3, "end"):
                for name in names:
                    last = 1 if self.is_kept(name) else "delete"
                    self._change(door, name, last if step == "end" else step)
        except Exception as error:  # pylint: disable=broad-except
            self.failures.append(repr(error))

    @staticmethod
    def is_kept(name):
        return int(name.rsplit("-", 1)[1]) % 2 == 1

    def _change(self, door, name, what):
        request_id, tries = uuid.uuid4().hex, 0
        while True:
            tries += 1
            try:
                change(door, name, what, request_id)
                break
            except Lost:
                assert tries < 10, "lost ten times"
            except KeyError:
                # Only a repeated deletion may find nothing.
                assert what == "delete" and tries > 1
                break
        with self._lock:
            self.repeated += tries > 1
            self.done += 1
            if self.done == self.CHANGES // 2:
                self._killer.start()
        seen = self._read(door, name)
        assert seen == (None if what == "delete" else 1 if what == "create" else what), (
            "%s was %s and is read as %s" % (name, what, seen))

    def _read(self, door, name):
        for _ in range(10):
            try:
                return instances_of(door, name)
            except Lost:
                pass
        raise AssertionError("a read was lost ten times")


def change(door, name, what, request_id, **more):
    """One change by MCP or gRPC: "create", "delete", or how many instances it shall have.
    Raises Lost, or KeyError for what is not there."""
    fields = {"name": name, "request_id": request_id, **more}
    if what == "create":
        method, tool = "CreateCluster", "create_postgres_cluster"
        fields.update(instances=1, storage_size="1Gi")
    elif what == "delete":
        method, tool = "DeleteCluster", "delete_postgres_cluster"
        fields.update(confirm_deletion=True)
    else:
        method, tool = "ScaleCluster", "scale_postgres_cluster"
        fields.update(instances=what)
    with not_there():
        if isinstance(door, Mcp):
            return door.tool(tool, **fields)
        return door.call("ClusterService/" + method, **fields)


def instances_of(door, name):
    """None if there is no such cluster."""
    try:
        with not_there():
            if isinstance(door, Mcp):
                return door.tool("get_cluster_status", name=name)["instances"]
            return door.call("ClusterService/GetCluster", name=name)["instances"]
    except KeyError:
        return None


@contextlib.contextmanager
def not_there():
    """Lost for what gRPC calls unavailable, KeyError for what does not exist."""
    try:
        yield
    except ToolFailed as error:
        if error.reason != "CLUSTER_NOT_FOUND":
            raise
        raise KeyError(str(error)) from error
    except grpc.RpcError as error:
        if error.code() == grpc.StatusCode.UNAVAILABLE:
            raise Lost(error.details()) from error
        if error.code() == grpc.StatusCode.NOT_FOUND:
            raise KeyError(error.details()) from error
        raise


@pytest.mark.parametrize("kind", ["backends", "adapters"])
def test_a_killed_replica_loses_nothing(plane, replicas, kind):
    victim = getattr(replicas, kind)[0]
    account = "system:serviceaccount:howdah:cnpg-mcp-server"
    before = made_by(plane, account)
    story = Story(replicas, victim)
    story.run()
    assert story.failures == []
    assert story.done == story.CHANGES and story.repeated > 0
    for name in story.names:
        now = cluster(plane, name)
        if not story.is_kept(name):
            assert now is None, name
            continue
        # Each change of what is declared counts once: made, and scaled three times.
        assert (now["spec"]["instances"], now["metadata"]["generation"]) == (1, 4), name
    assert made_by(plane, account) - before == len(story.names) == 50
    print("200 changes, of which %d were repeated" % story.repeated)
    victim.start()
    victim.until_ready()


def made_by(plane, account):
    """How many clusters the API server has made for an account, by its own records."""
    return sum(event["verb"] == "create" and event["responseStatus"]["code"] == 201 and
               event["objectRef"]["resource"] == "clusters" for event in plane.audited(account))


class Load:
    """Clients of all kinds, until told to stop. A client that follows its protocol sees
    no error; what it has to do for that is counted."""

    def __init__(self, replicas):
        self.replicas = replicas
        self.errors, self.counts = [], {}
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._keep, args=(kind,), name=kind.__name__)
                         for kind in (self.stateless, self.stateless, self.session, self.grpc,
                                      self.grpc, self.listener, self.waiter)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *unused):
        self._stop.set()
        for thread in self._threads:
            thread.join(120)

    def count(self, what):
        with self._lock:
            self.counts[what] = self.counts.get(what, 0) + 1

    def _keep(self, kind):
        try:
            kind()
        except Exception as error:  # pylint: disable=broad-except
            self.errors.append("%s: %r" % (kind.__name__, error))

    def _write_and_read(self, door, what):
        name = "load-" + uuid.uuid4().hex[:8]
        change(door, name, "create", uuid.uuid4().hex)
        instances = 1
        while not self._stop.is_set():
            instances = instances % 3 + 1
            change(door, name, instances, uuid.uuid4().hex)
            assert instances_of(door, name) == instances
            self.count(what)
        change(door, name, "delete", uuid.uuid4().hex)

    def stateless(self):
        self._write_and_read(Mcp(self.replicas.mcp_address), "stateless MCP")

    def grpc(self):
        with contextlib.closing(Grpc(self.replicas.grpc_address)) as door:
            self._write_and_read(door, "gRPC")

    def session(self):
        session = Session(Mcp(self.replicas.mcp_address))
        while not self._stop.is_set():
            assert not session.tool("list_postgres_clusters").get("isError")
            self.count("in a session")
        self.counts["sessions"] = session.begun

    def listener(self):
        """Hears of changes on a stream; when that has ended whole it opens another."""
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "subscriptions/listen", "params": {
            "notifications": {"resourceSubscriptions": ["howdah://clusters"]}, "_meta": {
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientInfo": {"name": "replicas", "version": "1"},
                "io.modelcontextprotocol/clientCapabilities": {}}}})
        while not self._stop.is_set():
            with contextlib.closing(http.client.HTTPConnection(
                    self.replicas.mcp_address, timeout=60)) as connection:
                connection.request("POST", "/mcp", body, {
                    "Content-Type": "application/json", VERSION: "2026-07-28",
                    "Mcp-Method": "subscriptions/listen",
                    "Accept": "application/json, text/event-stream"})
                answer = connection.getresponse()
                assert answer.status == 200, answer.read()
                self.count("streams")
                for line in answer:
                    if b"resources/updated" in line or b"list_changed" in line:
                        self.count("changes heard")
                    if self._stop.is_set():
                        return
                # A stream that was cut off raises IncompleteRead above.

    def waiter(self):
        """Waits for what will never be; the server may stop waiting, but says so."""
        door = Mcp(self.replicas.mcp_address)
        while not self._stop.is_set():
            name = "wait-" + uuid.uuid4().hex[:8]
            result = door.request("tools/call", {"name": "create_postgres_cluster", "arguments": {
                "name": name, "instances": 1, "storage_size": "1Gi", "wait": True,
                "timeout": 30}})
            assert not result.get("isError"), result
            assert "work goes on" in result["content"][0]["text"]
            self.count("waits")
            change(door, name, "delete", uuid.uuid4().hex)


def test_a_rolling_restart_under_load_shows_no_error(replicas):
    with Load(replicas) as load:
        for program in (*replicas.adapters, *replicas.backends):
            eventually(lambda: load.errors or load.counts.get("gRPC", 0) > 10 and
                       load.counts.get("stateless MCP", 0) > 10, "there is load", 60)
            program.restart()
            heard = load.counts.get("changes heard", 0)
            eventually(lambda heard=heard: load.errors or
                       load.counts.get("changes heard", 0) > heard, "changes are heard", 60)
            if load.errors:
                break
    print(load.counts)
    assert load.errors == []
    assert load.counts["streams"] >= 2 and load.counts["sessions"] >= 2
