"""The tools have the names, parameters and defaults of the server that they replace."""

import pytest

REQUIRED = object()
ABSENT = object()  # optional, and no default is published
NAMESPACE = {"namespace": ABSENT}
FORMAT = {"format": "text"}
DRY_RUN = {"dry_run": False}
READ = {"detail_level": "concise", **FORMAT}
IN_CLUSTER = {"cluster_name": REQUIRED, **NAMESPACE}
ROLE = {**IN_CLUSTER, "role_name": REQUIRED}

TOOLS = {
    "list_postgres_clusters": {**NAMESPACE, **READ, "page_size": 100, "page_token": ABSENT},
    "get_cluster_status": {"name": REQUIRED, **NAMESPACE, **READ},
    "create_postgres_cluster": {
        "name": REQUIRED, "instances": 3, "storage_size": "10Gi", "postgres_version": ABSENT,
        "storage_class": ABSENT, "wait": False, "timeout": ABSENT, **NAMESPACE, **DRY_RUN},
    "scale_postgres_cluster": {"name": REQUIRED, "instances": REQUIRED, **NAMESPACE, **DRY_RUN},
    "delete_postgres_cluster": {
        "name": REQUIRED, "confirm_deletion": False, **NAMESPACE, **DRY_RUN},
    "list_postgres_roles": {**IN_CLUSTER, **FORMAT},
    "create_postgres_role": {
        **ROLE, "login": True, "superuser": False, "inherit": True, "createdb": False,
        "createrole": False, "replication": False, **DRY_RUN},
    "update_postgres_role": {
        **ROLE, "login": ABSENT, "superuser": ABSENT, "inherit": ABSENT, "createdb": ABSENT,
        "createrole": ABSENT, "replication": ABSENT, "password": ABSENT, **DRY_RUN},
    "delete_postgres_role": {**ROLE, "confirm_deletion": False, **DRY_RUN},
    "list_postgres_databases": {**IN_CLUSTER, **FORMAT},
    "create_postgres_database": {
        **IN_CLUSTER, "database_name": REQUIRED, "owner": REQUIRED, "reclaim_policy": "retain",
        **DRY_RUN},
    "delete_postgres_database": {
        **IN_CLUSTER, "database_name": REQUIRED, "confirm_deletion": False, **DRY_RUN},
}


@pytest.fixture(scope="module")
def schemas(mcp):
    return {tool["name"]: tool["inputSchema"] for tool in mcp.request("tools/list")["tools"]}


def test_the_twelve_tools_are_there(schemas):
    assert set(schemas) == set(TOOLS)


@pytest.mark.parametrize("tool", TOOLS)
def test_parameters_and_defaults_are_those_of_the_replaced_server(schemas, tool):
    schema, wanted = schemas[tool], TOOLS[tool]
    # There may be more, which nobody has to give.
    assert set(wanted) <= set(schema["properties"])
    assert set(schema.get("required", [])) == {
        name for name, default in wanted.items() if default is REQUIRED}
    for name, default in wanted.items():
        found = schema["properties"][name].get("default", ABSENT)
        assert found is ABSENT if default in (REQUIRED, ABSENT) else found == default, name


def test_bounds_are_those_of_the_replaced_server(schemas):
    create = schemas["create_postgres_cluster"]["properties"]
    assert (create["timeout"]["minimum"], create["timeout"]["maximum"]) == (30, 600)
    scale = schemas["scale_postgres_cluster"]["properties"]
    assert (scale["instances"]["minimum"], scale["instances"]["maximum"]) == (1, 10)
    policy = schemas["create_postgres_database"]["properties"]["reclaim_policy"]
    assert policy["enum"] == ["retain", "delete"]
