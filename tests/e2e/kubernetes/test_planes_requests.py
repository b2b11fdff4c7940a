"""Requests that are unusual in their form, to the local plane and to a real API server: the
answers are the same."""

import json
import re
import urllib.parse

import pytest
import yaml

from both_planes import (
    CNPG, CORE, MERGE, agree, ask, both, cluster, database, secret, without_own)

YAML = "application/yaml"
DATABASE = """apiVersion: postgresql.cnpg.io/v1
kind: Database
metadata: {name: %s}
spec:
  name: x
  owner: app
  cluster: {name: nobody}
"""
SECRET = "metadata: {name: x, annotations: {a: %s}}"


def without_words(answers):
    """Go's parsers say in words of their own what they could not read."""
    for status, body in answers.values():
        if status == 400 and isinstance(body, dict):
            body.pop("message", None)
    return answers


def alike(answers):
    assert answers["local"] == answers["real"]
    return answers["real"]


BODIES = {
    "a database": (CNPG + "databases", DATABASE % "x", 201),
    "a key twice": (CNPG + "databases", DATABASE % "x" + "  owner: b\n  owner: c", 201),
    "an unknown key": (CNPG + "databases", DATABASE % "x" + "  colour: red", 201),
    "a number as its name": (CNPG + "databases", DATABASE % "1", 400),
    "an alias of itself": (CORE + "secrets", "metadata: {name: x}\ndata: &a {a: *a}", 400),
    "an alias": (CORE + "secrets", "metadata: {name: &a x, labels: {a: *a}}", 201),
    "a merge": (CORE + "secrets", "metadata: {name: x, labels: &a {a: b, c: d},\n"
                                  "  annotations: {<<: *a, a: e}}", 201),
    "keys that are no text": (
        CORE + "secrets", "metadata: {name: x, annotations: {on: a, 1: b, 1.5: c, 1e3: d, 0x10: e}}",
        201),
    "a key that is null": (CORE + "secrets", "metadata: {name: x, labels: {~: a}}", 400),
    "several documents": (CORE + "secrets", "metadata: {name: x}\n---\nsecond: [", 201),
    "JSON": (CORE + "secrets", '{"metadata": {"name": "x"}}', 201),
    "no YAML": (CORE + "secrets", "a: [", 400),
    "nothing": (CNPG + "databases", "", 400),
    "a list": (CNPG + "databases", "- a", 400),
    "a text": (CNPG + "databases", "just", 400),
    "no number": (CORE + "secrets", "metadata: {name: x, generation: .nan}", 400),
}


@pytest.mark.parametrize("validation", ["Ignore", "Warn", "Strict"])
@pytest.mark.parametrize("what", BODIES)
def test_yaml_is_read_the_same(planes, what, validation):
    collection, body, expected = BODIES[what]
    answers = both(planes, "POST", "%s?dryRun=All&fieldValidation=%s" % (collection, validation),
                   body, YAML)
    status, body = alike(without_words(answers) if expected == 400 else answers)
    assert status == expected or validation == "Strict", body


@pytest.mark.parametrize("text", [
    "true", "yes", "y", "N", "off", "yEs", "1", "0x1F", "0777", "08", "0b11", "0o17", "1_000",
    "1.5", "1.0", "1e3", "-.5", ".5", "+.5", "~", "null", "nULL", "''", "'1'", "2026-01-02", "1:30",
    "18446744073709551615", "9223372036854775808", "-9007199254740993", "1Gi", "!!str 5", "!!int '5'", "!!int x",
    "!!float 5", "!!bool yes", "!!binary aGk=", "!!binary ?", "!foo 1", "! 1", ".inf", "-"])
def test_scalars_are_the_same(planes, text):
    """As an annotation they have to be text, as a limit a number."""
    alike(without_words(both(planes, "POST", CORE + "secrets?dryRun=All", SECRET % text, YAML)))
    alike(without_words(both(planes, "POST", CNPG + "databases?dryRun=All",
                             DATABASE % "x" + "  connectionLimit: " + text, YAML)))


def warnings(kube, *request):
    with kube.send(*request) as answer:
        return answer.headers.get_all("Warning"), without_own(json.load(answer))


def test_warnings_about_yaml_are_the_same(planes):
    body = DATABASE % "x" + "  owner: b\n  owner: c\n"
    answers = {name: warnings(kube, "POST", CNPG + "databases?dryRun=All", body, YAML)
               for name, kube in planes.items()}
    assert len(alike(answers)[0]) == 2


