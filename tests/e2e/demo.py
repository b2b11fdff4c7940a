#!/usr/bin/python3
"""The whole story over MCP, shown to a person: `./howdah demo`.

An assistant's client would do just this: start `./howdah mcp`, create a real
PostgreSQL cluster, give it roles and databases, look at it, scale it, delete it.
What PostgreSQL has in the end is asked of PostgreSQL itself, with psql.
"""

import argparse
import os
import pathlib
import shutil
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from kube_client import KubeClient  # noqa: E402
from mcp_client import StdioClient, ToolError  # noqa: E402
from psql import query  # noqa: E402
from stack import LAUNCHER, new_data_dir  # noqa: E402

ROLES = ["app_user", "Äpfel"]


class Screen:
    """Prints steps; colours and a moving progress line only on a terminal."""

    def __init__(self):
        self._terminal = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        self._begin = time.monotonic()
        self._bar_shown = False

    def _colour(self, code, text):
        return "\033[%sm%s\033[0m" % (code, text) if self._terminal else text

    def step(self, text):
        elapsed = time.monotonic() - self._begin
        print("\n%s %s" % (self._colour("2", "%5.1f s" % elapsed), self._colour("1", text)),
              flush=True)

    def call(self, tool, arguments):
        words = " ".join("%s=%s" % pair for pair in arguments.items())
        print("        %s %s" % (self._colour("36", tool), words), flush=True)

    def text(self, text):
        for line in text.rstrip().splitlines():
            print("        " + line)
        sys.stdout.flush()

    def progress(self, percent, message):
        if self._terminal:
            filled = int(percent / 5)
            print("\r\033[K        [%s%s] %3d %% %s"
                  % ("█" * filled, "·" * (20 - filled), percent, message[:60]),
                  end="", flush=True)
            self._bar_shown = True
        else:
            print("        %3d %% %s" % (percent, message), flush=True)

    def end_progress(self):
        if self._bar_shown:
            print("\r\033[K", end="", flush=True)
            self._bar_shown = False

    def proof(self, text):
        print("        %s %s" % (self._colour("32", "✔"), text), flush=True)


