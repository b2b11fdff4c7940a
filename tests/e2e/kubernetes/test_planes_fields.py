"""Every field of the custom resources, at the local plane and at a real API server: the same
schema, and the same answers to values that fit and that do not, also where the local plane has
no use for the field. What is known to differ stands at the head of test_planes_agree.py.
"""

import json

import pytest

from both_planes import CNPG, JSON, MERGE, ask, both, cluster, database, role, without_own

KINDS = {"Cluster": cluster, "Database": database, "DatabaseRole": role}
# Of the local plane's own; texts; what the real server writes of rules.
MARKS = ("x-unsupported", "x-written", "x-zero", "description", "x-kubernetes-validations")
# Each is wrong for all fields but a few.
WRONG = (3000000000, "text", [None], {"strange": 1})


def schema_of(kube, kind):
    status, document = ask(kube, "GET", "/openapi/v3/apis/postgresql.cnpg.io/v1")
    assert status == 200
    return document["components"]["schemas"]["io.cnpg.postgresql.v1." + kind]


def parts_of(schema):
    """What a schema says of fields and elements: (how its path goes on, their schema)."""
    yield from (("." + name, part) for name, part in schema.get("properties", {}).items())
    if "items" in schema:
        yield "[]", schema["items"]
    if isinstance(schema.get("additionalProperties"), dict):
        yield "{}", schema["additionalProperties"]


def facts(schema, path=""):
    """By path, what a schema says of each field itself."""
    found = {path: {key: sorted(value) if key == "required" else value
                    for key, value in schema.items()
                    if key not in (*MARKS, "properties", "items", "additionalProperties")}}
    for step, part in parts_of(schema):
        if path + step != ".metadata":
            found.update(facts(part, path + step))
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_schemas_are_the_same(planes, kind):
    schemas = {name: facts(schema_of(kube, kind)) for name, kube in planes.items()}
    local, real = schemas["local"], schemas["real"]
    assert {path: (local.get(path), real.get(path)) for path in {*local, *real}
            if local.get(path) != real.get(path)} == {}
    assert len(real) > 40


def smallest(schema):
    """A value that fits."""
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type", "integer")
    if kind == "object":
        return {name: smallest(schema["properties"][name])
                for name in schema.get("required", [])}
    if schema.get("format") == "date-time":
        return "2030-01-01T01:00:00+01:00"
    return {"array": [], "boolean": True, "string": "abc",
            "integer": schema.get("minimum", 1)}[kind]


def fields_of(schema, seen, path=(), put=lambda value: value):
    """All fields below, each once: (path, schema, what makes the whole of a value there). Of
    parts that look the same only the first is looked into."""
    for step, part in parts_of(schema):
        if step == "[]":
            def put_here(value):
                return put([value])
        elif step == "{}":
            def put_here(value):
                return put({"key": value})
        else:
            def put_here(value, name=step[1:]):
                return put({**smallest(schema), name: value})
        yield (*path, step), part, put_here
        known = json.dumps([part.get("properties"), part.get("items")], sort_keys=True)
        if part.get("type") not in ("object", "array") or known not in seen:
            seen.add(known)
            yield from fields_of(part, seen, (*path, step), put_here)


def in_short(status, body):
    """The code, and of a refusal the fields that it names, else what is stored."""
    if status >= 400:
        return status, sorted({cause.get("field", "")
                               for cause in body.get("details", {}).get("causes", [])})
    body = without_own(body)
    if body["kind"] == "Cluster":
        # What the operator runs; the local plane runs what is installed.
        body["spec"].pop("imageName", None)
        body["spec"].get("postgresql", {}).pop("parameters", None)
    return status, body


def difference(planes, *request):
    answers = {name: ask(kube, *request) for name, kube in planes.items()}
    # Its rules about the meaning of what has no effect here.
    if '"vcluster.cnpg.io" denied' in answers["real"][1].get("message", ""):
        return None
    short = {name: in_short(*answer) for name, answer in answers.items()}
    return None if short["local"] == short["real"] else (short["local"], short["real"])


@pytest.mark.parametrize("kind", KINDS)
def test_values_of_every_field_are_judged_the_same(planes, kind):
    found = []
    spec = schema_of(planes["real"], kind)["properties"]["spec"]
    asked = 0
    for path, part, put in fields_of(spec, set()):
        for value in (*WRONG, smallest(part)):
            body = KINDS[kind]("judged")
            body["spec"].update({name: given for name, given in put(value).items()
                                 if name not in body["spec"] or path[0] == "." + name})
            asked += 1
            differs = difference(planes, "POST", CNPG + kind.lower() + "s?dryRun=All", body)
            # Texts that Go reads as spans of time.
            if differs and path[-1] not in (".metricsQueriesTTL", ".minApplyDelay"):
                found.append(("".join(path), value, *differs))
    assert found == []
    assert asked > 100


