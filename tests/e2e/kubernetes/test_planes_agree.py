"""The same requests to the local plane and to a real API server: the answers are the same,
but for what is each one's own (uids, versions, times).

Known to differ, and not asked here: the image and the settings of PostgreSQL that the operator's
webhook puts into a Cluster, since here runs what is installed; what that webhook says of values
of the right type in fields of a Cluster that have no effect here, and how it reads spans of time
there; what it was built from and where (`/version`, `/api`); descriptions of columns; protobuf
answers, `/metrics`, the types in `/openapi/v2`, watches by `/watch/` in the path, the past
states of a list, `exec` of Pods and `finalize` of namespaces, which the local plane does not
have; callers without a token, whom it refuses as such (401), as a real server does without
anonymous access, and with it as `system:anonymous` (403); a null that applying leaves where a map
was emptied, which a real server refuses; the answer to a deletion tried out that leaves
dependents; the content type of `/openapi/v3`; a few queries that it refuses and a real server
takes (`fieldSelector==`, `includeObject` without a table, `namespaces//secrets`).
"""

import json
import re

import pytest

from both_planes import (
    CNPG, CORE, JSON, MERGE, STRATEGIC, agree, ask, both, cluster, database, role, secret,
    without_own)

# Requests that need nothing to be there: (what it is, request).
REFUSALS = {
    "a cluster that is missing": ("GET", CNPG + "clusters/none"),
    "a secret that is missing": ("GET", CORE + "secrets/none"),
    "a namespace that is missing": ("GET", "/api/v1/namespaces/none"),
    "a type that is unknown": ("GET", CNPG + "elephants"),
    "a core type that is unknown": ("GET", CORE + "elephants"),
    "a group that is unknown": ("GET", "/apis/elephants.example.com/v1/elephants"),
    "a version that is unknown": ("GET", "/apis/postgresql.cnpg.io/v9/clusters"),
    "a subresource that is unknown": ("GET", CNPG + "clusters/none/mood"),
    "PUT to a list": ("PUT", CNPG + "clusters", cluster("none")),
    "PATCH to a list": ("PATCH", CNPG + "clusters", {}, MERGE),
    "a body that is no JSON": ("POST", CNPG + "clusters", "{oops"),
    "no body": ("POST", CNPG + "clusters", ""),
    "a body without kind": ("POST", CNPG + "clusters", {"metadata": {"name": "x"}}),
    "a wrong kind of a core type": ("POST", CORE + "secrets", {
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}}),
    "another kind": ("POST", CNPG + "databases", dict(database("x"), kind="Cluster")),
    "another version": ("POST", CNPG + "databases", dict(
        database("x"), apiVersion="postgresql.cnpg.io/v9")),
    "another group": ("POST", CNPG + "databases", dict(
        database("x"), apiVersion="example.com/v1")),
    "no version": ("POST", CNPG + "databases", {"kind": "Database", "metadata": {"name": "x"}}),
    "no name": ("POST", CNPG + "clusters", dict(cluster("x"), metadata={})),
    "no name of a secret": ("POST", CORE + "secrets", dict(secret("x"), metadata={})),
    "a bad name": ("POST", CNPG + "databases", database("Upper")),
    "a long name": ("POST", CNPG + "databases", database("x" * 254)),
    "a bad name of a secret": ("POST", CORE + "secrets", secret("Up_per")),
    "a bad label": ("POST", CORE + "secrets", dict(secret("x"), metadata={
        "name": "x", "labels": {"a": "no spaces"}})),
    "a bad label key": ("POST", CNPG + "databases", dict(database("x"), metadata={
        "name": "x", "labels": {"a b": "c"}})),
    "an owner without uid": ("POST", CORE + "secrets", dict(secret("x"), metadata={
        "name": "x", "ownerReferences": [{"apiVersion": "v1", "kind": "Secret", "name": "y"}]})),
    "an owner of nothing": ("POST", CORE + "secrets", dict(secret("x"), metadata={
        "name": "x", "ownerReferences": [{}]})),
    "another namespace in the body": ("POST", CORE + "secrets", dict(secret("x"), metadata={
        "name": "x", "namespace": "default"})),
    "a namespace that does not exist": (
        "POST", "/apis/postgresql.cnpg.io/v1/namespaces/none/databases", database("x")),
    "a secret in no namespace": ("POST", "/api/v1/namespaces/none/secrets", secret("x")),
    "too few instances": ("POST", CNPG + "clusters", cluster("x", instances=0)),
    "text for a number": ("POST", CNPG + "clusters", cluster("x", instances="two")),
    "a number for text": ("POST", CNPG + "databases", database("x", owner=7)),
    "a list for an object": ("POST", CNPG + "databases", database("x", cluster=[])),
    "a field that is required": ("POST", CNPG + "databases", {
        "apiVersion": "postgresql.cnpg.io/v1", "kind": "Database", "metadata": {"name": "x"},
        "spec": {"name": "x"}}),
    "no specification": ("POST", CNPG + "databases", {
        "apiVersion": "postgresql.cnpg.io/v1", "kind": "Database", "metadata": {"name": "x"}}),
    "a value that is not in the list": ("POST", CNPG + "databases", database(
        "x", databaseReclaimPolicy="perhaps")),
    "two wrongs": ("POST", CNPG + "databases", database(
        "x", databaseReclaimPolicy="perhaps", ensure="maybe")),
    "a name that a rule reserves": ("POST", CNPG + "databases", database("postgres")),
    "a role that a rule reserves": ("POST", CNPG + "databaseroles", role("pg_mine")),
    "two settings that exclude each other": ("POST", CNPG + "databaseroles", role(
        "r", passwordSecret={"name": "s"}, disablePassword=True)),
    "an unknown field, strictly": (
        "POST", CNPG + "databases?fieldValidation=Strict", database("x", colour="red")),
    "two unknown fields, strictly": (
        "POST", CNPG + "databases?fieldValidation=Strict",
        dict(database("x", colour="red"), mood=1)),
    "an unknown field of a secret, strictly": (
        "POST", CORE + "secrets?fieldValidation=Strict", secret("x", colour="red")),
    "a field twice, strictly": (
        "POST", CNPG + "databases?fieldValidation=Strict",
        '{"apiVersion":"postgresql.cnpg.io/v1","kind":"Database","metadata":{"name":"x"},'
        '"spec":{"name":"x","name":"y","owner":"app","cluster":{"name":"c"}}}'),
    "a validation that is unknown": (
        "POST", CNPG + "databases?fieldValidation=Loose", database("x")),
    "a dry run that is unknown": ("POST", CNPG + "databases?dryRun=Some", database("x")),
    "data that is not base64": ("POST", CORE + "secrets", secret("x", data={"a": "???"})),
    "a key with a space": ("POST", CORE + "secrets", secret("x", data={"a b": "Yg=="})),
    "a basic-auth secret without keys": ("POST", CORE + "secrets", secret(
        "x", type="kubernetes.io/basic-auth")),
    "a bad label selector": ("GET", CNPG + "databases?labelSelector=a%20in%20b"),
    "a bad field selector": ("GET", CNPG + "databases?fieldSelector=spec.owner%3Dapp"),
    "a bad field selector of a secret": ("GET", CORE + "secrets?fieldSelector=data.a%3Db"),
    "a bad page token": ("GET", CNPG + "databases?limit=1&continue=nonsense"),
    "a bad limit": ("GET", CNPG + "databases?limit=many"),
    "a bad time": ("GET", CNPG + "databases?timeoutSeconds=x"),
    "a bad version": ("GET", CNPG + "databases?resourceVersion=new"),
    "a version match without a version": (
        "GET", CNPG + "databases?resourceVersionMatch=Exact"),
    "a bad version match": (
        "GET", CNPG + "databases?resourceVersion=1&resourceVersionMatch=Nearly"),
    "a watch from a bad version": ("GET", CNPG + "databases?watch=true&resourceVersion=new"),
    "initial events without bookmarks": (
        "GET", CNPG + "databases?watch=true&sendInitialEvents=true"),
    "a patch of nothing": ("PATCH", CNPG + "databases/none", {}, MERGE),
    "a deletion of nothing": ("DELETE", CNPG + "databases/none"),
    "a deletion of no secret": ("DELETE", CORE + "secrets/none"),
    "an update of nothing": ("PUT", CNPG + "databases/none", dict(database("none"), metadata={
        "name": "none", "resourceVersion": "1"})),
}


