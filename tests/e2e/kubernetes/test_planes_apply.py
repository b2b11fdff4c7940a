"""Whose fields are which (metadata.managedFields), and server-side apply: the local plane
and a real API server, asked the same one after the other, keep the same books."""

import json
import re

import pytest

from both_planes import CNPG, CORE, JSON, MERGE, ask, cluster, database, secret
from waiting import eventually

APPLY = "application/apply-patch+yaml"
OWN = {"uid", "resourceVersion", "creationTimestamp", "time"}


def comparable(value):
    """Without what is each one's own: how Go prints a value, what the operator adds."""
    if isinstance(value, dict):
        own = OWN | ({"spec"} if value.get("kind") == "Cluster" else set())
        return {key: comparable(part) for key, part in value.items() if key not in own}
    if isinstance(value, list) and all(isinstance(one, dict) and "fieldsV1" in one
                                       for one in value):
        # The order is that of their seconds.
        return sorted((comparable(one) for one in value), key=lambda one: sorted(map(str, one.items())))
    if isinstance(value, str):
        return re.sub(r"(, got |error decoding YAML: ).*", r"\1…", value)
    return [comparable(part) for part in value] if isinstance(value, list) else value


@pytest.fixture(scope="module")
def books(planes):
    """Both, once the real one keeps books of custom resources: some time after it serves them."""
    for body in (cluster("known"), database("known")):
        path = CNPG + body["kind"].lower() + "s?dryRun=All"
        eventually(lambda: "managedFields" in ask(planes["real"], "POST", path, body)[1][
            "metadata"], "the real server knows the fields of " + body["kind"])
    return planes


@pytest.fixture
def told(books):
    """Sends each request of a story to both planes; they answer the same. Gives the answers."""
    made = set()

    def tell(*story):
        answers = []
        for method, path, *rest in story:
            given = {}
            for name, kube in books.items():
                status, body = ask(kube, method, path, *rest)
                given[name] = status, comparable(body)
            made.add((path.split("?")[0], method))
            assert given["local"] == given["real"], (method, path, rest)
            answers.append(given["real"])
        return answers

    yield tell
    for path, method in made:
        if method == "PATCH":
            for kube in books.values():
                ask(kube, "DELETE", path.removesuffix("/status").removesuffix("/scale"))


def apply(path, body, manager="ada", **query):
    name = body["metadata"]["name"] if isinstance(body, dict) else "x"
    text = "".join("&%s=%s" % item for item in query.items())
    return ("PATCH", "%s/%s?fieldManager=%s%s" % (path, name, manager, text), body, APPLY)


def managers(answer):
    return {(entry["manager"], entry["operation"], entry.get("subresource", "")): entry["fieldsV1"]
            for entry in answer[1]["metadata"].get("managedFields", [])}


def applied(name, **data):
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "data": data}


SECRETS, CLUSTERS, DATABASES = CORE + "secrets", CNPG + "clusters", CNPG + "databases"


def test_applied_fields_are_made_kept_and_taken_away(told):
    first, second, third = told(
        apply(SECRETS, applied("own", a="YQ==", b="Yg==")),
        apply(SECRETS, applied("own", a="YQ==", c="Yw==")),
        apply(SECRETS, applied("own", a="YQ==", c="Yw==")))
    assert (first[0], second[0]) == (201, 200)
    assert set(second[1]["data"]) == {"a", "c"}
    assert managers(second) == {("ada", "Apply", ""): {"f:data": {"f:a": {}, "f:c": {}}}}
    assert third == second


def test_two_managers_conflict_and_force_decides(told):
    answers = told(
        apply(SECRETS, applied("both", a="YQ==", b="Yg==")),
        apply(SECRETS, applied("both", a="eA=="), "bea"),
        apply(SECRETS, applied("both", a="eA==", b="eA=="), "bea"),
        apply(SECRETS, applied("both", a="YQ=="), "bea"),
        apply(SECRETS, applied("both", a="eA=="), "bea", force="true"),
        apply(SECRETS, applied("both", b="Yg==")),
        apply(SECRETS, applied("both", c="Yw=="), "bea"))
    assert [status for status, _ in answers] == [201, 409, 409, 200, 200, 200, 200]
    assert "Apply failed with 2 conflicts" in answers[2][1]["message"]
    assert set(answers[-1][1]["data"]) == {"b", "c"}


