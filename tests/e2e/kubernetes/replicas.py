"""Two adapters and two backends behind HAProxy, configured by deploy/haproxy.

    with Replicas(kubeconfig, directory) as replicas:
        replicas.mcp.tool("list_postgres_clusters")        # of any adapter
        replicas.adapters[0].mcp.tool(...)                 # of this one
        replicas.grpc.call("ClusterService/GetCluster", name="demo")
        replicas.backends[1].kill()
        replicas.backends[1].restart()

HAProxy is given the sockets that it listens on, so no port is guessed. A program that is
started again listens where it listened before.
"""

import contextlib
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
import urllib.parse

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

from stack import BIN
from waiting import eventually

ROOT = pathlib.Path(__file__).resolve().parents[3]
CALLS = "howdah_backend_calls_total"
REQUESTS = "howdah_mcp_requests_total"
HAPROXY = ROOT / "deploy" / "haproxy" / "haproxy.cfg"
# HAProxy notices within two seconds that a program is about to stop.
DRAIN_SECONDS = 5
VERSION = "MCP-Protocol-Version"


class Lost(Exception):
    """The connection broke, or a proxy says so: the request may have been served or not."""


class Refused(Exception):
    """An HTTP status with a reason, or a JSON-RPC error."""

    def __init__(self, status, answer):
        super().__init__("%s %s" % (status, answer))
        self.status = status
        self.answer = answer


class Mcp:
    """A client of the stateless revision over HTTP; also one of no session at all.
    Threads: any; each has a connection of its own."""

    def __init__(self, address):
        self.address = address
        self._local = threading.local()
        self.served_by = set()

    def post(self, body, headers=None):
        """(status, headers, JSON)."""
        return self.send("POST", "/mcp", json.dumps(body), {
            "Content-Type": "application/json", **(headers or {})})

    def send(self, method, path, body=None, headers=None):
        try:
            return self._send(method, path, body, headers)
        except (OSError, http.client.HTTPException) as error:
            self._local.connection = None
            raise Lost(repr(error)) from error

    def _send(self, method, path, body, headers):
        if getattr(self._local, "connection", None) is None:
            self._local.connection = http.client.HTTPConnection(self.address, timeout=120)
        connection = self._local.connection
        connection.request(method, path, body, {
            "Accept": "application/json, text/event-stream", **(headers or {})})
        answer = connection.getresponse()
        text = answer.read()
        if answer.status in (502, 504):
            raise Lost(answer.status)
        if "event-stream" in answer.headers.get("Content-Type", ""):
            events = re.findall(rb"^data: (.+)$", text, re.MULTILINE)
            text = events[-1] if events else b""
        return answer.status, answer.headers, json.loads(text or b"null")

    def request(self, method, params=None, capabilities=None, headers=None, meta=None):
        """The result of a request of 2026-07-28."""
        params = {**(params or {}), "_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": {"name": "replicas", "version": "1"},
            "io.modelcontextprotocol/clientCapabilities": capabilities or {}, **(meta or {})}}
        name = {"Mcp-Name": params["name"]} if "name" in params else {}
        if "taskId" in params:
            name = {"Mcp-Name": params["taskId"]}
        status, _, answer = self.post(
            {"jsonrpc": "2.0", "id": 1, "method": method, "params": params},
            {VERSION: "2026-07-28", "Mcp-Method": method, **name, **(headers or {})})
        return _result(status, answer)

    def tool(self, tool, request_id=None, capabilities=None, **arguments):
        """The structured result of tools/call."""
        meta = {"howdah/requestId": request_id} if request_id else {}
        return _structured(self.request("tools/call", {"name": tool, "arguments": arguments},
                                        capabilities, meta=meta))

    def plain_tool(self, tool, **arguments):
        """The same as a client of 2025-11-25 that has no session."""
        status, _, answer = self.post(
            {"jsonrpc": "2.0", "id": 1, "method": "tools/call",
             "params": {"name": tool, "arguments": arguments}}, {VERSION: "2025-11-25"})
        return _structured(_result(status, answer))


class ToolFailed(Exception):
    def __init__(self, text, error):
        super().__init__(text)
        self.reason = error.get("reason")