class Story:
    def __init__(self, client, kubeconfig, screen):
        self.client, self.kubeconfig, self.screen = client, kubeconfig, screen

    def kube(self):
        return KubeClient(self.kubeconfig)

    def tool(self, tool_name, /, **arguments):
        self.screen.call(tool_name, arguments)

        def on_progress(params):
            self.screen.progress(params["progress"], params.get("message", ""))

        try:
            result = self.client.call(tool_name, arguments, on_progress)
        finally:
            self.screen.end_progress()
        self.screen.text(result["content"][0]["text"])
        return result["structuredContent"]

    def prove(self, condition, text):
        if not condition:
            raise AssertionError("not so: " + text)
        self.screen.proof(text)

    def wait_for_names(self, plural, holds, text):
        try:
            self.kube().wait_for_names(plural, holds, seconds=30)
        except AssertionError as error:
            raise AssertionError("not so: %s (%s)" % (text, error)) from None
        self.screen.proof(text)

    def login(self, role, secret_name):
        """How the role connects: its own Secret, at the cluster's read-write address."""
        application = self.kube().secret("default", "demo-app")
        own = self.kube().secret("default", secret_name)
        return dict(application, username=own["username"], password=own["password"])

    def run(self):
        screen = self.screen
        screen.step("Create a PostgreSQL cluster of three instances")
        self.tool("create_postgres_cluster", name="demo", instances=3, storage_size="1Gi",
                  wait=True)
        screen.text("kubectl --kubeconfig %s get clusters,pods  # on %s"
                    % (self.kubeconfig, self.kube().server))
        pods = self.kube().names("pods")
        self.prove(pods == ["demo-1", "demo-2", "demo-3"], "Kubernetes has the Pods %s" % pods)
        application = self.kube().secret("default", "demo-app")
        version = query(application, "show server_version")[0][0]
        self.prove(query(application, "select pg_is_in_recovery()") == [["f"]],
                   "psql reaches the primary, PostgreSQL %s" % version)

        screen.step("Give it roles and databases")
        secrets = {}
        for role in ROLES:
            made = self.tool("create_postgres_role", cluster_name="demo", role_name=role,
                             createdb=role == "app_user")
            secrets[role] = made["role"]["password_secret"]
        self.tool("create_postgres_database", cluster_name="demo", database_name="orders",
                  owner="app_user", reclaim_policy="delete")
        self.tool("update_postgres_role", cluster_name="demo", role_name="Äpfel", createrole=True)

        screen.step("Ask PostgreSQL itself")
        login = self.login("app_user", secrets["app_user"])
        rows = query(login, "select rolname, rolcanlogin, rolcreatedb, rolcreaterole, rolsuper "
                            "from pg_roles where rolname in ('app_user', 'Äpfel') order by 1",
                     "orders")
        self.prove(rows == [["app_user", "t", "t", "f", "f"], ["Äpfel", "t", "f", "t", "f"]],
                   "roles with the right attributes: %s" % rows)
        rows = query(login, "select datname, pg_get_userbyid(datdba) from pg_database "
                            "where datname = 'orders'", "orders")
        self.prove(rows == [["orders", "app_user"]], "database orders is owned by app_user")
        query(login, "create table paid (id int); insert into paid values (42)", "orders")
        self.prove(query(login, "select id from paid", "orders") == [["42"]],
                   "app_user writes and reads in orders")

        screen.step("Look at it")
        self.tool("get_cluster_status", name="demo", detail_level="detailed")
        self.tool("list_postgres_clusters")
        self.tool("list_postgres_roles", cluster_name="demo")
        self.tool("list_postgres_databases", cluster_name="demo")

        screen.step("Scale it down to two instances")
        self.tool("scale_postgres_cluster", name="demo", instances=2)
        self.wait_for_names("pods", lambda pods: len(pods) == 2, "two Pods are left")
        self.prove(query(login, "select id from paid", "orders") == [["42"]], "the data is there")

        screen.step("Drop a database and a role")
        try:
            self.tool("delete_postgres_database", cluster_name="demo", database_name="orders")
            raise AssertionError("a database was dropped without confirmation")
        except ToolError as refusal:
            screen.text(str(refusal))
        self.tool("delete_postgres_database", cluster_name="demo", database_name="orders",
                  confirm_deletion=True)
        self.tool("delete_postgres_role", cluster_name="demo", role_name="app_user",
                  confirm_deletion=True)
        application = self.kube().secret("default", "demo-app")
        self.prove(query(application, "select count(*) from pg_database where datname='orders'")
                   == [["0"]], "PostgreSQL has no database orders any more")
        self.prove(query(application, "select count(*) from pg_roles where rolname='app_user'")
                   == [["0"]], "PostgreSQL has no role app_user any more")

        screen.step("Delete the cluster")
        self.tool("delete_postgres_cluster", name="demo", confirm_deletion=True)
        self.wait_for_names("clusters", lambda names: not names, "no Cluster is left")
        self.wait_for_names("pods", lambda names: not names, "no Pod is left")
        self.wait_for_names("secrets", lambda names: not names, "no Secret is left")


def main():
    parser = argparse.ArgumentParser(prog="howdah demo", description=__doc__)
    parser.add_argument("--data-dir", help="keep the local plane here (default: a new directory)")
    parser.add_argument("--kube-port", default="0")
    parser.add_argument("--mcp-port", default="0", help=argparse.SUPPRESS)
    parser.add_argument("--grpc-port", default="0", help=argparse.SUPPRESS)
    options = parser.parse_args()
    data_dir = options.data_dir or new_data_dir()
    os.makedirs(data_dir, exist_ok=True)
    screen = Screen()
    begin = time.monotonic()
    failed = True
    log = open(os.path.join(data_dir, "demo.log"), "ab")
    client = StdioClient([LAUNCHER, "mcp", "--data-dir", data_dir, "--kube-port",
                          options.kube_port], stderr=log)
    try:
        screen.step("Connect as an assistant does: ./howdah mcp")
        info = client.initialize()
        tools = client.request("tools/list")["tools"]
        screen.text("%s %s speaks MCP %s and has %d tools" % (
            info["serverInfo"]["name"], info["serverInfo"]["version"], info["protocolVersion"],
            len(tools)))
        Story(client, os.path.join(data_dir, "kubeconfig"), screen).run()
        screen.step("Done in %.0f s" % (time.monotonic() - begin))
        failed = False
        return 0
    except (AssertionError, ToolError, EOFError) as error:
        screen.end_progress()
        print("\nThe demo failed: %s\nIts log: %s" % (error, log.name), file=sys.stderr)
        return 1
    finally:
        client.close(60)
        # After a failure the log stays.
        if not options.data_dir and not failed:
            shutil.rmtree(data_dir, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