@pytest.mark.parametrize("kind", [
    "text/yaml", "application/x-yaml", "application/yaml; charset=utf-8", "Application/JSON",
    "application/json; charset=utf-8", "application/json;", "application/json; x",
    "application/jsonx", "application/json, application/yaml", "application/cbor", "*/*",
    "application/merge-patch+json"])
def test_media_types_of_bodies_are_the_same(planes, kind):
    for verb, path in (("POST", CORE + "secrets?dryRun=All"),
                       ("DELETE", CORE + "secrets/none")):
        alike(both(planes, verb, path, '{"metadata": {"name": "x"}}', kind))


def test_objects_are_replaced_by_yaml_the_same(planes, made):
    path, _ = made(CNPG + "databases", {
        "apiVersion": "postgresql.cnpg.io/v1", "kind": "Database", "metadata": {"name": "yaml"},
        "spec": {"name": "x", "owner": "app", "cluster": {"name": "nobody"}}})
    answers = {}
    for name, kube in planes.items():
        version = kube.get(path)["metadata"]["resourceVersion"]
        body = DATABASE % ("yaml, resourceVersion: '%s'" % version) + "  connectionLimit: 0x10"
        status, answer = ask(kube, "PUT", path, body, YAML)
        answers[name] = status, without_own(answer)
    assert alike(answers)[1]["spec"]["connectionLimit"] == 16


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", [
    CNPG + "databases/a/b/c", CNPG + "databases/a/mood", CNPG + "databases/a/status",
    CNPG + "clusters/a/scale", CNPG + "databases/", CNPG + "databases/.", CNPG + "databases/..",
    "/apis/postgresql.cnpg.io/v1/databases/x", "/apis/postgresql.cnpg.io/v1/namespaces/same",
    "/apis/postgresql.cnpg.io/v9/databases", "/apis/none/v1/x", "/api/v9/secrets", "/none",
    CORE + "secrets/a/b/c", CORE + "secrets/a/status", "/api/v1/secrets/x",
    "/api/v1/namespaces/same/namespaces", "/api/v1/namespaces/same/namespaces/x",
    "/api/v1/namespaces/same/none", "/api/v1/namespaces/same/status/more", "/api/v1/none",
    "/" + CORE + "secrets/none", "/api/v1/./namespaces/same/secrets/none",
    "/api/v1/namespaces/../namespaces/same/secrets/none", CORE + "secrets/%6eone",
    CORE + "secrets/no%2fne", CORE + "secrets/no%zz", CORE + "secrets/none?x=%zz",
    CORE + "secrets/none?%zz=1", CORE + "secrets/none?a=b;c=d", CORE + "secrets/UPPER",
    CORE + "secrets/a%20b"])
def test_odd_paths_are_answered_the_same(planes, method, path):
    if path.endswith("databases/") and method in ("GET", "DELETE"):
        path += "none/"
    agree(planes, method, path, None if method == "GET" else {},
          MERGE if method == "PATCH" else "application/json")


@pytest.mark.parametrize("path", [
    "/apis/postgresql.cnpg.io/v1/databases", "/api/v1/secrets", "/api/v1/namespaces"])
def test_writes_to_all_namespaces_are_answered_the_same(planes, path):
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        if (method, path) == ("POST", "/api/v1/namespaces"):
            continue
        # Nothing has this label, if a deletion is let through.
        agree(planes, method, path + "?labelSelector=no%3Dsuch", {},
              MERGE if method == "PATCH" else "application/json")


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get"])
@pytest.mark.parametrize("path", [
    CNPG + "databases/none", CNPG + "databases", CORE + "secrets/none", CORE + "secrets", "/none"])
def test_other_methods_are_answered_the_same(planes, method, path):
    answers = {}
    for name, kube in planes.items():
        connection = kube.connect()
        connection.request(method, path, headers=kube.credentials)
        with connection.getresponse() as response:
            text = response.read().decode()
            answers[name] = response.status, (
                json.loads(text) if text.startswith("{") else text)
        connection.close()
    alike(answers)


def test_posts_to_an_object_are_answered_the_same(planes, made):
    made(CNPG + "databases", database("posted"))
    path = CNPG + "databases/posted"
    for where, body in ((path, database("posted")), (path, database("other")),
                        (path + "?dryRun=All", database("another")),
                        (path, dict(database("x"), metadata={})), (path + "/status", {}),
                        (CORE + "secrets/posted", secret("posted")),
                        ("/api/v1/namespaces/same", {})):
        agree(planes, "POST", where, body)
    status, _ = agree(planes, "GET", CNPG + "databases/other")
    assert status == 200
    agree(planes, "DELETE", CNPG + "databases/other")


