"""The log of a Pod, as kubectl logs asks for it: whole, in part, and followed to its end."""

import re
import urllib.error

from waiting import eventually

CLUSTERS = "/apis/postgresql.cnpg.io/v1/namespaces/default/clusters"
LOG = "/api/v1/namespaces/default/pods/logged-1/log"


def text(kube, query=""):
    with kube.send("GET", LOG + query) as answer:
        assert answer.headers["Content-Type"].startswith("text/plain")
        return answer.read().decode()


def says(kube, words):
    try:
        return words in text(kube)
    except urllib.error.HTTPError:  # there is no Pod yet, or no log
        return False


def test_the_log_of_a_pod_is_read_and_followed_to_its_end(stack):
    kube = stack.kube
    status, answer = kube.request("POST", CLUSTERS, {
        "apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster", "metadata": {"name": "logged"},
        "spec": {"instances": 1, "storage": {"size": "1Gi"}}})
    assert status == 201, answer
    ready = "database system is ready to accept connections"
    eventually(lambda: says(kube, ready), "the log says that PostgreSQL is ready", 300)
    whole = text(kube)
    assert text(kube, "?tailLines=1") in whole and text(kube, "?tailLines=1").count("\n") == 1
    assert len(text(kube, "?limitBytes=7")) == 7
    assert text(kube, "?sinceTime=2999-01-01T00:00:00Z") == ""
    times = text(kube, "?timestamps=true&sinceSeconds=100000").splitlines()
    assert times and all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z ", line)
                         for line in times)
    with kube.send("GET", LOG + "?follow=true&tailLines=1", timeout=300) as stream:
        assert stream.readline().decode().endswith("\n")
        status, answer = kube.request("PATCH", CLUSTERS + "/logged", {
            "spec": {"postgresql": {"parameters": {"work_mem": "5MB"}}}},
            "application/merge-patch+json")
        assert status == 200, answer
        line = stream.readline().decode()
        while "work_mem" not in line:
            assert line, "the stream ended"
            line = stream.readline().decode()
        kube.request("DELETE", CLUSTERS + "/logged")
        # It ends by itself when the Pod is gone, with or without its last words: the file
        # goes with the cluster.
        stream.read()
    assert kube.request("GET", LOG)[0] == 404
