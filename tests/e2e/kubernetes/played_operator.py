"""Plays CloudNativePG where there is no node to run its Pods on: makes the objects and
writes the status that the operator would, over real PostgreSQL servers.

    with PlayedOperator(kubernetes.admin, directory) as operator: ...

It follows the operator where clients can tell (../../../docs/testing.md says how far), and
does all work again at every change, on one thread.
"""

import base64
import json
import os
import secrets
import threading
import time
import urllib.error

from played_postgres import PlayedPostgres

GROUP = "/apis/postgresql.cnpg.io/v1"
MERGE = "application/merge-patch+json"
HEALTHY = "Cluster in healthy state"


def now():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def identifier(name):
    return '"%s"' % name.replace('"', '""')


def literal(text):
    return "'%s'" % text.replace("'", "''")


class PlayedOperator:
    """Threads: one that works, one for each watched kind. Owns the PostgreSQL servers."""

    def __init__(self, kube, directory):
        self.kube = kube
        self.directory = directory
        self.failures = []  # what went wrong in itself; a test run has none
        self._servers = {}  # by the uid of the cluster
        self.applied_roles = {}  # by that uid and name: what was last made so
        self._wake, self._stopped = threading.Event(), False
        self._threads = []

    def __enter__(self):
        watched = ["/api/v1/secrets"] + ["%s/%s" % (GROUP, plural) for plural in (
            "clusters", "databases", "databaseroles") if self._serves(plural)]
        self._has_roles = any(path.endswith("databaseroles") for path in watched)
        for path in watched:
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
        return self.kube.request("GET", "%s/%s" % (GROUP, plural))[0] == 200

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
        status, answer = self.kube.request("POST", path, body)
        if status not in (201, 409):
            raise RuntimeError("%s: %s" % (path, answer.get("message")))

    def _reconcile(self):
        clusters = {}
        for cluster in self.list(GROUP + "/clusters"):
            meta = cluster["metadata"]
            clusters[meta["namespace"], meta["name"]] = cluster
            annotations = meta.get("annotations", {})
            if annotations.get("cnpg.io/reconciliationLoop") == "disabled":
                continue
            if "deletionTimestamp" not in meta:
                _Cluster(self, cluster).reconcile()
        living = {cluster["metadata"]["uid"] for cluster in clusters.values()}
        for uid in [uid for uid in self._servers if uid not in living]:
            self._servers.pop(uid).stop()
        for plural, kind in (("databases", _Database), ("databaseroles", _Role)):
            if plural == "databaseroles" and not self._has_roles:
                continue
            for thing in self.list("%s/%s" % (GROUP, plural)):
                meta = thing["metadata"]
                key = meta["namespace"], thing["spec"]["cluster"]["name"]
                kind(self, plural, thing, clusters.get(key)).reconcile()

    def servers_of(self, cluster):
        return self._servers.get(cluster["metadata"]["uid"])

    def start_servers(self, cluster):
        uid = cluster["metadata"]["uid"]
        if uid not in self._servers:
            self._servers[uid] = PlayedPostgres(os.path.join(self.directory, uid))
        return self._servers[uid]

    def password(self, namespace, name):
        """(username, password, resourceVersion) of a basic-auth Secret, or None."""
        if not name:
            return None
        status, secret = self.kube.request(
            "GET", "/api/v1/namespaces/%s/secrets/%s" % (namespace, name))
        if status != 200:
            return None
        data = {key: base64.b64decode(value).decode() for key, value in secret["data"].items()}
        return data.get("username"), data.get("password"), secret["metadata"]["resourceVersion"]


