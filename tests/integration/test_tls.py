"""The backend's TLS door: who may in, who may not, by howdahctl."""

import json
import os
import pathlib
import subprocess

import pytest

from certificates import certificate
from fake_kubernetes import FakeKubernetes, healthy

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
