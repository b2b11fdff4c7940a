"""Requests that are unusual in their form, to the local plane and to a real API server: the
answers are the same."""

import json

import pytest

from both_planes import CNPG, CORE, ask, both, without_own

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
    "18446744073709551615", "9223372036854775808", "-9223372036854775808", "1Gi", "!!str 5", "!!int '5'", "!!int x",
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
