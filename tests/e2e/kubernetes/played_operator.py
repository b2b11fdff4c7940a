"""Plays CloudNativePG where there is no node to run its Pods on: makes the objects and
writes the status that the operator would, over real PostgreSQL servers.

    with PlayedOperator(kubernetes.admin, directory) as operator: ...

It follows the operator where clients can tell (../../../docs/testing.md says how far), and
does all work again at every change, on one thread.
"""

import base64
import json
import os
import threading
import urllib.error

from played_cluster import Cluster
from played_objects import Database, Role
from played_postgres import PlayedPostgres

MERGE = "application/merge-patch+json"


class PlayedOperator:
    """Threads: one that works, one for each watched kind. Owns the PostgreSQL servers.

    before(step): called before each step of a failover ("notice", "choose", "promote",
    "rejoin"); while it does not return, nothing goes on.
    """

    group = "/apis/postgresql.cnpg.io/v1"

    def __init__(self, kube, directory):
        self.kube = kube
        self.directory = directory
        self.before = lambda step: None
        self.failures = []  # what went wrong in itself; a test run has none
        self._servers = {}  # by the uid of the cluster
        self.applied_roles = {}  # by that uid and name: what was last made so
        self._secrets = {}  # by namespace and name, as last listed
        self._wake, self._stopped = threading.Event(), False

    def __enter__(self):
        # Older definitions know no DatabaseRole.
        self._kinds = [kind for kind in (Database, Role) if self._serves(kind.plural)]
        for path in ["/api/v1/secrets", self.group + "/clusters",
                     *("%s/%s" % (self.group, kind.plural) for kind in self._kinds)]:
            self._begin(self._watch, path)
        self._worker = self._begin(self._work)
        return self

    def __exit__(self, *unused):
        self._stopped = True
        self._wake.set()
        self._worker.join(60)
        for servers in self._servers.values():
            servers.stop()

    def _begin(self, target, *arguments):
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        thread.start()
        return thread

    def _serves(self, plural):
        return self.kube.request("GET", "%s/%s" % (self.group, plural))[0] == 200

    def _watch(self, path):
        while not self._stopped:
            try:
                version = self.kube.get(path)["metadata"]["resourceVersion"]
                self._wake.set()
                with self.kube.send("GET", "%s?watch=true&resourceVersion=%s" % (path, version),
                                    timeout=600) as events:
                    for line in events:
                        if json.loads(line)["type"] == "ERROR":
                            break
                        self._wake.set()
            except (OSError, KeyError, ValueError, urllib.error.HTTPError):
                self._wake.wait(0.2)

    def _work(self):
        while not self._stopped:
            # Some of what it does is tried again without being told to.
            self._wake.wait(1)
            self._wake.clear()
            try:
                self._reconcile()
            except OSError:
                pass  # The API server did not answer in time; the next round asks again.
            except Exception as error:  # pylint: disable=broad-except
                if not self._stopped:
                    self.failures.append(repr(error))

    def list(self, path):
        return self.kube.get(path)["items"]

    def patch(self, path, change):
        """Merges a change in; one object less is no failure."""
        status, answer = self.kube.request("PATCH", path, change, MERGE)
        if status not in (200, 404):
            raise RuntimeError("%s: %s" % (path, answer.get("message")))
        return answer

    def replace(self, path, pointer, value):
        """Sets one field, whatever was in it."""
        status, answer = self.kube.request(
            "PATCH", path, [{"op": "add", "path": pointer, "value": value}],
            "application/json-patch+json")
        if status not in (200, 404):
            raise RuntimeError("%s: %s" % (path, answer.get("message")))

    def ensure(self, path, body):
        """Makes an object that is not there; in a namespace that goes away there will be none."""
        status, answer = self.kube.request("POST", path, body)
        if status not in (201, 404, 409) and "being terminated" not in answer.get("message", ""):
            raise RuntimeError("%s: %s" % (path, answer.get("message")))

    def _reconcile(self):
        clusters = {(cluster["metadata"]["namespace"], cluster["metadata"]["name"]): cluster
                    for cluster in self.list(self.group + "/clusters")}
        declared = [kind(self, thing, clusters.get(
            (thing["metadata"]["namespace"], thing["spec"]["cluster"]["name"])))
            for kind in self._kinds for thing in self.list("%s/%s" % (self.group, kind.plural))]
        # After them, so that what they refer to is there if it ever was.
        self._secrets = {(secret["metadata"]["namespace"], secret["metadata"]["name"]): secret
                         for secret in self.list("/api/v1/secrets")}
        for cluster in clusters.values():
            meta = cluster["metadata"]
            disabled = meta.get("annotations", {}).get("cnpg.io/reconciliationLoop") == "disabled"
            if not disabled and "deletionTimestamp" not in meta:
                Cluster(self, cluster).reconcile()
        living = {cluster["metadata"]["uid"] for cluster in clusters.values()}
        for uid in [uid for uid in self._servers if uid not in living]:
            self._servers.pop(uid).stop()
        for thing in declared:
            thing.reconcile()

    def servers_of(self, cluster):
        return self._servers.get(cluster["metadata"]["uid"])

    def start_servers(self, cluster):
        uid = cluster["metadata"]["uid"]
        if uid not in self._servers:
            self._servers[uid] = PlayedPostgres(os.path.join(self.directory, uid))
        return self._servers[uid]

    def password(self, namespace, name):
        """(username, password, resourceVersion) of a basic-auth Secret, or None."""
        secret = self._secrets.get((namespace, name))
        if secret is None:
            return None
        data = {key: base64.b64decode(value).decode() for key, value in secret["data"].items()}
        return data.get("username"), data.get("password"), secret["metadata"]["resourceVersion"]

    # --- what tests ask for ---

    def kill(self, namespace, pod):
        """Ends the PostgreSQL server of an instance as a lost node does. Returns what tells
        whether another stands in its place."""
        path = "/api/v1/namespaces/%s/pods/%s" % (namespace, pod)
        name = self.kube.get(path)["metadata"]["labels"]["cnpg.io/cluster"]
        cluster = self.kube.cnpg("clusters", namespace, name)
        servers = self.servers_of(cluster)
        is_primary = cluster["status"]["currentPrimary"] == pod
        servers.kill(servers.primary if is_primary else servers.replica)
        servers.down.add(pod)
        self._wake.set()
        return lambda: pod not in servers.down
