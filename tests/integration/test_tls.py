"""The backend's TLS door: who may in, who may not, by howdahctl."""

import json
import os
import pathlib
import signal
import subprocess

import pytest

from certificates import certificate
from fake_kubernetes import FakeKubernetes, healthy
from waiting import eventually

BIN = pathlib.Path(os.environ.get("HOWDAH_BIN_DIR",
                                  pathlib.Path(__file__).resolve().parents[2] / ".howdah" / "bin"))


@pytest.fixture
def door(data_dir):
    """A backend that wants a client certificate: address, and how to call it."""
    server, server_key = certificate(data_dir, "server")
    operator, operator_key = certificate(data_dir, "operator")
    stranger, stranger_key = certificate(data_dir, "stranger")
    with FakeKubernetes() as api, open(os.path.join(data_dir, "log"), "wb") as log:
        api.answer = healthy("demo")
        backend = subprocess.Popen(
            [str(BIN / "howdah-backend"), "--kubeconfig", api.kubeconfig, "--listen",
             "127.0.0.1:0", "--tls-cert", server, "--tls-key", server_key, "--tls-client-ca",
             operator, "--announce"], stdout=subprocess.PIPE, stderr=log)
        address = json.loads(backend.stdout.readline())["listening"][0]

        def call(*flags):
            return subprocess.run(
                [str(BIN / "howdahctl"), "--address", address, *flags, "clusters", "scale", "demo",
                 "--instances", "2", "--dry-run"], capture_output=True, text=True, timeout=60, check=False)

        yield {"call": call, "ca": server, "operator": (operator, operator_key),
               "stranger": (stranger, stranger_key), "log": log.name}
        backend.terminate()
        assert backend.wait(30) == 0


def test_a_known_client_is_served_and_named_in_the_audit(door):
    cert, key = door["operator"]
    done = door["call"]("--tls-ca", door["ca"], "--tls-cert", cert, "--tls-key", key)
    assert "scale" in done.stdout + done.stderr
    with open(door["log"], encoding="utf-8") as log:
        audit = [json.loads(line) for line in log if '"audit"' in line]
    assert [line["who"] for line in audit] == ["operator"]


def test_others_are_not(door):
    cert, key = door["stranger"]
    for flags in ([], ["--tls-ca", door["ca"]],
                  ["--tls-ca", door["ca"], "--tls-cert", cert, "--tls-key", key],
                  ["--tls-ca", cert, "--tls-cert", cert, "--tls-key", key]):
        assert door["call"](*flags).returncode == 1, flags
    with open(door["log"], encoding="utf-8") as log:
        assert '"audit"' not in log.read()


def test_certificate_log_level_and_read_only_need_no_restart(data_dir):
    first, first_key = certificate(data_dir, "first")
    second, second_key = certificate(data_dir, "second")
    files = {"tls-cert": os.path.join(data_dir, "tls.crt"),
             "tls-key": os.path.join(data_dir, "tls.key")}
    config, log_path = os.path.join(data_dir, "backend.json"), os.path.join(data_dir, "log")

    def write(path, text):
        pathlib.Path(path + ".new").write_text(text, encoding="utf-8")
        os.replace(path + ".new", path)

    def install(cert, key):
        for path, source in zip(files.values(), (cert, key)):
            write(path, pathlib.Path(source).read_text(encoding="utf-8"))

    def logged(words):
        return pathlib.Path(log_path).read_text(encoding="utf-8").count(words)

    install(first, first_key)
    settings = {"listen": ["127.0.0.1:0"], **files}
    write(config, json.dumps(settings))
    with FakeKubernetes() as api, open(log_path, "wb") as log:
        api.answer = healthy("demo")
        backend = subprocess.Popen(
            [str(BIN / "howdah-backend"), "--kubeconfig", api.kubeconfig, "--config", config,
             "--announce"], stdout=subprocess.PIPE, stderr=log)
        address = json.loads(backend.stdout.readline())["listening"][0]

        def served(authority):
            return subprocess.run(
                [str(BIN / "howdahctl"), "--address", address, "--tls-ca", authority, "clusters",
                 "scale", "demo", "--instances", "2", "--dry-run"], capture_output=True,
                timeout=60, check=False).returncode == 0

        def reload(says):
            seen = logged(says)
            backend.send_signal(signal.SIGHUP)
            eventually(lambda: logged(says) > seen, says)

        assert served(first) and not served(second)
        install(second, first_key)  # half of a change
        assert served(first) and not served(second)
        install(second, second_key)
        assert served(second) and not served(first)

        write(config, json.dumps({**settings, "log-level": "debug"}))
        reload("configuration read again")
        write(config, json.dumps({**settings, "read-only": True}))
        reload("configuration read again")
        assert not served(second)
        for broken in ("{", json.dumps({**settings, "toolsets": "postgres"})):
            write(config, broken)
            reload("configuration not taken")
        assert not served(second)
        write(config, json.dumps(settings))
        reload("configuration read again")
        assert served(second)
        backend.terminate()
        assert backend.wait(30) == 0