def _result(status, answer):
    if status != 200 or "error" in answer:
        raise Refused(status, answer)
    return answer["result"]


def _structured(result):
    if result.get("isError"):
        error = (result.get("structuredContent") or {}).get("error", {})
        # The adapter's backend has gone, and it does not know what became of the call.
        if error.get("reason") in ("BACKEND_CONNECTION_LOST", "BACKEND_UNREACHABLE"):
            raise Lost(result["content"][0]["text"])
        raise ToolFailed(result["content"][0]["text"], error)
    return result.get("structuredContent", result)


def _messages():
    """The contract's messages, from its .proto files."""
    files = sorted(str(path.relative_to(ROOT / "proto"))
                   for path in (ROOT / "proto" / "howdah").rglob("*.proto"))
    made = subprocess.run(["protoc", "--include_imports", "--descriptor_set_out=/dev/stdout",
                           "-I", str(ROOT / "proto"), *files], capture_output=True, check=True)
    pool = descriptor_pool.DescriptorPool()
    for file in descriptor_pb2.FileDescriptorSet.FromString(made.stdout).file:
        pool.Add(file)
    return pool


class Grpc:
    """A gRPC client with one channel, that repeats nothing by itself."""

    pool = None

    def __init__(self, address):
        Grpc.pool = Grpc.pool or _messages()
        self._factory = message_factory.MessageFactory(Grpc.pool)
        self.channel = grpc.insecure_channel(
            address, [("grpc.enable_retries", 0), ("grpc.use_local_subchannel_pool", 1)])

    def call(self, method, timeout=60, **fields):
        """The answer as JSON; `method` is "ClusterService/GetCluster"."""
        path, types = self._find(method)
        answer = self.channel.unary_unary(
            path, request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=types[1].FromString)(
                json_format.ParseDict(fields, types[0]()), timeout=timeout)
        return self._json(answer)

    def stream(self, method, timeout=60, **fields):
        path, types = self._find(method)
        for answer in self.channel.unary_stream(
                path, request_serializer=lambda message: message.SerializeToString(),
                response_deserializer=types[1].FromString)(
                    json_format.ParseDict(fields, types[0]()), timeout=timeout):
            yield self._json(answer)

    @staticmethod
    def _json(message):
        return json_format.MessageToDict(message, preserving_proto_field_name=True,
                                         descriptor_pool=Grpc.pool)

    def _find(self, method):
        service, name = method.split("/")
        package = "operations" if service == "OperationsService" else "postgres"
        full = "howdah.%s.v1.%s" % (package, service)
        found = Grpc.pool.FindServiceByName(full).FindMethodByName(name)
        return "/%s/%s" % (full, name), (self._factory.GetPrototype(found.input_type),
                                         self._factory.GetPrototype(found.output_type))

    def close(self):
        self.channel.close()


class Program:
    """One replica of adapter or backend."""

    def __init__(self, name, command, directory, flag):
        self.name = name
        self.log = os.path.join(directory, name + ".log")
        self.address = self.admin = "127.0.0.1:0"
        self._command, self._flag = command, flag

    def start(self):
        before = os.path.getsize(self.log) if os.path.exists(self.log) else 0
        host, port = self.address.rsplit(":", 1)
        where = {"--port": ["--port", port],
                 "--listen": ["--listen", "%s:%s" % (host, port)]}[self._flag]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [*self._command, *where, "--admin-listen", self.admin, "--announce",
                 "--drain-delay", str(DRAIN_SECONDS)], stdout=subprocess.PIPE, stderr=log)
        line = self.process.stdout.readline()
        with open(self.log, encoding="utf-8") as log:
            log.seek(before)
            said = log.read()
        assert line, said
        self.address = json.loads(line)["listening"][0]
        self.admin = re.search(r'"admin listening".*?"address":\s*"([^"]+)"', said).group(1)
        return self

    def probe(self, path):
        """The status of a probe, 0 where nobody answers."""
        connection = http.client.HTTPConnection(self.admin, timeout=10)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()

    def until_ready(self):
        eventually(lambda: self.probe("/health/ready") == 200, self.name + " is ready", 60)

    def metric(self, pattern):
        """The sum of the samples whose name and labels match."""
        connection = http.client.HTTPConnection(self.admin, timeout=10)
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
        connection.close()
        return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines()
                   if re.match(pattern, line))

    def kill(self):
        self.process.kill()
        self.process.wait(30)
        self.process.stdout.close()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.stdout.close()
        return self.process.wait(60)

    def restart(self):
        """As a rolling restart does it: drained, ended, begun anew, ready."""
        assert self.stop() == 0
        self.start()
        self.until_ready()


