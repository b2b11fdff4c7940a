"""The HTTP door in a rough world: TLS, reload, floods, slow clients, bounded memory.

No backend runs: what is asked here is answered by the adapter alone.
"""

import contextlib
import http.client
import json
import os
import pathlib
import signal
import socket
import ssl
import subprocess

import pytest

from certificates import certificate
from waiting import eventually

BIN = pathlib.Path(os.environ.get("HOWDAH_BIN_DIR",
                                  pathlib.Path(__file__).resolve().parents[2] / ".howdah" / "bin"))
LIST = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
JSON = {"Content-Type": "application/json"}


class Adapter:
    """A running howdah-mcp over HTTP."""

    def __init__(self, directory, *flags):
        self.log_path = os.path.join(directory, "adapter.log")
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                [str(BIN / "howdah-mcp"), "--transport", "http", "--port", "0", "--announce",
                 "--backend", "unix:" + os.path.join(directory, "none.sock"), *flags],
                stdout=subprocess.PIPE, stderr=log)
        ready = json.loads(self.process.stdout.readline())
        self.url = ready["url"]
        self.port = int(ready["listening"][0].rsplit(":", 1)[1])

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    def ask(self, headers=None, path="/", body=LIST, method="POST"):
        """Status, headers and body of one request on its own connection."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, {**JSON, **(headers or {})})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()
        finally:
            connection.close()

    def memory(self):
        """Resident bytes."""
        with open(f"/proc/{self.process.pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def log(self):
        with open(self.log_path, encoding="utf-8") as file:
            return file.read()

    def reload(self, says):
        """SIGHUP; returns once the log says a new line with these words."""
        seen = self.log().count(says)
        self.process.send_signal(signal.SIGHUP)
        eventually(lambda: self.log().count(says) > seen, says)


@contextlib.contextmanager
def running(directory, *flags):
    adapter = Adapter(directory, *flags)
    try:
        yield adapter
    finally:
        adapter.process.send_signal(signal.SIGTERM)
        assert adapter.process.wait(30) == 0


def write(path, value):
    """Replaces the file at once, as careful operators do."""
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(value if isinstance(value, str) else json.dumps(value))
    os.replace(path + ".new", path)


def names(body):
    return [tool["name"] for tool in json.loads(body)["result"]["tools"]]


def test_sighup_takes_a_new_configuration_and_leaves_a_broken_one(data_dir):
    path = os.path.join(data_dir, "mcp.json")
    write(path, {"allowed-host": ["one.example"]})
    with running(data_dir, "--config", path) as adapter:
        assert adapter.ask({"Host": "one.example"})[0] == 200
        assert adapter.ask({"Host": "two.example"})[0] == 403
        assert "create_postgres_cluster" in names(adapter.ask()[2])

        write(path, {"allowed-host": ["two.example"], "read-only": True})
        adapter.reload("configuration read again")
        assert adapter.ask({"Host": "one.example"})[0] == 403
        assert adapter.ask({"Host": "two.example"})[0] == 200
        assert "create_postgres_cluster" not in names(adapter.ask()[2])

        for broken, why in [("{", "no JSON object"), ({"allowed-hots": "x"}, "allowed-hots"),
                            ({"host": "127.0.0.2"}, "needs a restart"),
                            ({"tls-cert": "/nowhere", "tls-key": "/nowhere"}, "/nowhere")]:
            write(path, broken)
            adapter.reload("configuration not taken")
            assert why in adapter.log().splitlines()[-1]
            assert adapter.ask({"Host": "two.example"})[0] == 200
            assert "create_postgres_cluster" not in names(adapter.ask()[2])


def test_clients_hear_when_the_operator_takes_tools_away(data_dir):
    path, key = os.path.join(data_dir, "config.json"), os.path.join(data_dir, "key")
    write(key, "x" * 32)
    write(path, "{}")
    listen = {"jsonrpc": "2.0", "id": 1, "method": "subscriptions/listen", "params": {
        "notifications": {"toolsListChanged": True}, "_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {}}}}
    with running(data_dir, "--config", path) as adapter:
        listener = http.client.HTTPConnection("127.0.0.1", adapter.port, timeout=30)
        listener.request("POST", "/mcp", json.dumps(listen), {
            **JSON, "Accept": "application/json, text/event-stream",
            "MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "subscriptions/listen"})
        stream = listener.getresponse()

        def hear(what):
            while what not in (line := stream.readline().decode()):
                assert line, "the stream has ended"
        hear('"toolsListChanged":true')
        write(path, json.dumps({"read-only": True, "state-key-file": key}))
        adapter.reload("configuration read again")
        hear("notifications/tools/list_changed")
        write(key, "short")
        adapter.reload("configuration not taken")
        assert "create_postgres_cluster" not in names(adapter.ask()[2])
        listener.close()


def shown_certificate(adapter):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with context.wrap_socket(adapter.connect()) as wrapped:
        return ssl.DER_cert_to_PEM_cert(wrapped.getpeercert(binary_form=True))


def text(path):
    with open(path, encoding="ascii") as file:
        return file.read()


def test_tls_is_spoken_and_its_certificate_changes_without_a_restart(data_dir):
    first, first_key = certificate(data_dir, "first")
    second, second_key = certificate(data_dir, "second")
    cert, key = os.path.join(data_dir, "tls.crt"), os.path.join(data_dir, "tls.key")
    write(cert, text(first))
    write(key, text(first_key))
    with running(data_dir, "--tls-cert", cert, "--tls-key", key) as adapter:
        assert adapter.url.startswith("https://")
        client = http.client.HTTPSConnection("127.0.0.1", adapter.port, timeout=30,
                                             context=ssl.create_default_context(cafile=first))
        for size in (1, 200_000):
            client.request("POST", "/", LIST + " " * size, JSON)
            assert "create_postgres_cluster" in names(client.getresponse().read())

        write(cert, text(second))  # half of a change
        adapter.reload("configuration not taken")
        assert shown_certificate(adapter) == text(first)
        write(key, text(second_key))
        adapter.reload("configuration read again")
        assert shown_certificate(adapter) == text(second)
        # A connection that is open goes on.
        client.request("POST", "/", LIST, JSON)
        assert client.getresponse().status == 200
        client.close()
        # Who speaks no TLS is not served, and does no harm.
        with adapter.connect() as plain:
            plain.sendall(b"POST / HTTP/1.1\r\n\r\n")
            while plain.recv(4096):
                pass
        assert shown_certificate(adapter) == text(second)


def test_under_tls_too_a_client_may_ask_before_it_sends(data_dir):
    cert, key = certificate(data_dir, "server")
    with running(data_dir, "--tls-cert", cert, "--tls-key", key) as adapter:
        context = ssl.create_default_context(cafile=cert)
        with context.wrap_socket(adapter.connect(), server_hostname="127.0.0.1") as client:
            for size in (10, 1_000_000):
                body = (LIST + " " * size).encode()
                client.sendall(
                    b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                    b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(body))
                assert client.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
                client.sendall(body)
                answer = http.client.HTTPResponse(client)
                answer.begin()
                assert "create_postgres_cluster" in names(answer.read())


def test_old_protocols_of_tls_are_refused(data_dir):
    cert, key = certificate(data_dir, "server")
    with running(data_dir, "--tls-cert", cert, "--tls-key", key) as adapter:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["h2", "http/1.1"])
        with context.wrap_socket(adapter.connect()) as wrapped:
            assert wrapped.version() == "TLSv1.2"
            assert wrapped.selected_alpn_protocol() == "http/1.1"
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises(ssl.SSLError):
            context.wrap_socket(adapter.connect())


def test_who_asks_too_often_is_told_to_wait(data_dir):
    with running(data_dir, "--rate-limit", "1", "--rate-burst", "3") as adapter:
        answers = [adapter.ask() for _ in range(8)]
        assert [status for status, _, _ in answers[:3]] == [200] * 3
        refused = [(headers, body) for status, headers, body in answers if status == 429]
        assert len(refused) >= 3
        headers, body = refused[0]
        assert int(headers["Retry-After"]) >= 1
        assert "Too many requests" in json.loads(body)["error"]["message"]
        assert adapter.ask(path="/health/live", method="GET", body=None)[0] == 200


def test_memory_is_bounded_when_many_bodies_never_end(data_dir):
    with running(data_dir) as adapter:
        adapter.ask()
        before = adapter.memory()
        length = 4 * 1024 * 1024
        head = (f"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                f"Content-Length: {length}\r\n\r\n").encode()
        part = b"x" * (length - 1)
        with contextlib.ExitStack() as stack:
            for _ in range(60):
                client = stack.enter_context(adapter.connect())
                client.settimeout(5)
                with contextlib.suppress(OSError):  # refused, and so closed
                    client.sendall(head + part)
            # 240 MB were sent; 64 MB may be held.
            assert adapter.memory() - before < 100 * 1024 * 1024
            assert adapter.ask()[0] == 200
        # All is given back, to the next clients at least.
        eventually(lambda: adapter.ask(body=LIST + " " * 3_000_000)[0] == 200, "room")


def test_memory_is_bounded_when_nobody_reads_the_answers(data_dir):
    with running(data_dir) as adapter:
        adapter.ask()
        before = adapter.memory()
        request = (f"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                   f"Content-Length: {len(LIST)}\r\n\r\n{LIST}").encode()
        with contextlib.ExitStack() as stack:
            for _ in range(50):
                client = stack.enter_context(adapter.connect())
                client.setblocking(False)
                with contextlib.suppress(BlockingIOError):
                    while True:
                        client.send(request * 100)
            assert adapter.memory() - before < 50 * 1024 * 1024
            assert adapter.ask()[0] == 200


def test_a_flood_of_sessions_ends_the_oldest(data_dir):
    initialize = json.dumps({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {}}})
    with running(data_dir, "--max-sessions", "50") as adapter:
        sessions = []
        connection = http.client.HTTPConnection("127.0.0.1", adapter.port, timeout=30)
        for _ in range(2000):
            connection.request("POST", "/mcp", initialize, JSON)
            answer = connection.getresponse()
            answer.read()
            sessions.append(answer.headers["Mcp-Session-Id"])
        connection.close()
        before = adapter.memory()
        assert len(set(sessions)) == 2000
        assert adapter.ask({"Mcp-Session-Id": sessions[0]}, "/mcp")[0] == 404
        assert adapter.ask({"Mcp-Session-Id": sessions[-1]}, "/mcp")[0] == 200
        assert before < 200 * 1024 * 1024


def test_pages_of_a_named_origin_may_call(data_dir):
    with running(data_dir, "--allowed-origin", "https://app.example") as adapter:
        origin = {"Origin": "https://app.example"}
        status, headers, _ = adapter.ask({**origin, "Access-Control-Request-Method": "POST"},
                                         "/mcp", None, "OPTIONS")
        assert status == 204
        assert headers["Access-Control-Allow-Origin"] == "https://app.example"
        status, headers, _ = adapter.ask(origin)
        assert status == 200
        assert headers["Access-Control-Allow-Origin"] == "https://app.example"
        for path in ("/", "/mcp", "/health", "/sse-transport/sse", "/nothing"):
            assert adapter.ask({"Origin": "null"}, path)[0] == 403
            assert adapter.ask({"Host": "evil.example"}, path)[0] == 403