def test_what_clients_write_is_theirs(told):
    answers = told(
        ("POST", SECRETS + "?fieldManager=cat", dict(
            secret("written"), metadata={"name": "written", "labels": {"l": "1"},
                                         "annotations": {"x": "y"}})),
        ("PATCH", SECRETS + "/written?fieldManager=dan", {"data": {"d": "ZA=="}}, MERGE),
        ("PATCH", SECRETS + "/written?fieldManager=dan", {"data": {"d": "ZA=="}}, MERGE),
        ("PATCH", SECRETS + "/written?fieldManager=eve", [
            {"op": "replace", "path": "/data/a", "value": "eA=="},
            {"op": "remove", "path": "/metadata/labels/l"}], JSON),
        apply(SECRETS, applied("written", a="YQ==")),
        apply(SECRETS, applied("written", a="YQ=="), force="true"),
        ("PATCH", SECRETS + "/written?fieldManager=dan", {"data": None}, MERGE))
    assert [status for status, _ in answers] == [201, 200, 200, 200, 409, 200, 200]


def test_the_program_is_the_manager_unless_told(planes):
    names = {}
    for plane, kube in planes.items():
        status, answer = ask(kube, "POST", SECRETS, secret("anon"), headers={"User-Agent": "elephant/3.1 (linux)"})
        assert status == 201
        names[plane] = [one["manager"] for one in answer["metadata"]["managedFields"]]
        ask(kube, "DELETE", SECRETS + "/anon")
    assert names["local"] == names["real"] == ["elephant"]


def test_clusters_are_applied_with_lists_by_their_keys(told):
    wanted = {"apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster",
              "metadata": {"name": "applied", "labels": {"a": "b"}, "annotations": {
                  "cnpg.io/reconciliationLoop": "disabled"}},
              "spec": {"instances": 1, "storage": {"size": "1Gi"}, "postgresql": {
                  "parameters": {"work_mem": "8MB", "shared_buffers": "64MB"}}}}
    other = {"apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster",
             "metadata": {"name": "applied"},
             "spec": {"instances": 2, "postgresql": {"parameters": {"work_mem": "9MB"}},
                      "managed": {"roles": [{"name": "app"}]}}}
    less = json.loads(json.dumps(wanted))
    del less["spec"]["postgresql"]["parameters"]["shared_buffers"], less["metadata"]["labels"]
    path = CLUSTERS + "/applied"
    answers = told(
        apply(CLUSTERS, wanted),
        apply(CLUSTERS, other, "bea"),
        apply(CLUSTERS, other, "bea", force="true"),
        apply(CLUSTERS, less),
        ("PATCH", path + "/scale?fieldManager=cat", {"spec": {"replicas": 3}}, MERGE),
        ("GET", path),
        ("PATCH", path + "/status?fieldManager=dan", {"status": {"phase": "x"}}, MERGE),
        ("PATCH", path + "/status?fieldManager=dan", {
            "apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster",
            "metadata": {"name": "applied"}, "status": {"instances": 3}}, APPLY),
        ("PATCH", path + "/status?fieldManager=fay", {
            "apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster",
            "metadata": {"name": "applied", "labels": {"of": "status"}},
            "status": {"instances": 4}}, APPLY),
        ("PATCH", path + "/status?fieldManager=fay&force=true", {
            "apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster",
            "metadata": {"name": "applied", "labels": {"of": "status"}},
            "spec": {"instances": 5}, "status": {"instances": 4}}, APPLY),
        ("PATCH", path + "?fieldManager=dan", {
            "apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster",
            "metadata": {"name": "applied"}, "status": {"instances": 4}}, APPLY),
        ("PATCH", path + "/scale?fieldManager=gus", {
            "apiVersion": "autoscaling/v1", "kind": "Scale",
            "metadata": {"name": "applied"}, "spec": {"replicas": 3}}, APPLY),
        ("PATCH", path + "/scale?fieldManager=gus", {
            "apiVersion": "autoscaling/v1", "kind": "Scale",
            "metadata": {"name": "applied"}, "spec": {"replicas": 4}}, APPLY),
        ("PATCH", path + "?fieldManager=dan", {"metadata": {"labels": {}, "annotations": {
            "x": "y"}}}, MERGE),
        ("PATCH", path + "?fieldManager=dan", {"metadata": {"annotations": {"x": None}}}, MERGE),
        ("PATCH", path + "?fieldManager=eve", {"spec": {"managed": None}}, MERGE),
        ("GET", path))
    assert answers[1][0] == 409 and answers[2][0] == 200
    assert ("cat", "Update", "scale") in managers(answers[5])
    assert ("dan", "Update", "status") in managers(answers[6])


def test_one_dry_run_changes_nothing_of_the_books(told):
    told(apply(SECRETS, applied("dry", a="YQ=="), dryRun="All"),
         ("GET", SECRETS + "/dry"),
         apply(SECRETS, applied("dry", a="YQ==")),
         apply(SECRETS, applied("dry", b="YQ=="), "bea", dryRun="All"),
         ("GET", SECRETS + "/dry"))