VERSIONS = ["", "0", "01", "1", "-1", "1.5", "abc", "99999999999999999999", None]


def without_versions(answers):
    """Each has versions of its own."""
    return [json.loads(re.sub(r"in record \(\d+\)|current: \d+", "N", json.dumps(answer)))
            for answer in answers.values()]


@pytest.mark.parametrize("version", VERSIONS)
def test_versions_that_are_none_are_answered_the_same(planes, made, version):
    for collection, body in ((CNPG + "databases", database("versioned")),
                             (CORE + "secrets", secret("versioned"))):
        path, _ = made(collection, body)

        def at(name):
            return dict(body, metadata={"name": name, "resourceVersion": version})

        for request in (("PATCH", path, {"metadata": {"resourceVersion": version}}, MERGE),
                        ("PUT", path, at("versioned")), ("PUT", collection + "/none", at("none")),
                        ("POST", collection + "?dryRun=All", at("new"))):
            alike(both(planes, *request))
        for status, _ in both(planes, "POST", collection, at("new")).values():
            assert status == (500 if version in ("1", "01") else 201)
        both(planes, "DELETE", collection + "/new")
        if version not in ("", "0", None):
            local, real = without_versions(both(
                planes, "DELETE", path, {"preconditions": {"resourceVersion": version}}))
            assert local == real


@pytest.mark.parametrize("version", ["-1", "1.5", "abc", "99999999999999999999", "999999999"])
def test_reads_at_versions_that_are_none_are_refused_the_same(planes, made, version):
    path, _ = made(CNPG + "databases", database("read"))
    for place in (path, CNPG + "databases", CORE + "secrets", CORE + "secrets/none"):
        for more in ("", "&limit=1", "&resourceVersionMatch=Exact",
                     "&resourceVersionMatch=NotOlderThan", "&watch=true&timeoutSeconds=1"):
            if version == "999999999" and more:
                continue
            local, real = without_versions(both(
                planes, "GET", place + "?resourceVersion=" + version + more))
            assert local == real and real[1]["status"] == "Failure", (place, more)


@pytest.mark.parametrize("change", [
    {"apiVersion": "v9"}, {"apiVersion": "example.com/v1"}, {"apiVersion": None},
    {"apiVersion": ""}, {"apiVersion": 3}, {"kind": "ConfigMap"}, {"kind": None}, {"kind": ""},
    {"kind": []}, {"kind": "ConfigMap", "apiVersion": "example.com/v1"}, {"metadata": None},
    {"metadata": {"name": None}}, {"metadata": {"namespace": None}},
    {"metadata": {"namespace": "other"}}])
def test_patches_to_another_type_are_answered_the_same(planes, made, change):
    for collection, body in ((CNPG + "databases", database("typed")),
                             (CORE + "secrets", secret("typed"))):
        path, _ = made(collection, body)
        answers = both(planes, "PATCH", path, change, MERGE)
        for _, answer in answers.values():
            # It repeats the object, in Go's words.
            if "is invalid: patch: " in answer.get("message", ""):
                del answer["message"], answer["details"]
        alike(answers)


@pytest.mark.parametrize("parts", [
    {"kind": None}, {"apiVersion": None}, {"kind": None, "apiVersion": None},
    {"kind": "", "apiVersion": ""}, {"kind": "Secret"}, {"apiVersion": "v1"}, {"kind": 3},
    {"apiVersion": "v9", "kind": "Secret"}, {"apiVersion": "v1", "kind": "ConfigMap"}])
def test_built_in_objects_without_a_type_are_taken_the_same(planes, made, parts):
    path, _ = made(CORE + "secrets", secret("untyped"))
    for method, where, name in (("POST", CORE + "secrets", "new"), ("PUT", path, "untyped")):
        alike(without_words(both(planes, method, where + "?dryRun=All", {
            "metadata": {"name": name}, "stringData": {"a": "b"}, **parts})))


def test_a_put_without_a_name_is_refused_the_same(planes, made):
    path, _ = made(CNPG + "clusters", cluster("nameless"))
    for place in (path, path + "/status", path + "/scale", CNPG + "clusters/none"):
        for metadata in ({}, {"generateName": "x"}, None):
            body = {"apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster", "metadata": metadata}
            agree(planes, "PUT", place, {"metadata": metadata} if "scale" in place else body)


