"""The Aiven sandbox from outside: every answer against Aiven's own description where
that is at hand, the servers behind services of type pg, faults on the wire, and what is
left behind."""

import concurrent.futures
import http.client
import os
import signal
import socket
import subprocess

import pytest

from aiven_contract import DESCRIPTION, AivenContract
from aiven_sandbox import AivenSandbox
from stack import processes_of
from waiting import eventually, wait_for_end

WAREHOUSE = "/v1/project/analytics-prod/service/analytics-pg-prod"
SHOP_PG = "/v1/project/shop-staging/service/shop-pg-staging"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    directory = tmp_path_factory.mktemp("aiven")
    # PostgreSQL's own user passes through.
    for folder in (directory, directory.parent, directory.parent.parent):
        os.chmod(folder, 0o711)
    with AivenSandbox(str(directory), "--rate-limit", "0") as running:
        yield running
    assert processes_of(str(directory)) == []


@pytest.fixture(scope="module")
def check(sandbox):
    """Makes a call and checks request and answer; returns the answer's body."""
    contract = AivenContract.load()

    def call(method, target, body=None, expect=200):
        status, answer = sandbox.call(method, target, body)
        assert status == expect, answer
        if contract:
            contract.check_request(method, target, body)
            contract.check_answer(method, target, status, answer)
        return answer

    return call


def sql(uri, statement, **options):
    """Rows of psql, or its error text."""
    done = subprocess.run(["psql", "-XAt", "-v", "ON_ERROR_STOP=1", uri, "-c", statement],
                          capture_output=True, text=True, timeout=60, check=False,
                          env={**os.environ, "PGCONNECT_TIMEOUT": "10", **options})
    return done.stdout.split() if done.returncode == 0 else done.stderr


def secrets_of(sandbox, path):
    return sandbox.get(f"{path}?include_secrets=true")["service"]


# --- the description ---


def test_aivens_description_is_at_hand_and_strict(sandbox):
    contract = AivenContract.load()
    if contract is None:
        pytest.skip(f"not there: {DESCRIPTION}")
    answer = sandbox.get(SHOP_PG)
    contract.check_answer("GET", SHOP_PG, 200, answer)
    for spoil in ({"state": "SLEEPING"}, {"plan": 4}, {"colour": "red"}, {"plan": None}):
        with pytest.raises(AssertionError):
            contract.check_answer("GET", SHOP_PG, 200, {"service": {**answer["service"], **spoil}})
    del answer["service"]["cloud_name"]
    with pytest.raises(AssertionError, match="'cloud_name' is a required property"):
        contract.check_answer("GET", SHOP_PG, 200, answer)
    with pytest.raises(AssertionError, match="501 is greater than the maximum"):
        contract.check_request("POST", f"{SHOP_PG}/logs", {"limit": 501})
    with pytest.raises(AssertionError, match="Aiven's API has no GET /v1/nothing"):
        contract.check_request("GET", "/v1/nothing", None)


def test_all_projects_and_services_are_as_aiven_describes_them(check):
    projects = check("GET", "/v1/project")["projects"]
    assert len(projects) == 30
    count = 0
    for project in projects:
        path = f"/v1/project/{project['project_name']}"
        check("GET", path)
        for listed in check("GET", f"{path}/service")["services"]:
            one = check("GET", f"{path}/service/{listed['service_name']}")["service"]
            assert one == listed
            count += 1
    assert count == 120


@pytest.mark.parametrize("target", [
    "/v1/me", "/v1/clouds", "/v1/service_versions", "/v1/project/shop-prod/clouds",
    "/v1/project/shop-prod/tags", "/v1/project/shop-prod/events",
    "/v1/project/shop-prod/service/shop-logs-prod/alerts",
    "/v1/project/shop-prod/kms/ca", "/v1/project/shop-prod/service_types",
    "/v1/project/shop-prod/service-types", "/v1/project/shop-prod/service-types/pg",
    "/v1/project/shop-prod/service-types/pg/plans",
    "/v1/project/shop-prod/service-types/pg/plans/business-8",
    "/v1/project/shop-prod/pricing/service-types/pg/plans/business-8/clouds/do-fra",
    "/v1/project/shop-prod/service/shop-pg-prod/tags",
    "/v1/project/shop-prod/service/shop-pg-prod/backups",
    "/v1/project/shop-prod/service/shop-pg-prod/db",
    "/v1/project/shop-prod/service/shop-pg-prod/user/avnadmin",
    "/v1/project/shop-prod/service/shop-pg-prod/user/avnadmin?include_secrets=true",
])
def test_reads_are_as_aiven_describes_them(check, target):
    check("GET", target)