class _Cluster:
    """One look at one cluster."""

    def __init__(self, operator, cluster):
        self.operator, self.cluster = operator, cluster
        self.meta, self.spec = cluster["metadata"], cluster["spec"]
        self.name, self.namespace = self.meta["name"], self.meta["namespace"]
        self.status = cluster.get("status", {})
        self.path = "%s/namespaces/%s/clusters/%s" % (GROUP, self.namespace, self.name)
        self.core = "/api/v1/namespaces/%s" % self.namespace
        self.names = ["%s-%d" % (self.name, serial + 1)
                      for serial in range(self.spec["instances"])]

    def reconcile(self):
        if self.status.get("phase") == HEALTHY and self._is_as_wanted():
            self._apply_roles()
            return
        servers = self.operator.start_servers(self.cluster)
        ready = self.status.get("instanceNames") or []
        ready = [name for name in ready if name in self.names]
        if not ready:
            self._write_status("Setting up primary", [])
            self._make_first(servers)
        for name in self.names:
            if name not in ready:
                if ready:
                    self._write_status("Creating a new replica", ready)
                self._make_pod(name, primary=not ready)
                ready.append(name)
        self._remove_surplus()
        self._make_services(servers)
        self._write_status(HEALTHY, ready)
        self._apply_roles()

    def _is_as_wanted(self):
        return self.status.get("instanceNames") == self.names

    def _owned(self, kind, name, **parts):
        return {"apiVersion": "v1", "kind": kind,
                "metadata": {"name": name, "namespace": self.namespace, "labels": {
                    "cnpg.io/cluster": self.name}, "ownerReferences": [{
                        "apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster",
                        "name": self.name, "uid": self.meta["uid"], "controller": True,
                        "blockOwnerDeletion": True}]}, **parts}

    def _make_first(self, servers):
        initdb = self.spec.get("bootstrap", {}).get("initdb", {})
        database = initdb.get("database") or "app"
        owner = initdb.get("owner") or database
        password = secrets.token_urlsafe(32)
        secret_name = self.name + "-app"
        status, found = self.operator.kube.request("GET", "%s/secrets/%s" % (
            self.core, secret_name))
        if status == 200:
            password = base64.b64decode(found["data"]["password"]).decode()
        if not servers.query("select 1 from pg_roles where rolname = %s" % literal(owner)):
            servers.query("create role %s login password %s" % (
                identifier(owner), literal(password)))
        if not servers.query("select 1 from pg_database where datname = %s" % literal(database)):
            servers.query("create database %s owner %s" % (
                identifier(database), identifier(owner)))
        port = str(servers.login["port"])
        values = {"username": owner, "user": owner, "password": password, "dbname": database,
                  "host": "127.0.0.1", "port": port,
                  "uri": f"postgresql://{owner}:{password}@127.0.0.1:{port}/{database}"}
        secret = self._owned("Secret", secret_name, type="kubernetes.io/basic-auth", data={
            key: base64.b64encode(value.encode()).decode() for key, value in values.items()})
        secret["metadata"]["labels"].update({"cnpg.io/reload": "true", "cnpg.io/userType": "app"})
        self.operator.ensure(self.core + "/secrets", secret)

    def _make_services(self, servers):
        replica = servers.follow() if len(self.names) > 1 else servers.login["port"]
        for kind, port in (("rw", servers.login["port"]), ("ro", replica), ("r", replica)):
            self.operator.ensure(self.core + "/services", self._owned(
                "Service", "%s-%s" % (self.name, kind), spec={
                    "selector": {"cnpg.io/cluster": self.name},
                    "ports": [{"name": "postgres", "port": port, "targetPort": 5432}]}))

    def _make_pod(self, name, primary):
        role = "primary" if primary else "replica"
        pod = self._owned("Pod", name, spec={"containers": [{
            "name": "postgres", "image": self._image()}]})
        pod["metadata"]["labels"].update({
            "cnpg.io/instanceName": name, "cnpg.io/instanceRole": role,
            "cnpg.io/podRole": "instance", "role": role})
        self.operator.ensure(self.core + "/pods", pod)
        self.operator.patch("%s/pods/%s/status" % (self.core, name), {"status": {
            "phase": "Running", "podIP": "127.0.0.1", "podIPs": [{"ip": "127.0.0.1"}],
            "conditions": [{"type": kind, "status": "True", "lastTransitionTime": now()}
                           for kind in ("ContainersReady", "Ready")]}})

    def _remove_surplus(self):
        pods = self.operator.list("%s/pods?labelSelector=cnpg.io/cluster=%s" % (
            self.core, self.name))
        for pod in pods:
            if pod["metadata"]["name"] not in self.names:
                self.operator.kube.request("DELETE", "%s/pods/%s" % (
                    self.core, pod["metadata"]["name"]))

    def _image(self):
        return self.spec.get("imageName") or "ghcr.io/cloudnative-pg/postgresql:16"

    def _write_status(self, phase, ready):
        good = phase == HEALTHY
        primary = {"currentPrimary": ready[0], "targetPrimary": ready[0]} if ready else {}
        gone = self.status.get("instancesReportedState", {})
        self.operator.patch(self.path + "/status", {"status": {
            "phase": phase, "instances": len(ready), "readyInstances": len(ready),
            "instanceNames": ready, "image": self._image(),
            "instancesStatus": {"healthy": ready},
            "instancesReportedState": {**{name: None for name in gone}, **{
                name: {"isPrimary": name == ready[0], "timeLineID": 1} for name in ready}},
            "writeService": self.name + "-rw", "readService": self.name + "-r",
            "conditions": [{
                "type": "Ready", "status": "True" if good else "False",
                "reason": "ClusterIsReady" if good else "ClusterIsNotReady",
                "message": "Cluster is Ready" if good else "Cluster Is Not Ready",
                "lastTransitionTime": now()}], **primary}})

    # --- spec.managed.roles ---

    def _apply_roles(self):
        roles = self.spec.get("managed", {}).get("roles", [])
        before = self.status.get("managedRolesStatus", {})
        if not roles:
            return
        servers = self.operator.start_servers(self.cluster)
        by_status, failed, passwords = {}, {}, {}
        applied = self.operator.applied_roles.setdefault(self.meta["uid"], {})
        for role in roles:
            name = role["name"]
            secret = self.operator.password(
                self.namespace, role.get("passwordSecret", {}).get("name"))
            known = before.get("passwordStatus", {}).get(name, {})
            try:
                version = secret[2] if secret else None
                if applied.get(name) != (role, version):
                    version = _make_role(self.operator, servers, self.namespace, role,
                                         known.get("resourceVersion"))
                    applied[name] = role, version
                if version:
                    passwords[name] = {"resourceVersion": version, "transactionID": 1}
                state = "reconciled"
            except RuntimeError as error:
                failed[name] = [str(error)]
                state = "pending-reconciliation"
            by_status.setdefault(state, []).append(name)
        wanted = {"byStatus": by_status}
        if failed:
            wanted["cannotReconcile"] = failed
        if passwords:
            wanted["passwordStatus"] = passwords
        if before == wanted:
            return
        # What is pending is told before what is done, as the operator does.
        pending = {"byStatus": {"pending-reconciliation": sorted(
            role["name"] for role in roles)}}
        for told in (pending, wanted):
            self.operator.replace(self.path + "/status", "/status/managedRolesStatus", told)