def raw_answer(kube, method, path, headers):
    connection = kube.connect()
    connection.request(method, path, headers={**kube.credentials, **headers})
    with connection.getresponse() as response:
        kind, body = response.headers.get("Content-Type"), response.read().decode()
    connection.close()
    if kind == "application/yaml":
        body = yaml.safe_load(body)
    elif body.startswith("{"):
        body = json.loads(body)
    return response.status, kind, without_own(body)


TABLE = "application/json;as=Table;g=meta.k8s.io;v=v1"


@pytest.mark.parametrize("accept", [
    "application/yaml", " application/yaml ", "text/html", "*/*", "text/*", "application/cbor",
    "application/json;q=0.5,application/yaml", "application/json;pretty=1",
    "text/html, application/yaml;q=0.3, */*;q=0.1", "application/json;foo=bar", "junk", "",
    "Application/JSON", "application/json;q=0", "application/json;stream=watch",
    "application/json;stream=x", "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
    "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
    "application/yaml;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
    TABLE.replace("v1", "v2"), "application/json;as=Table", TABLE.replace("Table", "Nothing"),
    "application/json;v=v1", "application/json;g=meta.k8s.io", TABLE.replace("meta", "beta")])
def test_what_is_accepted_is_answered_the_same(planes, made, accept):
    for collection, body in ((CNPG + "databases", database("accepted")),
                             (CORE + "secrets", secret("accepted"))):
        path, _ = made(collection, body)
        for place in (path, collection + "?labelSelector=no%3Dsuch", collection + "/none"):
            answers = {name: raw_answer(kube, "GET", place, {"Accept": accept})
                       for name, kube in planes.items()}
            if answers["real"][0] == 406 and "you requested" not in str(answers["real"]):
                # One of them speaks protobuf, too.
                answers = {name: answer[:2] for name, answer in answers.items()}
            alike(answers)


@pytest.mark.parametrize("accept", ["application/yaml", "text/html", "application/json;stream=x"])
def test_what_writes_and_watches_accept_is_the_same(planes, accept):
    for method, path in (("DELETE", CNPG + "databases/none"), ("POST", CNPG + "databases"),
                         ("GET", CNPG + "databases?watch=true&timeoutSeconds=1"),
                         ("GET", "/none")):
        alike({name: raw_answer(kube, method, path, {"Accept": accept})[:2]
               for name, kube in planes.items()})


def test_pretty_answers_are_the_same(planes):
    texts = {}
    for name, kube in planes.items():
        with kube.send("GET", CORE + "secrets?labelSelector=no%3Dsuch&pretty=true") as answer:
            texts[name] = sorted(re.sub(r'"\d+"', "N", line).rstrip(",")
                                 for line in answer.read().decode().splitlines())
    assert alike(texts)[1].startswith("  ")


SERVED = ["configmaps", "events", "namespaces", "persistentvolumeclaims", "pods", "secrets",
          "services", "clusters", "databases", "databaseroles", "selfsubjectreviews",
          "selfsubjectaccessreviews", "selfsubjectrulesreviews"]


def of_types_served(resources, name):
    """Of those that the local plane serves; it makes no Pods, claims or services for others."""
    shown = {}
    for one in resources:
        base, _, subresource = one[name].partition("/")
        if base in SERVED and subresource in ("", "status", "scale", "log"):
            one["verbs"] = sorted(set(one["verbs"]) - {"create"})
            shown[one.pop(name)] = one
            if "subresources" in one:
                one["subresources"] = of_types_served(
                    [part for part in one["subresources"]
                     if part["subresource"] in ("status", "scale", "log")], "subresource")
    return shown


@pytest.mark.parametrize("path", [
    "/api/v1", "/api/v1/", "/apis/postgresql.cnpg.io/v1", "/apis/authorization.k8s.io/v1",
    "/apis/authentication.k8s.io/v1"])
def test_types_are_listed_the_same(planes, path):
    answers = both(planes, "GET", path)
    for _, body in answers.values():
        body["resources"] = of_types_served(body["resources"], "name")
    assert alike(answers)[1]["resources"]


