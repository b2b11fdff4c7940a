"""Requests with parts of the wrong type, to the local plane and to a real API server: each is
refused by both with the same code, or taken by both. What is known to differ stands at the head
of test_planes_agree.py.
"""

import pytest

from both_planes import CNPG, CORE, MERGE, ask, both, cluster, database, role, secret

# What is put into each place of an object, and fits few.
WRONG = (1, 1.5, True, "text", [], [1], {}, {"a": 1}, [{"a": []}])


def places(value, path=()):
    yield path
    parts = value.items() if isinstance(value, dict) else (
        enumerate(value) if isinstance(value, list) else ())
    for key, part in parts:
        yield from places(part, (*path, key))


def spoilt(value, path, wrong):
    if not path:
        return wrong
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = spoilt(value[path[0]], path[1:], wrong)
    return copy


def differences(planes, method, path, body, begin=(), kind="application/json", left_out=()):
    """Where in the body, below `begin`, and by what the two can be made to answer with
    different codes."""
    found = []
    for place in places(body):
        if place[:len(begin)] != begin:
            continue
        for wrong in WRONG:
            answers = both(planes, method, path, spoilt(body, place, wrong), kind)
            codes = {name: status for name, (status, _) in answers.items()}
            if codes["local"] != codes["real"] and (place, wrong) not in left_out:
                found.append((place, wrong, codes))
    return found


FULL_METADATA = {
    "name": "typed", "generateName": "z", "labels": {"a": "b"}, "annotations": {"c": "d"},
    "finalizers": ["x/y"], "creationTimestamp": None, "deletionGracePeriodSeconds": None,
    "generation": 1, "selfLink": "", "uid": "", "resourceVersion": "",
    "ownerReferences": [{"apiVersion": "v1", "kind": "Secret", "name": "y", "uid": "u",
                         "controller": True, "blockOwnerDeletion": True}]}


@pytest.mark.parametrize("collection,body", [
    (CNPG + "clusters", cluster("typed")), (CNPG + "databases", database("typed")),
    (CNPG + "databaseroles", role("typed")), (CORE + "secrets", secret("typed")),
    ("/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace"})],
    ids=["clusters", "databases", "databaseroles", "secrets", "namespaces"])
def test_metadata_of_wrong_types_are_refused_the_same(planes, collection, body):
    body = dict(body, metadata=FULL_METADATA)
    # Where a new object names a version, the real server looks whether it is a number.
    exotic = [(("metadata", "resourceVersion"), "text")]
    assert differences(planes, "POST", collection + "?dryRun=All", body, ("metadata",),
                       left_out=exotic) == []


def test_parts_of_a_secret_of_wrong_types_are_refused_the_same(planes):
    body = secret("typed", data={"a": "YQ=="}, stringData={"b": "c"}, immutable=False)
    # Go reads bytes from a list of numbers too.
    exotic = [(("data", "a"), []), (("data", "a"), [1])]
    for part in ("data", "stringData", "immutable", "type", "apiVersion", "kind"):
        assert differences(planes, "POST", CORE + "secrets?dryRun=All", body, (part,),
                           left_out=exotic) == []


def test_options_that_cannot_be_read_delete_nothing(planes, made):
    path, _ = made(CNPG + "databases", database("kept"))
    options = {"kind": "DeleteOptions", "apiVersion": "v1", "dryRun": ["All"],
               "preconditions": {"uid": "another", "resourceVersion": "1"},
               "propagationPolicy": "Foreground", "gracePeriodSeconds": 0}
    exotic = [(("kind",), "text"), (("apiVersion",), "text")]
    for part in options:
        assert differences(planes, "DELETE", path, options, (part,), left_out=exotic) == []
    for kube in planes.values():
        assert ask(kube, "GET", path)[0] == 200


def test_a_scale_of_wrong_types_is_refused_the_same(planes, made):
    path, _ = made(CNPG + "clusters", cluster("typed"))
    scale = {"apiVersion": "autoscaling/v1", "kind": "Scale", "spec": {"replicas": 2},
             "metadata": {"name": "typed", "namespace": "same"}}
    for part in (("spec",), ("metadata",)):
        assert differences(planes, "PUT", path + "/scale?dryRun=All", scale, part) == []
        assert differences(planes, "PATCH", path + "/scale?dryRun=All", scale, part, MERGE) == []


def test_a_question_about_rights_of_wrong_types_is_refused_the_same(planes):
    review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
              "metadata": {}, "spec": {"resourceAttributes": {
                  "namespace": "default", "verb": "get", "group": "", "resource": "pods",
                  "name": ""}}}
    assert differences(planes, "POST",
                       "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review,
                       ("spec",)) == []