# What Go's parsers say in words of their own.
OTHER_WORDS = {"a body that is no JSON", "no body", "a body without kind",
               "a wrong kind of a core type", "text for a number", "a number for text",
               "a list for an object", "a bad label selector", "a bad page token"}


def without_words(answer):
    return answer[0], {key: value for key, value in answer[1].items() if key != "message"}


def in_order(answer):
    """Of two wrongs the real server tells now this one first, now that."""
    status, body = answer
    if isinstance(body, dict) and len(body.get("details", {}).get("causes", [])) > 1:
        body["details"]["causes"].sort(key=lambda cause: (cause["field"], cause["message"]))
        before, bracket, after = body["message"].partition("[")
        parts = re.split(r", (?=spec\.|<nil>)", after.removesuffix("]"))
        body["message"] = before + bracket + ", ".join(sorted(parts))
    return status, body


def once_each(body):
    """A real server validates metadata twice, and then has some causes twice."""
    causes = body.get("details", {}).get("causes", [])
    causes[:] = [cause for at, cause in enumerate(causes) if cause not in causes[:at]]


@pytest.mark.parametrize("what", REFUSALS)
def test_refusals_are_the_same(planes, what):
    answers = {name: in_order(answer)
               for name, answer in both(planes, *REFUSALS[what]).items()}
    if what in OTHER_WORDS:
        answers = {name: without_words(answer) for name, answer in answers.items()}
    assert answers["local"] == answers["real"]
    assert answers["real"][0] >= 400