@pytest.mark.parametrize("kind", KINDS)
def test_a_status_of_any_shape_is_judged_the_same(planes, made, kind):
    path, _ = made(CNPG + kind.lower() + "s", KINDS[kind]("told"))
    found = []
    status = schema_of(planes["real"], kind)["properties"]["status"]
    places = [((".status",), status, lambda value: value), *fields_of(status, set(), (".status",))]
    for place, part, put in places:
        for value in (*WRONG, None, smallest(part)):
            differs = difference(planes, "PATCH", path + "/status?dryRun=All",
                                 [{"op": "add", "path": "/status", "value": put(value)}], JSON)
            if differs:
                found.append(("".join(place), value, *differs))
    assert found == []
    for body in ({"status": {"message": 1}}, {"status": {"applied": "yes", "instances": "one"}},
                 {"status": []}, {"status": {"strange": 1}}, {"status": None}):
        for suffix in ("", "/status"):
            assert difference(planes, "PATCH", path + suffix + "?dryRun=All", body, MERGE) is None
    for kube in planes.values():
        _, body = ask(kube, "GET", path)
        body["status"] = {"conditions": [{"type": "Ready", "status": "Perhaps"}]}
        status, answer = ask(kube, "PUT", path + "/status", body)
        assert (status, kind == "Database") in ((422, False), (200, True)), answer