def test_metrics_and_logs_are_as_aiven_describes_them(check):
    for period in ("hour", "day", "week", "month", "year"):
        metrics = check("POST", f"{WAREHOUSE}/metrics", {"period": period})["metrics"]
        assert len(metrics["cpu_usage"]["data"]["cols"]) == 4
    page = check("POST", f"{WAREHOUSE}/logs", {"limit": 500})
    assert len(page["logs"]) == 500
    older = check("POST", f"{WAREHOUSE}/logs", {"limit": 5, "offset": page["offset"]})
    assert older["logs"][0]["time"] < page["logs"][-1]["time"]
    check("POST", "/v1/project/loyalty-staging/service/loyalty-pg-staging/logs", {"limit": 5})
    answer = check("POST", "/v1/project/analytics-prod/service/analytics-clickhouse-prod"
                   "/clickhouse/query",
                   {"database": "default", "query": "SELECT name FROM system.databases"})
    assert answer["data"] == [["default"], ["system"]]


def test_the_life_of_a_service_is_as_aiven_describes_it(check, sandbox):
    services = "/v1/project/loyalty-dev/service"
    made = check("POST", services, {"service_name": "tested", "service_type": "pg",
                                    "plan": "startup-4", "cloud": "do-nyc",
                                    "tags": {"made": "by-a-test", "team": "shop"}})["service"]
    assert made["state"] == "REBUILDING"
    path = f"{services}/tested"
    sandbox.steer("POST", "clock", {"advance_seconds": 240})
    assert check("GET", path)["service"]["state"] == "RUNNING"
    assert sql(secrets_of(sandbox, path)["service_uri"], "SELECT count(*) FROM pg_namespace "
               "WHERE nspname !~ '^(pg_|information)'") == ["1"]  # public; it begins empty
    check("PUT", path, {"user_config": {"work_mem": 4}, "maintenance": {"dow": "friday"}})
    check("PATCH", f"{path}/tags", {"tags": {"made": None, "kept": "yes"}})
    assert check("GET", f"{path}/tags")["tags"] == {
        "kept": "yes", "team": "shop"}
    check("PATCH", "/v1/project/loyalty-dev/tags", {"tags": {"made": "by-a-test"}})
    check("PUT", path, {"powered": False})
    assert check("GET", path)["service"]["state"] == "POWEROFF"
    check("DELETE", path)
    check("GET", path, expect=404)


@pytest.mark.parametrize("method, target, status", [
    ("GET", "/v1/project/nope", 404),
    ("GET", "/v1/project/shop-prod/service/nope", 404),
    ("GET", "/v1/project/shop-prod/service/shop-pg-prod/user/nope", 404),
    ("DELETE", "/v1/project/payments-prod/service/payments-pg-prod", 403),
    ("GET", "/v1/project/loyalty-staging/service/loyalty-pg-staging/db", 409),
])
def test_failures_are_as_aiven_describes_them(check, method, target, status):
    check(method, target, expect=status)


def test_unknown_paths_and_tokens_are_refused_on_the_wire(sandbox):
    for target in ("/v1/nothing", "/", "/v1/project/shop-prod/service/x/../../me"):
        assert sandbox.call("GET", target) == (404, {
            "message": "Not Found", "errors": [{"message": "Not Found", "status": 404}]})
    assert sandbox.send("HEAD", "/v1/me")[::2] == (405, b"")
    status, headers, _ = sandbox.send("GET", "/v1/me", authorization="Bearer wrong")
    assert status == 401
    assert headers["Howdah-Aiven-Sandbox"] == "true"
    assert headers["Content-Type"] == "application/json; charset=utf-8"