@pytest.mark.parametrize("collection,body", [
    (CNPG + "clusters", cluster("whole")),
    (CNPG + "databases", database("whole")),
    (CNPG + "databaseroles", role("whole")),
    (CORE + "secrets", secret("whole")),
    (CORE + "secrets", secret("whole", stringData={"c": "d"})),
    (CORE + "configmaps", {"apiVersion": "v1", "kind": "ConfigMap",
                           "metadata": {"name": "whole", "labels": {}, "annotations": {}}}),
])
def test_objects_are_completed_the_same(planes, made, collection, body):
    path, answers = made(collection, body)
    local, real = (without_own(answers[name]) for name in ("local", "real"))
    if body["kind"] == "Cluster":
        local, real = local["spec"], real["spec"]
        del real["imageName"], real["postgresql"]["parameters"]
    assert local == real
    if body["kind"] != "Cluster":
        agree(planes, "GET", path)
    agree(planes, "POST", collection, body)  # it exists already


def test_changes_are_refused_the_same(planes, made):
    path, answers = made(CNPG + "databases", database("kept"))
    for request in (
            ("PATCH", path, {"spec": {"name": "other"}}, MERGE),
            ("PATCH", path, {"spec": {"cluster": {"name": "other"}}}, MERGE),
            ("PATCH", path, {"spec": {"owner": None}}, MERGE),
            ("PATCH", path, {"metadata": {"resourceVersion": "1"}}, MERGE),
            ("PATCH", path, {"metadata": {"name": "other"}}, MERGE),
            ("PATCH", path, {"metadata": {"uid": "other"}}, MERGE),
            ("PATCH", path, {"metadata": {"deletionTimestamp": "2020-01-01T00:00:00Z"}}, MERGE),
            ("PATCH", path, {"kind": "Cluster"}, MERGE),
            ("PATCH", path, [], MERGE),
            ("PATCH", path, [{"op": "test", "path": "/spec/owner", "value": "x"}], JSON),
            ("PATCH", path, [{"op": "replace", "path": "/spec/none/deep", "value": 1}], JSON),
            ("PATCH", path, [{"op": "remove", "path": "/spec/none"}], JSON),
            ("PATCH", path, [{"op": "dance", "path": "/spec"}], JSON),
            ("PATCH", path, {"op": "test"}, JSON),
            ("PUT", path, database("kept")),
            ("PUT", path, dict(database("other"))),
            ("PUT", path, dict(database("kept"), metadata={"name": "kept", "uid": "other"})),
            ("PUT", path, dict(database("kept"), metadata={
                "name": "kept", "resourceVersion": "1"})),
            ("DELETE", path, {"preconditions": {"uid": "other"}}),
            ("DELETE", path, {"preconditions": {"resourceVersion": "1"}}),
            ("DELETE", path, {"propagationPolicy": "Sideways"})):
        answers = both(planes, *request)
        for _, body in answers.values():
            # Each has versions of its own.
            body["message"] = re.sub(r"in record \(\d+\)", "in record (N)", body["message"])
            once_each(body)
        assert answers["local"] == answers["real"], request
    for kind in (STRATEGIC, "application/nonsense"):
        answers = both(planes, "PATCH", path, {"spec": {}}, kind)
        assert without_words(answers["local"]) == without_words(answers["real"])
    agree(planes, "GET", path)


