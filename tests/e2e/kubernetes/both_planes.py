"""The local plane and a real API server, asked the same.

    answers = both(planes, "GET", CNPG + "clusters")   # {"local": (status, body), "real": …}
    agree(planes, "GET", CNPG + "clusters")            # and they are the same

`planes` and `made` are fixtures (conftest.py).
"""

import json
import os
import pathlib
import re
import shutil
import subprocess

import pytest

from kube_client import KubeClient
from stack import new_data_dir

BIN = pathlib.Path(os.environ.get("HOWDAH_BIN_DIR",
                                  pathlib.Path(__file__).resolve().parents[3] / ".howdah" / "bin"))
CNPG = "/apis/postgresql.cnpg.io/v1/namespaces/same/"
CORE = "/api/v1/namespaces/same/"
MERGE, JSON, STRATEGIC = ("application/%s+json" % kind for kind in (
    "merge-patch", "json-patch", "strategic-merge-patch"))
# Of each one's own: taken out of every answer.
OWN = {"uid", "resourceVersion", "creationTimestamp", "managedFields", "deletionTimestamp"}


def cluster(name, **spec):
    return {"apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster",
            "metadata": {"name": name, "annotations": {
                "cnpg.io/reconciliationLoop": "disabled"}},
            "spec": {"instances": 1, "storage": {"size": "1Gi"}, **spec}}


def database(name, **spec):
    return {"apiVersion": "postgresql.cnpg.io/v1", "kind": "Database",
            "metadata": {"name": name},
            "spec": {"name": name, "owner": "app", "cluster": {"name": "nobody"}, **spec}}


def role(name, **spec):
    return {"apiVersion": "postgresql.cnpg.io/v1", "kind": "DatabaseRole",
            "metadata": {"name": name.replace("_", "-")},
            "spec": {"name": name, "cluster": {"name": "nobody"}, **spec}}


def secret(name, **parts):
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name},
            "data": {"a": "Yg=="}, **parts}


def ask(kube, method, path, body=None, kind="application/json", headers=None):
    return kube.request(method, path, body, kind, headers)


def without_own(value):
    if isinstance(value, dict):
        return {key: without_own(part) for key, part in value.items() if key not in OWN}
    if isinstance(value, list):
        return [without_own(part) for part in value]
    if isinstance(value, str):
        value = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UID", value)
    return value


def both(planes, *request, headers=None):
    """The answers of the two, each (status, body)."""
    answers = {}
    for name, kube in planes.items():
        status, body = ask(kube, *request, headers=headers)
        answers[name] = status, without_own(body)
    return answers


def agree(planes, *request, headers=None):
    answers = both(planes, *request, headers=headers)
    assert answers["local"] == answers["real"]
    return answers["real"]


@pytest.fixture(scope="session")
def local():
    """howdah-local alone; its controllers leave alone what these tests make."""
    directory = new_data_dir()
    plane = subprocess.Popen(
        [str(BIN / "howdah-local"), "serve", "--data-dir", directory, "--port", "0", "--announce",
         "--exit-with-parent"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    yield KubeClient(json.loads(plane.stdout.readline())["kubeconfig"])
    plane.terminate()
    assert plane.wait(120) == 0
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def planes(local, kubernetes, webhooks):
    """Both, each with a namespace that is ready for use."""
    both = {"local": local, "real": kubernetes.admin}
    for kube in both.values():
        status, answer = kube.request("POST", "/api/v1/namespaces", {
            "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "same"}})
        assert status == 201, answer
    kubernetes.until_usable("same")
    return both


@pytest.fixture
def made(planes, request):
    """Makes an object on both, gives both answers, takes it away at the end."""
    paths = []

    def make(collection, body):
        answers = {}
        for name, kube in planes.items():
            status, answers[name] = ask(kube, "POST", collection, body)
            assert status == 201, (name, answers[name])
        paths.append(collection + "/" + body["metadata"]["name"])
        return paths[-1], answers

    yield make
    for path in paths:
        for kube in planes.values():
            ask(kube, "DELETE", path)