# --- real PostgreSQL ---


def test_the_warehouse_has_its_known_schemas(sandbox, tmp_path):
    service = secrets_of(sandbox, WAREHOUSE)
    authority = tmp_path / "ca.pem"
    authority.write_text(sandbox.get("/v1/project/analytics-prod/kms/ca")["certificate"])
    uri = f"{service['service_uri'].partition('?')[0]}?sslmode=verify-ca&sslrootcert={authority}"
    assert sql(uri, "SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information)' "
               "ORDER BY 1") == ["events", "finance", "marts", "public", "staging"]
    assert sql(uri, "SELECT count(*) FROM events.page_views") == ["500"]
    assert sql(uri.replace("/defaultdb?", "/experiments?"),
               "SELECT count(*) FROM ab_tests.assignments") == ["0"]
    assert "permission denied" in sql(uri.replace("/defaultdb?", "/postgres?"), "SELECT 1")
    # Its administrator is no superuser, as at Aiven.
    assert sql(uri, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") == ["f"]


def test_a_server_asks_for_tls_and_the_right_password(sandbox):
    uri = secrets_of(sandbox, WAREHOUSE)["service_uri"]
    assert sql(uri, "SELECT 1") == ["1"]
    assert "no encryption" in sql(uri.replace("sslmode=require", "sslmode=disable"), "SELECT 1")
    user, _, rest = uri.partition("@")
    assert "password authentication failed" in sql(f"{user[:-1]}_@{rest}", "SELECT 1")


def test_users_and_databases_are_made_in_the_server(sandbox, check):
    uri = secrets_of(sandbox, SHOP_PG)["service_uri"]
    made = check("POST", f"{SHOP_PG}/user", {"username": "app"})["user"]
    check("POST", f"{SHOP_PG}/db", {"database": "extra"})
    mine = uri.replace(uri[len("postgres://"):uri.index("@")], f"app:{made['password']}") \
        .replace("/defaultdb?", "/extra?")
    assert sql(mine, "SELECT current_user") == ["app"]
    check("PUT", f"{SHOP_PG}/user/app", {"operation": "reset-credentials"})
    assert "password authentication failed" in sql(mine, "SELECT 1")
    check("DELETE", f"{SHOP_PG}/db/extra")
    check("DELETE", f"{SHOP_PG}/user/app")
    assert sql(uri, "SELECT count(*) FROM pg_roles WHERE rolname = 'app'") == ["0"]
    assert sql(uri, "SELECT count(*) FROM pg_database WHERE datname = 'extra'") == ["0"]


def test_many_who_ask_at_once_get_one_server(sandbox):
    asked = [f"/v1/project/{team}-dev/service/{team}-pg-dev" for team in ("fraud", "orders")] * 4
    with concurrent.futures.ThreadPoolExecutor(len(asked)) as pool:
        uris = list(pool.map(lambda path: secrets_of(sandbox, path)["service_uri"], asked))
    assert len(set(uris)) == 2
    assert {sql(uri, "SELECT count(*) FROM fraud.items")[0] for uri in uris[::2]} == {"100"}


def test_without_power_nothing_answers_and_the_data_stays(sandbox, check):
    uri = secrets_of(sandbox, SHOP_PG)["service_uri"]
    sql(uri, "CREATE TABLE shop.kept AS SELECT 7 AS n")
    check("PUT", SHOP_PG, {"powered": False})
    assert "refused" in sql(uri, "SELECT 1")
    check("PUT", SHOP_PG, {"powered": True})
    sandbox.steer("POST", "clock", {"advance_seconds": 240})
    again = secrets_of(sandbox, SHOP_PG)["service_uri"]
    assert sql(again, "SELECT n FROM shop.kept") == ["7"]


# --- the wire ---


def test_faults_of_the_connection_reach_the_client(sandbox):
    sandbox.fault(kind="reset")
    with pytest.raises(ConnectionResetError):
        sandbox.send("GET", "/v1/me")
    sandbox.fault(kind="half")
    with pytest.raises(http.client.IncompleteRead):
        sandbox.send("GET", "/v1/project")
    sandbox.fault(kind="hang")
    with pytest.raises(socket.timeout):
        sandbox.send("GET", "/v1/me", timeout=0.3)
    sandbox.fault(kind="slow", delay_ms=600_000)
    with pytest.raises(socket.timeout):
        sandbox.send("GET", "/v1/me", timeout=0.3)
    assert sandbox.send("GET", "/v1/me")[0] == 200


def test_faults_of_the_answer_reach_the_client(sandbox):
    sandbox.fault(kind="status", status=503, body="")
    status, headers, text = sandbox.send("GET", "/v1/me")
    assert (status, headers["Content-Length"], text) == (503, "0", b"")
    sandbox.fault(kind="not_json")
    assert sandbox.send("GET", "/v1/me")[2].startswith(b"<html>")
    sandbox.fault(kind="status", status=429, retry_after_seconds=7,
                  message="Rate limit 120 exceeded - try again in 7s")
    status, headers, _ = sandbox.send("GET", "/v1/me")
    assert (status, headers["Retry-After"]) == (429, "7")
    sandbox.fault(kind="no_content")
    assert sandbox.send("GET", "/v1/me")[::2] == (204, b"")


def test_the_journal_tells_what_was_asked_byte_for_byte(sandbox):
    sandbox.steer("DELETE", "journal")
    sandbox.send("GET", "/v1/project/a%2Fb/service/..?x=%C3%BC")
    entry = sandbox.journal()[-1]
    assert entry["target"] == "/v1/project/a%2Fb/service/..?x=%C3%BC"
    assert sandbox.token not in str(entry)


# --- beginning and end ---


def test_calls_beyond_the_limit_get_aivens_429(data_dir):
    with AivenSandbox(data_dir, "--rate-limit", "3") as limited:
        assert [limited.send("GET", "/v1/me")[0] for _ in range(4)] == [200, 200, 200, 429]
        status, headers, text = limited.send("GET", "/v1/me")
        assert status == 429
        assert headers["Retry-After"] is None
        assert b"Rate limit 3 exceeded - try again in " in text
        limited.steer("POST", "clock", {"advance_seconds": 60})
        assert limited.send("GET", "/v1/me")[0] == 200


def test_a_directory_has_one_sandbox_whose_token_stays(data_dir):
    with AivenSandbox(data_dir) as first:
        token = first.token
        assert oct(os.stat(first.facts["token_file"]).st_mode)[-3:] == "600"
        with pytest.raises(RuntimeError, match="runs on .* already; give another --data-dir"):
            AivenSandbox(data_dir).__enter__()
    with AivenSandbox(data_dir) as second:
        assert second.token == token


def test_an_end_while_a_server_starts_leaves_nothing(data_dir):
    with AivenSandbox(data_dir) as starting, concurrent.futures.ThreadPoolExecutor(1) as pool:
        asked = pool.submit(starting.send, "GET", f"{WAREHOUSE}?include_secrets=true")
        eventually(lambda: any("initdb" in line for line in processes_of(data_dir)),
                   "a data directory is made")
        os.kill(starting.facts["pid"], signal.SIGTERM)
        try:
            assert asked.result()[0] >= 500
        except ConnectionError:
            pass
    assert processes_of(data_dir) == []
    assert not os.path.lexists(os.path.join(data_dir, "aiven", "clusters"))


def test_what_a_killed_sandbox_left_is_cleared_by_the_next(data_dir):
    killed = AivenSandbox(data_dir)
    running = killed.__enter__()
    uri = secrets_of(running, WAREHOUSE)["service_uri"]
    killed.process.send_signal(signal.SIGKILL)
    wait_for_end(killed.process.pid)
    killed.process.wait()
    killed.process.stdout.close()
    assert sql(uri, "SELECT 1") == ["1"]  # the server goes on without it
    with AivenSandbox(data_dir) as next_one:
        assert "refused" in sql(uri, "SELECT 1")
        assert next_one.get(WAREHOUSE)["service"]["state"] == "RUNNING"
    eventually(lambda: processes_of(data_dir) == [], "no process of the sandbox is left")