def test_objects_without_books_get_them_by_the_first_apply(told):
    answers = told(
        ("POST", SECRETS + "?fieldManager=cat", secret("reset")),
        ("PATCH", SECRETS + "/reset?fieldManager=cat", {"metadata": {"managedFields": [{}]}},
         MERGE),
        ("PATCH", SECRETS + "/reset?fieldManager=cat", {"data": {"z": "eg=="}}, MERGE),
        apply(SECRETS, applied("reset", b="Yg==")),
        apply(SECRETS, applied("reset", a="eA==")))
    assert "managedFields" not in answers[2][1]["metadata"]
    assert ("before-first-apply", "Update", "") in managers(answers[3])
    assert answers[4][0] == 409


def test_kubectl_takes_over_what_its_client_side_apply_has_set(told):
    body = applied("over", a="YQ==", b="Yg==")
    noted = json.dumps(body)
    made = dict(body, metadata={"name": "over", "annotations": {
        "kubectl.kubernetes.io/last-applied-configuration": noted}})
    told(("POST", SECRETS + "?fieldManager=kubectl-client-side-apply", made),
         apply(SECRETS, applied("over", a="eA=="), "kubectl"),
         ("GET", SECRETS + "/over"),
         ("PATCH", SECRETS + "/over?fieldManager=cat", {"data": {"b": "eA=="}}, MERGE),
         apply(SECRETS, applied("over", b="YQ=="), "kubectl"))


def test_more_than_ten_updaters_become_ancient(told):
    told(("POST", SECRETS + "?fieldManager=m00", secret("many")),
         *(("PATCH", SECRETS + "/many?fieldManager=m%02d" % n, {"data": {"k%02d" % n: "YQ=="}},
            MERGE) for n in range(1, 14)),
         ("GET", SECRETS + "/many"))


REFUSED = {
    "no manager": ("PATCH", SECRETS + "/x", applied("x", a="YQ=="), APPLY),
    "a manager too long": apply(SECRETS, applied("x", a="YQ=="), "m" * 129),
    "force of a merge patch": ("PATCH", SECRETS + "/x?force=true", {}, MERGE),
    "another version": apply(SECRETS, dict(applied("x"), apiVersion="v2")),
    "no version": apply(SECRETS, {"metadata": {"name": "x"}}),
    "no kind": apply(SECRETS, {"apiVersion": "v1", "metadata": {"name": "x"}}),
    "another kind": apply(SECRETS, dict(applied("x"), kind="ConfigMap")),
    "another name": ("PATCH", SECRETS + "/x?fieldManager=a", applied("y"), APPLY),
    "no name": ("PATCH", SECRETS + "/x?fieldManager=a", {"apiVersion": "v1", "kind": "Secret"},
                APPLY),
    "another namespace": apply(SECRETS, dict(applied("x"), metadata={
        "name": "x", "namespace": "default"})),
    "books of its own": apply(SECRETS, dict(applied("x"), metadata={
        "name": "x", "managedFields": []})),
    "an unknown field": apply(SECRETS, dict(applied("x"), colour="red")),
    "an unknown field, strictly": apply(SECRETS, dict(applied("x"), colour="red"),
                                        fieldValidation="Strict"),
    "an unknown field of a definition": apply(DATABASES, database("x", colour="red")),
    "a value of another type": apply(DATABASES, database("x", owner={"a": 1})),
    "text for a number": apply(CLUSTERS, cluster("x", instances="two")),
    "a uid": apply(SECRETS, dict(applied("x"), metadata={"name": "x", "uid": "1"})),
    "a version of nothing": apply(SECRETS, dict(applied("x"), metadata={
        "name": "x", "resourceVersion": "1"})),
    "no object": apply(SECRETS, []),
    "text": apply(SECRETS, "nothing"),
    "something broken": apply(SECRETS, "{a: [b"),
    "too few instances": apply(CLUSTERS, cluster("x", instances=0)),
    "a status of nothing": ("PATCH", CLUSTERS + "/x/status?fieldManager=a", {
        "apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster", "metadata": {"name": "x"},
        "status": {}}, APPLY),
    "a namespace that is not there": (
        "PATCH", "/api/v1/namespaces/none/secrets/x?fieldManager=a", applied("x"), APPLY),
    "owners twice": apply(SECRETS, dict(applied("x"), metadata={"name": "x", "ownerReferences": [
        {"apiVersion": "v1", "kind": "Secret", "name": n, "uid": "1"} for n in "ab"]})),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_applied_is_refused_the_same(told, what):
    told(REFUSED[what])


def test_yaml_is_what_kubectl_sends(told):
    told(("PATCH", SECRETS + "/yaml?fieldManager=a", "apiVersion: v1\nkind: Secret\n"
          "metadata:\n  name: yaml\n  labels: {a: \"1\"}\nstringData:\n  a: |\n    two\n    lines\n",
          APPLY), ("GET", SECRETS + "/yaml"))