CAPACITY = {"requests": {"cpu": "1000m", "memory": "1024Mi"}, "limits": {"cpu": 2.5, "memory": 4e9}}
# In a Cluster's specification: values in a form of their own, wrong in a way of their own.
OWN_FORMS = {
    "quantities": {"resources": CAPACITY},
    "a quantity that is none": {"resources": {"limits": {"cpu": "much"}}},
    "a quantity with a strange unit": {"ephemeralVolumesSizeLimit": {"shm": "1Kb"}},
    "a claim twice": {"resources": {"claims": [{"name": "a"}, {"name": "a"}]}},
    "an extension twice": {"postgresql": {"extensions": [
        {"name": "a", "image": {"reference": "x:1"}}, {"name": "a", "image": {"reference": "y"}}]}},
    "a port twice": {"managed": {"services": {"additional": [{
        "selectorType": "rw", "serviceTemplate": {"metadata": {"name": "a"}, "spec": {
            "ports": [{"port": 1}, {"port": 1, "protocol": "TCP"}]}}}]}}},
    "ports that differ in their protocol": {"managed": {"services": {"additional": [{
        "selectorType": "rw", "serviceTemplate": {"metadata": {"name": "a"}, "spec": {
            "ports": [{"port": 1, "targetPort": "x"}, {"port": 1, "protocol": "UDP"}]}}}]}}},
    "a target port that is too large": {"managed": {"services": {"additional": [{
        "selectorType": "rw", "serviceTemplate": {"metadata": {"name": "a"}, "spec": {
            "ports": [{"port": 1, "targetPort": 3000000000}]}}}]}}},
    "a pod selector twice": {"podSelectorRefs": [
        {"name": "a", "selector": {}}, {"name": "a", "selector": {}}]},
    "nulls in lists": {"env": [None], "postgresql": {"pg_hba": [None]},
                       "certificates": {"serverAltDNSNames": ["a", None]}},
    "nulls in maps": {"postgresql": {"parameters": {"work_mem": None}},
                      "affinity": {"nodeSelector": {"zone": None}}},
    "containers of nothing": {"env": [], "affinity": {}, "resources": {}, "probes": {},
                              "monitoring": {}, "replicationSlots": {}, "plugins": [],
                              "postgresql": {"pg_hba": [], "synchronous": {}}},
    "texts of nothing": {"logLevel": "", "description": "", "imageName": "",
                         "bootstrap": {"initdb": {"database": "", "locale": ""}}},
    "a template of a claim": {"storage": {"size": "1Gi", "pvcTemplate": {
        "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "2048Mi"}},
        "dataSource": {"kind": "a", "name": "b"}}}},
    "a volume of its own": {"ephemeralVolumeSource": {"volumeClaimTemplate": {
        "metadata": {"labels": {"a": "b"}}, "spec": {"accessModes": ["ReadWriteOnce"]}}}},
    "how pods are spread": {"topologySpreadConstraints": [{
        "maxSkew": 3000000000, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"}]},
    "tablespaces": {"tablespaces": [{"name": "a", "storage": {"size": "1Gi"}},
                                    {"name": "b", "storage": {"size": "1Gi"},
                                     "owner": {"name": "me"}, "temporary": True}]},
    "a backup": {"backup": {"retentionPolicy": "30d", "volumeSnapshot": {"online": None}}},
    "a policy that says nothing": {"backup": {"retentionPolicy": "forever"}},
    "an external cluster": {"externalClusters": [
        {"name": "a", "connectionParameters": {"host": "b"}, "password": {"key": "c"}}]},
    "probes": {"probes": {"startup": {"type": "streaming", "maximumLag": "64Mi"},
                          "liveness": {"isolationCheck": {"enabled": False}}}},
    "a probe of another kind": {"probes": {"readiness": {"type": "gossip"}}},
    "slots": {"replicationSlots": {"highAvailability": {"slotPrefix": "UPPER"}}},
    "an interval that is too small": {"replicationSlots": {"updateInterval": 0}},
    "an account that is too long": {"serviceAccountName": "a" * 254},
    "two sources of an image": {
        "imageName": "x:18", "imageCatalogRef": {
            "apiGroup": "postgresql.cnpg.io", "kind": "ImageCatalog", "name": "a", "major": 18}},
    "another kind of a catalog": {"imageCatalogRef": {
        "apiGroup": "postgresql.cnpg.io", "kind": "Secret", "name": "a", "major": 18}},
    "a catalog of no group": {"imageCatalogRef": {"kind": "ImageCatalog", "name": "a", "major": 1}},
    "no synchronous replicas": {"postgresql": {"synchronous": {"method": "any", "number": 0}}},
    "preferred names": {"postgresql": {"synchronous": {
        "method": "any", "number": 1, "dataDurability": "preferred", "standbyNamesPre": ["a"]}}},
    "a role's end": {"managed": {"roles": [{
        "name": "a", "validUntil": "2030-01-01T01:00:00+01:00"}]}},
    "an end that is no time": {"managed": {"roles": [{"name": "a", "validUntil": "tomorrow"}]}},
    "a provider that is missing": {"bootstrap": {"initdb": {"icuLocale": "de"}}},
}


@pytest.mark.parametrize("what", OWN_FORMS)
def test_forms_of_a_cluster_are_judged_the_same(planes, what):
    body = cluster("formed", **OWN_FORMS[what])
    assert difference(planes, "POST", CNPG + "clusters?dryRun=All", body) is None


@pytest.mark.parametrize("spec", [
    {"fdws": [{"name": "a", "usage": [{"name": ""}]}]},
    {"servers": [{"name": "a", "fdw": ""}]},
    {"servers": [{"name": "a", "fdw": "missing"}]},
    {"servers": [{"name": "a", "fdw": "missing", "ensure": "absent"}]},
    {"fdws": [{"name": "a"}, {"name": "a"}]},
    {"fdws": [{"name": "a", "options": [{"name": "b", "value": ""}, {"name": "b", "value": ""}]}]},
    {"extensions": [{"name": "a"}, {"name": "a"}]}, {"schemas": [{"name": "a"}, {"name": "a"}]}])
def test_rules_of_a_database_are_the_same(planes, spec):
    answers = both(planes, "POST", CNPG + "databases?dryRun=All", database("ruled", **spec))
    assert in_short(*answers["local"]) == in_short(*answers["real"])


@pytest.mark.parametrize("spec", [
    {"clientCertificate": {}}, {"clientCertificate": {}, "login": True},
    {"clientCertificate": {"enabled": False}}, {"validUntil": "tomorrow"}, {"validUntil": []},
    {"validUntil": "2030-01-01t00:00:00z"}, {"validUntil": "2030-01-01"}, {"inRoles": [None]}])
def test_rules_of_a_role_are_the_same(planes, spec):
    answers = both(planes, "POST", CNPG + "databaseroles?dryRun=All", role("ruled", **spec))
    assert in_short(*answers["local"]) == in_short(*answers["real"])


@pytest.mark.parametrize("spec,unknown", [
    ({"affinity": {"strange": 1}}, "spec.affinity.strange"),
    ({"resources": {"limits": {"cpu": {"strange": 1}}}}, "spec.resources.limits.cpu.strange"),
    ({"env": [{"name": "A"}, {"name": "B", "strange": 1}]}, "spec.env[1].strange"),
    ({"backup": {"barmanObjectStore": {"wal": {"strange": 1}}}},
     "spec.backup.barmanObjectStore.wal.strange")])
def test_unknown_fields_of_what_has_no_effect_are_told(planes, spec, unknown):
    for kube in planes.values():
        status, answer = ask(kube, "POST", CNPG + "clusters?dryRun=All&fieldValidation=Strict",
                             cluster("strict", **spec))
        assert status == 400 and f'unknown field "{unknown}"' in answer["message"]


def test_a_change_of_what_has_been_completed_is_stored_as_it_is(planes, made):
    """The operator's webhook has then nothing to add, and rewrites nothing."""
    path, _ = made(CNPG + "clusters", cluster("changed", resources=CAPACITY))
    for spec in ({"resources": {"limits": {"memory": "2048Mi"}}}, {"env": [None]},
                 {"superuserSecret": {}}, {"probes": None}, {"env": [{"name": "A"}]},
                 {"serviceAccountName": "other"}, {"monitoring": {"enablePodMonitor": "yes"}}):
        assert difference(planes, "PATCH", path, {"spec": spec}, MERGE) is None, spec
    assert difference(planes, "GET", path) is None