def test_kept_secrets_are_refused_the_same(planes, made):
    path, _ = made(CORE + "secrets", dict(secret("kept"), immutable=True))
    for change in ({"type": "kubernetes.io/basic-auth"}, {"data": {"a": "Yw=="}},
                   {"metadata": {"uid": "other"}}):
        answers = both(planes, "PATCH", path, change, MERGE)
        for _, body in answers.values():
            once_each(body)
        assert answers["local"] == answers["real"], change


def test_generations_count_the_same(planes, made):
    path, _ = made(CNPG + "databases", database("counted"))
    for request in (
            ("PATCH", path, {"metadata": {"labels": {"a": "b"}}}, MERGE),
            ("PATCH", path, {"spec": {"owner": "other"}}, MERGE),
            ("PATCH", path, {"spec": {"owner": "other"}}, MERGE),
            ("PATCH", path, {"status": {"applied": True}}, MERGE),
            ("PATCH", path + "/status", {"status": {"applied": True}}, MERGE),
            ("PATCH", path + "/status", {"spec": {"owner": "third"}}, MERGE),
            ("PATCH", path, {"metadata": {"generation": 77}}, MERGE),
            ("PATCH", path, {"metadata": {"finalizers": ["example.com/hold"]}}, MERGE),
            ("DELETE", path),
            ("PATCH", path, {"metadata": {"finalizers": ["example.com/other"]}}, MERGE),
            ("PATCH", path, {"metadata": {"finalizers": []}}, MERGE),
            ("GET", path)):
        answers = both(planes, *request)
        for _, body in answers.values():
            once_each(body)
        assert answers["local"] == answers["real"], request


def test_a_write_that_changes_nothing_is_none(planes, made):
    path, answers = made(CNPG + "databases", database("still"))
    for name, kube in planes.items():
        _, after = ask(kube, "PATCH", path, {"spec": {"owner": "app"}}, MERGE)
        assert after["metadata"]["resourceVersion"] == (
            answers[name]["metadata"]["resourceVersion"]), name


def test_deletions_answer_the_same(planes, made):
    for collection, body in ((CNPG + "databases", database("gone")),
                             (CORE + "secrets", secret("gone")),
                             (CORE + "configmaps", {"apiVersion": "v1", "kind": "ConfigMap",
                                                    "metadata": {"name": "gone"}})):
        path, _ = made(collection, body)
        status, _ = agree(planes, "DELETE", path)
        assert status == 200
        agree(planes, "DELETE", path)


def test_lists_and_pages_are_the_same(planes, made):
    for name in ("page-a", "page-b", "page-c"):
        made(CNPG + "databases", dict(database(name), metadata={
            "name": name, "labels": {"paged": name[-1]}}))
    agree(planes, "GET", CNPG + "databases")
    agree(planes, "GET", CNPG + "databases?labelSelector=paged%20notin%20(a)")
    agree(planes, "GET", CNPG + "databases?fieldSelector=metadata.name%3Dpage-b")
    agree(planes, "GET", CNPG + "databases?limit=-1")
    agree(planes, "DELETE", CNPG + "databases?labelSelector=paged%3Dnever")
    pages = {}
    for name, kube in planes.items():
        token, pages[name] = "", []
        while True:
            status, page = ask(kube, "GET", CNPG + "databases?limit=2&continue=" + token)
            assert status == 200
            token = page["metadata"].get("continue", "")
            pages[name].append(([item["metadata"]["name"] for item in page["items"]],
                                sorted(page["metadata"]),
                                page["metadata"].get("remainingItemCount")))
            if not token:
                break
    assert pages["local"] == pages["real"]


def shown(table):
    """What kubectl prints of a table: columns of priority 0, and their cells."""
    columns = [[column[key] for key in ("name", "type", "format", "priority")]
               for column in table["columnDefinitions"]]
    narrow = [index for index, column in enumerate(columns) if column[3] == 0]
    return ([columns[index] for index in narrow],
            [([re.sub(r"^\d+s$", "AGE", str(row["cells"][index])) for index in narrow],
              row.get("object")) for row in table["rows"]])