def _make_role(operator, servers, namespace, spec, applied_version):
    """Makes PostgreSQL's role as declared; returns the version of its password's Secret."""
    name = spec["name"]
    exists = servers.query("select 1 from pg_roles where rolname = %s" % literal(name))
    if spec.get("ensure") == "absent":
        if exists:
            servers.query("drop role " + identifier(name))
        return None
    options = " ".join(("" if spec.get(flag, default) else "no") + flag for flag, default in (
        ("login", False), ("superuser", False), ("inherit", True), ("createdb", False),
        ("createrole", False), ("replication", False), ("bypassrls", False)))
    options += " connection limit %d" % spec.get("connectionLimit", -1)
    version = None
    secret = spec.get("passwordSecret", {}).get("name")
    if secret:
        found = operator.password(namespace, secret)
        if found is None:
            raise RuntimeError("secret %s for the password of role %s does not exist" % (
                secret, name))
        username, password, version = found
        if username != name:
            raise RuntimeError("the username in secret %s does not match role %s" % (
                secret, name))
        if version != applied_version or not exists:
            options += " password " + literal(password)
    servers.query("%s role %s %s" % ("alter" if exists else "create", identifier(name), options))
    return version


class _Applied:
    """One look at an object that declares something inside PostgreSQL."""

    finalizer = policy = ""

    def __init__(self, operator, plural, thing, cluster):
        self.operator, self.thing, self.cluster = operator, thing, cluster
        self.meta, self.spec = thing["metadata"], thing["spec"]
        self.status = thing.get("status", {})
        self.path = "%s/namespaces/%s/%s/%s" % (
            GROUP, self.meta["namespace"], plural, self.meta["name"])

    def reconcile(self):
        servers = self.operator.servers_of(self.cluster) if self.cluster else None
        if "deletionTimestamp" in self.meta:
            self._finalise(servers)
        elif self.cluster is None:
            self._set_finalizer(False)
        elif servers is not None and not self._is_applied():
            self._set_finalizer(True)
            self._write(self._attempt(lambda: self.apply(servers)))

    def _is_applied(self):
        return (self.status.get("applied") is True and
                self.status.get("observedGeneration") == self.meta["generation"])

    def _attempt(self, change):
        try:
            return {"applied": True, "observedGeneration": self.meta["generation"],
                    "message": None, **(change() or {})}
        except RuntimeError as error:
            return {"applied": False, "message": str(error)}

    def _write(self, status):
        if any(self.status.get(key) != value for key, value in status.items()):
            self.operator.patch(self.path + "/status", {"status": status})

    def _finalise(self, servers):
        if self.finalizer not in self.meta.get("finalizers", []):
            return
        if servers is not None and self.spec.get(self.policy) == "delete":
            outcome = self._attempt(lambda: self.drop(servers))
            if not outcome["applied"]:
                self._write(outcome)
                return
        self._set_finalizer(False)

    def _set_finalizer(self, wanted):
        present = self.meta.get("finalizers", [])
        if (self.finalizer in present) != wanted:
            others = [one for one in present if one != self.finalizer]
            self.operator.patch(self.path, {"metadata": {
                "finalizers": others + [self.finalizer] if wanted else others}})

    def apply(self, servers):
        raise NotImplementedError

    def drop(self, servers):
        raise NotImplementedError


class _Database(_Applied):
    finalizer, policy = "cnpg.io/deleteDatabase", "databaseReclaimPolicy"

    def apply(self, servers):
        name, owner = identifier(self.spec["name"]), identifier(self.spec["owner"])
        exists = servers.query("select 1 from pg_database where datname = %s" % literal(
            self.spec["name"]))
        servers.query("alter database %s owner to %s" % (name, owner) if exists else
                      "create database %s owner %s" % (name, owner))

    def drop(self, servers):
        servers.query("drop database if exists " + identifier(self.spec["name"]))


class _Role(_Applied):
    finalizer, policy = "cnpg.io/deleteRole", "databaseRoleReclaimPolicy"

    def _is_applied(self):
        secret = self.spec.get("passwordSecret", {}).get("name")
        if secret:
            found = self.operator.password(self.meta["namespace"], secret)
            if found and found[2] != self.status.get("secretResourceVersion"):
                return False
        return super()._is_applied()

    def apply(self, servers):
        version = _make_role(self.operator, servers, self.meta["namespace"], self.spec,
                             self.status.get("secretResourceVersion"))
        return {"secretResourceVersion": version}

    def drop(self, servers):
        servers.query("drop role if exists " + identifier(self.spec["name"]))