@pytest.mark.parametrize("path", ["/api", "/apis"])
def test_aggregated_discovery_is_the_same(planes, path):
    accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
    answers = {}
    for name, kube in planes.items():
        status, kind, body = raw_answer(kube, "GET", path, {"Accept": accept})
        items = {item["metadata"].get("name"): item for item in body.pop("items")}
        for item in items.values():
            for version in item["versions"]:
                version["resources"] = of_types_served(version["resources"], "resource")
        names = {"/api": [None], "/apis": ["postgresql.cnpg.io"]}[path]
        answers[name] = status, kind, body, [items[one] for one in names]
    alike(answers)


@pytest.mark.parametrize("path", ["/version", "/api", "/apis", "/apis/postgresql.cnpg.io", "/",
                                  "/index.html", "/openapi/v3"])
def test_discovery_has_the_same_members(planes, path):
    answers = {name: (status, sorted(body))
               for name, (status, body) in both(planes, "GET", path).items()}
    alike(answers)


@pytest.mark.parametrize("path", [
    "/healthz", "/livez", "/readyz", "/readyz/ping", "/livez/ping", "/healthz/ping",
    "/readyz/none", "/healthz/", "/apis/none", "/apis/none/v1", "/api/v2",
    "/apis/postgresql.cnpg.io/v2", "/none", "/openapi", "/swagger.json"])
def test_other_paths_are_answered_the_same(planes, path):
    for method in ("GET", "PUT", "OPTIONS"):
        alike({name: raw_answer(kube, method, path, {}) for name, kube in planes.items()})


@pytest.mark.parametrize("path", ["/healthz", "/livez", "/readyz"])
@pytest.mark.parametrize("exclude,first,notes", [
    ("", "[+]ping ok", []), ("&exclude=ping", "[+]ping excluded: ok", []),
    ("&exclude=none", "[+]ping ok", [
        'warn: some health checks cannot be excluded: no matches for "none"'])])
def test_health_is_told_in_the_same_form(planes, path, exclude, first, notes):
    for name, kube in planes.items():
        status, kind, text = raw_answer(kube, "GET", path + "?verbose" + exclude, {})
        assert (status, kind) == (200, "text/plain; charset=utf-8"), name
        lines = text.splitlines()
        assert lines[0] == first and lines[-1] == path[1:] + " check passed", name
        assert [line for line in lines[1:-1]
                if not re.fullmatch(r"\[\+\]\S+ ok", line)] == notes, name


@pytest.mark.parametrize("path", ["/", "/version", "/healthz", "/api", "/apis", CNPG + "databases",
                                  "/none"])
def test_wrong_tokens_are_refused_everywhere(planes, path):
    status, _ = agree(planes, "GET", path, headers={"Authorization": "Bearer wrong"})
    assert status == 401


@pytest.mark.parametrize("query", [
    "", "?tailLines=-1", "?limitBytes=0", "?sinceSeconds=0", "?sinceSeconds=-1", "?tailLines=x",
    "?sinceSeconds=5&sinceTime=2026-01-01T00:00:00Z", "?limitBytes=1.5", "?follow=x",
    "?stream=Stdout", "?container=y", "?previous=true", "?tailLines=-1&limitBytes=0"])
def test_options_of_a_log_are_checked_the_same(planes, query):
    agree(planes, "GET", CORE + "pods/none/log" + query)


@pytest.fixture
def labelled(made):
    for name in ("a", "b"):
        for collection, body in ((CNPG + "databases", database(name)),
                                 (CORE + "secrets", secret(name))):
            made(collection, dict(body, metadata={
                "name": name, "labels": {"k": name, "n": "1"}}))


@pytest.mark.parametrize("selector", [
    "a in b", "a in (b", "a in ()", "a notin (a,)", "!", "!k", "k", "k,!z", "k=a", "k==a", "k!=a",
    "k in (a,b)", "k notin (a)", "k=", "k in (a),k=a", "k=a=b", ",", "k,", "k>1", "n>0", "n>x",
    "n<2", "n > 0", "n gt 0", "k in a", "k=a b", " k = a ", "k=(a)", "/k", "a/b/c", "x.y/k=a",
    "k=" + "x" * 64, "x" * 64, "-k", "k=-", "k=a,k=b", "K=a", "k in (a b)", "k exists", "!k=a",
    "k in ('a')", "k=\u00e4"])
def test_label_selectors_are_read_the_same(planes, labelled, selector):
    for collection in (CNPG + "databases", CORE + "secrets"):
        alike(without_words(both(planes, "GET", "%s?labelSelector=%s" % (
            collection, urllib.parse.quote(selector)))))