@pytest.mark.parametrize("collection,body", [
    ("clusters", cluster("shown")), ("databases", database("shown")),
    ("databaseroles", role("shown"))])
def test_tables_are_the_same(planes, made, collection, body):
    path, _ = made(CNPG + collection, body)
    table = {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}
    for place in (CNPG + collection, path, CNPG + collection + "?includeObject=None"):
        answers = both(planes, "GET", place, headers=table)
        tables = {name: shown(answer) for name, (_, answer) in answers.items()}
        assert tables["local"] == tables["real"], place


def test_core_tables_have_the_same_columns(planes, made):
    made(CORE + "secrets", secret("shown"))
    table = {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}
    for plural in ("secrets", "configmaps", "pods", "services", "events",
                   "persistentvolumeclaims"):
        columns = {name: [[column[key] for key in ("name", "type", "format", "priority")]
                          for column in answer["columnDefinitions"]]
                   for name, (_, answer) in both(
                       planes, "GET", CORE + plural, headers=table).items()}
        assert columns["local"] == columns["real"], plural


def test_the_scale_subresource_is_the_same(planes, made):
    path, _ = made(CNPG + "clusters", cluster("scaled"))
    for request in (("GET", path + "/scale"),
                    ("PATCH", path + "/scale", {"spec": {"replicas": 3}}, MERGE),
                    ("PATCH", path + "/scale", {"spec": {"replicas": 0}}, MERGE),
                    ("PATCH", path + "/scale", {"spec": {"replicas": -1}}, MERGE),
                    ("PUT", path + "/scale", {
                        "apiVersion": "autoscaling/v1", "kind": "Scale",
                        "metadata": {"name": "other", "namespace": "same"},
                        "spec": {"replicas": 2}}),
                    ("PUT", path + "/scale", {
                        "apiVersion": "autoscaling/v1", "kind": "Scale",
                        "metadata": {"name": "scaled", "namespace": "same"},
                        "spec": {"replicas": 2}}),
                    ("GET", path + "/scale")):
        answers = both(planes, *request)
        assert answers["local"] == answers["real"], request


def events_of(kube, path, count):
    lines = []
    with kube.send("GET", path, timeout=120) as stream:
        while len(lines) < count:
            line = stream.readline()
            assert line, "the watch ended after %d events" % len(lines)
            event = json.loads(line)
            lines.append((event["type"], without_own(event["object"])))
    return lines


def test_watches_tell_the_same(planes, made):
    events = {}
    for name, kube in planes.items():
        start = kube.get(CNPG + "databases")["metadata"]["resourceVersion"]
        path = CNPG + "databases/watched"
        ask(kube, "POST", CNPG + "databases", dict(database("watched"), metadata={
            "name": "watched", "labels": {"watched": "yes"}}))
        ask(kube, "PATCH", path, {"spec": {"owner": "other"}}, MERGE)
        ask(kube, "PATCH", path, {"metadata": {"labels": {"watched": "no"}}}, MERGE)
        ask(kube, "DELETE", path)
        watch = CNPG + "databases?watch=true&resourceVersion=" + start
        events[name] = [events_of(kube, watch, 4),
                        # What a selector does not match any more is as good as deleted.
                        events_of(kube, watch + "&labelSelector=watched%3Dyes", 3)]
    assert events["local"] == events["real"]


def test_callers_are_told_the_same_about_themselves(planes):
    review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
              "spec": {"resourceAttributes": {
                  "namespace": "same", "verb": "get", "group": "postgresql.cnpg.io",
                  "resource": "clusters"}}}
    answers = both(planes, "POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review)
    for status, body in answers.values():
        assert status == 201 and body["status"].pop("allowed") is True
        body["status"].pop("reason", None)
    assert answers["local"] == answers["real"]
    agree(planes, "GET", "/apis/postgresql.cnpg.io", headers=None)


def test_a_wrong_token_is_refused_the_same(planes):
    status, body = agree(planes, "GET", CNPG + "databases",
                         headers={"Authorization": "Bearer wrong"})
    assert status == 401 and body["reason"] == "Unauthorized"