class Adapter(Program):
    @property
    def mcp(self):
        return Mcp(self.address)


class Backend(Program):
    @property
    def grpc(self):
        return Grpc(self.address)


class Replicas:
    """Owns its processes. All on loopback."""

    def __init__(self, kubeconfig, directory):
        self._kubeconfig, self._directory = kubeconfig, directory
        self._stack = contextlib.ExitStack()

    def __enter__(self):
        try:
            self._start()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *unused):
        self._stack.close()

    def _start(self):
        doors = [self._stack.enter_context(socket.create_server(("127.0.0.1", 0)))
                 for _ in ("mcp", "grpc")]
        mcp, grpc_door = ("127.0.0.1:%d" % door.getsockname()[1] for door in doors)
        key = os.path.join(self._directory, "state-key")
        with open(key, "w", encoding="ascii") as file:
            file.write(os.urandom(24).hex())
        self.backends = [self._run(Backend(
            "backend%d" % number, [str(BIN / "howdah-backend"), "--kubeconfig", self._kubeconfig,
                                   "--several-replicas"], self._directory, "--listen"))
                         for number in (1, 2)]
        self.adapters = [self._run(Adapter(
            "adapter%d" % number, [str(BIN / "howdah-mcp"), "--transport", "http", "--backend",
                                   grpc_door, "--state-key-file", key],
            self._directory, "--port")) for number in (1, 2)]
        self._start_haproxy(doors)
        self.mcp_address, self.grpc_address = mcp, grpc_door
        self.mcp, self.grpc = Mcp(mcp), Grpc(grpc_door)
        self._stack.callback(self.grpc.close)
        for program in (*self.backends, *self.adapters):
            program.until_ready()
        eventually(self._is_spread, "HAProxy has seen that all are ready", 60)

    def _is_spread(self):
        """Whether HAProxy sends to all: it looks at them once a second, and had seen them
        begin."""
        counts = [(program, counter, program.metric(counter))
                  for programs, counter in ((self.backends, CALLS), (self.adapters, REQUESTS))
                  for program in programs]
        for _ in range(4):
            with contextlib.suppress(Lost, grpc.RpcError):
                self.grpc.call("ClusterService/ListClusters")
                self.mcp.tool("list_postgres_clusters")
        return all(program.metric(counter) > before for program, counter, before in counts)

    def _run(self, program):
        program.start()
        self._stack.callback(lambda: program.process.poll() is None and program.kill())
        return program

    def _start_haproxy(self, doors):
        environment = dict(os.environ, HOWDAH_MCP="fd@%d" % doors[0].fileno(),
                           HOWDAH_GRPC="fd@%d" % doors[1].fileno())
        for number in (0, 1):
            admin = urllib.parse.urlsplit("//" + self.backends[number].admin)
            environment.update({
                "HOWDAH_MCP_%d" % (number + 1): self.adapters[number].address,
                "HOWDAH_GRPC_%d" % (number + 1): self.backends[number].address,
                "HOWDAH_ADMIN_%d" % (number + 1): admin.hostname,
                "HOWDAH_ADMIN_PORT_%d" % (number + 1): str(admin.port)})
        with open(os.path.join(self._directory, "haproxy.log"), "ab") as log:
            haproxy = subprocess.Popen(
                [shutil.which("haproxy", path=os.environ["PATH"] + ":/usr/sbin"), "-db", "-f",
                 str(HAPROXY)], env=environment, stdout=log, stderr=log,
                pass_fds=[door.fileno() for door in doors])
        self._stack.callback(haproxy.wait, 30)
        self._stack.callback(haproxy.terminate)