@pytest.mark.parametrize("selector", [
    "metadata.name=a", "metadata.name==a", "metadata.name!=a", "metadata.namespace=same",
    "metadata.namespace=x", "metadata.name=a,metadata.name=b", "metadata.name",
    "metadata.name in (a)", "spec.x=1", "=a", "metadata.name=", "metadata.name=a=b",
    "metadata.name=a\\,b", "metadata.name=a\\b", "metadata.name=a\\", ",", "metadata.name=a,",
    "metadata.name>a", "metadata.uid=x", "metadata.name = a"])
def test_field_selectors_are_read_the_same(planes, labelled, selector):
    for collection in (CNPG + "databases", CORE + "secrets"):
        alike(without_words(both(planes, "GET", "%s?fieldSelector=%s" % (
            collection, urllib.parse.quote(selector)))))


NOTHING = "labelSelector=no%3Dsuch&"


@pytest.mark.parametrize("query", [
    "limit=0", "limit=-1", "limit=1.5", "limit=", "limit=99999999999999999999", "timeoutSeconds=",
    "timeoutSeconds=-1", "timeoutSeconds=1.5", "unknown=1", "watch=0", "watch=False",
    "sendInitialEvents=true", "sendInitialEvents=false", "resourceVersionMatch=",
    "sendInitialEvents=true&resourceVersionMatch=NotOlderThan",
    "continue=x&resourceVersionMatch=Exact", "resourceVersion=0&resourceVersionMatch=Exact",
    "resourceVersion=0&resourceVersionMatch=NotOlderThan", "limit=1&limit=x",
    "watch=x&timeoutSeconds=1&limit=1&resourceVersion=z", "watch=&resourceVersion=z",
    "watch=1&resourceVersionMatch=NotOlderThan", "watch=1&resourceVersionMatch=Exact",
    "watch=1&continue=x&resourceVersionMatch=NotOlderThan", "watch=1&sendInitialEvents=false",
    "watch=1&sendInitialEvents=true", "watch=1&sendInitialEvents=true&resourceVersionMatch=Exact",
    "watch=1&timeoutSeconds=x"])
def test_options_of_lists_and_watches_are_checked_the_same(planes, query):
    for collection in (CNPG + "databases", CORE + "secrets"):
        alike(without_words(both(planes, "GET", collection + "?" + NOTHING + query)))


@pytest.mark.parametrize("query,body", [
    ("gracePeriodSeconds=0", None), ("gracePeriodSeconds=x", None), ("propagationPolicy=X", None),
    ("propagationPolicy=", None), ("orphanDependents=true&propagationPolicy=Orphan", None),
    ("dryRun=Some", None), ("dryRun=", None), ("dryRun=All&dryRun=All", None),
    ("fieldValidation=Strict", None), ("", {"gracePeriodSeconds": 0}),
    ("", {"orphanDependents": True, "propagationPolicy": "Orphan"}), ("", {"kind": "X"}),
    ("", {"kind": "DeleteOptions", "apiVersion": "v1"}), ("", {"x": 1}), ("", []), ("", "null"),
    ("", {"kind": "DeleteOptions", "apiVersion": "postgresql.cnpg.io/v1"}), ("", "{"), ("", "  "),
    ("", {"dryRun": ["All", "All"]}), ("", {"dryRun": [""]}), ("", {"preconditions": {}}),
    ("", {"preconditions": {"uid": "x"}}), ("", {"propagationPolicy": ""})])
def test_options_of_deletions_are_checked_the_same(planes, made, query, body):
    for collection, one in ((CNPG + "databases", database("doomed")),
                            (CORE + "secrets", secret("doomed"))):
        path, _ = made(collection, one)
        for place in (path + "?" + query, collection + "?" + NOTHING + query):
            alike(without_words(both(planes, "DELETE", place, body)))
        both(planes, "DELETE", path)
        agree(planes, "GET", path)


def test_bodies_that_are_too_large_or_packed_are_refused_the_same(planes, made):
    path, _ = made(CORE + "secrets", secret("large"))
    text = "x" * (3 * 1024 * 1024 + 100)
    body = {"metadata": {"name": "x"}, "stringData": {"a": text}}
    for request in (("POST", CORE + "secrets", body), ("PATCH", path, body, MERGE),
                    ("POST", CNPG + "databases", database("x", owner=text))):
        status, _ = agree(planes, *request)
        assert status == 413
    alike(without_words(both(planes, "POST", CORE + "secrets", "\x1f\x8b", headers={
        "Content-Encoding": "gzip"})))
