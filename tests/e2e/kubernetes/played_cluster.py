"""One cluster, as the played operator reconciles it: instances, services, the owner's
Secret, inline roles, and failover step by step as CloudNativePG 1.30 does it.

    Cluster(operator, found).reconcile()

Of PostgreSQL there is one primary and one streaming replica, however many instances are
wanted; the replica stands for all of them.
"""

import base64
import secrets
import time

from played_objects import make_role
from played_postgres import identifier, literal

HEALTHY = "Cluster in healthy state"
FAILING_OVER = "Failing over"
PENDING = "pending"  # the target of a failover that has not chosen yet


def now():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def encoded(values):
    return {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}


class Cluster:
    """One look at one cluster."""

    def __init__(self, operator, cluster):
        self.operator, self.cluster = operator, cluster
        self.meta, self.spec = cluster["metadata"], cluster["spec"]
        self.name, self.namespace = self.meta["name"], self.meta["namespace"]
        self.status = cluster.get("status", {})
        self.primary = self.status.get("currentPrimary")
        self.path = "%s/namespaces/%s/clusters/%s" % (operator.group, self.namespace, self.name)
        self.core = "/api/v1/namespaces/%s" % self.namespace

    def reconcile(self):
        servers = self.operator.servers_of(self.cluster)
        names = self._wanted_names()
        if servers is not None and self._heal(servers):
            return
        if self.status.get("phase") == HEALTHY and self.status.get("instanceNames") == names:
            self._apply_roles()
            return
        servers = self.operator.start_servers(self.cluster)
        ready = [name for name in self.status.get("instanceNames", []) if name in names]
        if not ready:
            self._write_status("Setting up primary", [])
            self._make_first(servers)
        for name in names:
            if name not in ready:
                if ready:
                    self._write_status("Creating a new replica", ready)
                self._make_pod(name, primary=not ready)
                ready.append(name)
        self._remove_surplus(names)
        if len(names) > 1:
            servers.follow()
        self._make_services(servers)
        self._write_status(HEALTHY, sorted(ready, key=names.index))
        self._apply_roles()

    def _wanted_names(self):
        """The primary is never one too many."""
        wanted, names = self.spec["instances"], list(self.status.get("instanceNames", []))
        while len(names) > wanted:
            names.remove([name for name in names if name != self.primary][-1])
        serial = 0
        while len(names) < wanted:
            serial += 1
            if "%s-%d" % (self.name, serial) not in names:
                names.append("%s-%d" % (self.name, serial))
        return names

    # --- servers that were lost ---

    def _heal(self, servers):
        """One step towards a whole cluster, where one is needed."""
        names = self.status.get("instanceNames", [])
        target = self.status.get("targetPrimary")
        if len(names) < 2:
            return False
        if target == PENDING:
            self.operator.before("choose")
            successor = [name for name in names if name not in servers.down][0]
            self._write_status(FAILING_OVER, names, "Failing over from %s to %s" % (
                self.primary, successor), targetPrimary=successor)
        elif target != self.primary:
            self.operator.before("promote")
            servers.promote()
            self.primary = target
            self._label_pod(target, "primary")
            self._make_services(servers)
            self._point_application(servers)
            # The rest of the status is the operator's, not the instance's.
            self.operator.patch(self.path + "/status", {"status": {
                "currentPrimary": target, "currentPrimaryTimestamp": now(),
                "timelineID": servers.timeline}})
        elif not servers.primary.runs():
            self.operator.before("notice")
            self._label_pod(self.primary, "unhealthy")
            self._set_ready(self.primary, False)
            self._write_status(FAILING_OVER, names, "Initiating a failover from " + self.primary,
                               targetPrimary=PENDING)
        elif not servers.has_replica():
            for name in servers.down:
                self._set_ready(name, False)
            if self.status.get("phase") == HEALTHY:
                self._write_status("Waiting for the instances to become active", names,
                                   "Some instances are not yet active. Please wait.")
                return True
            self.operator.before("rejoin")
            servers.follow()
            for name in set(servers.down):
                self._label_pod(name, "replica")
                self._set_ready(name, True)
                servers.down.discard(name)
            self._make_services(servers)
            self._write_status(HEALTHY, names)
        else:
            return False
        return True

    def _label_pod(self, name, role):
        self.operator.patch("%s/pods/%s" % (self.core, name), {"metadata": {"labels": {
            "cnpg.io/instanceRole": role, "role": role}}})

    def _set_ready(self, name, ready):
        self.operator.patch("%s/pods/%s/status" % (self.core, name), {"status": {
            "phase": "Running", "podIP": "127.0.0.1", "podIPs": [{"ip": "127.0.0.1"}],
            "conditions": [{"type": kind, "status": str(ready), "lastTransitionTime": now()}
                           for kind in ("ContainersReady", "Ready")]}})

    # --- the objects of a cluster ---

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
        port = servers.primary.port
        secret = self._owned("Secret", secret_name, type="kubernetes.io/basic-auth", data=encoded({
            "username": owner, "user": owner, "password": password, "dbname": database,
            "host": "127.0.0.1", "port": str(port),
            "uri": f"postgresql://{owner}:{password}@127.0.0.1:{port}/{database}"}))
        secret["metadata"]["labels"].update({"cnpg.io/reload": "true", "cnpg.io/userType": "app"})
        self.operator.ensure(self.core + "/secrets", secret)

    def _point_application(self, servers):
        """There is no network here in which a name leads to the new primary."""
        path = "%s/secrets/%s-app" % (self.core, self.name)
        data = {key: base64.b64decode(value).decode()
                for key, value in self.operator.kube.get(path)["data"].items()}
        port = str(servers.primary.port)
        uri = data["uri"].replace(":%s/" % data["port"], ":%s/" % port)
        self.operator.patch(path, {"data": encoded({"port": port, "uri": uri})})

    def _make_services(self, servers):
        primary = servers.primary.port
        replica = servers.replica.port if servers.has_replica() else primary
        for kind, port in (("rw", primary), ("ro", replica), ("r", replica)):
            name = "%s-%s" % (self.name, kind)
            ports = [{"name": "postgres", "port": port, "targetPort": 5432}]
            self.operator.ensure(self.core + "/services", self._owned("Service", name, spec={
                "selector": {"cnpg.io/cluster": self.name}, "ports": ports}))
            self.operator.patch("%s/services/%s" % (self.core, name), {"spec": {"ports": ports}})

    def _make_pod(self, name, primary):
        role = "primary" if primary else "replica"
        pod = self._owned("Pod", name, spec={"containers": [{
            "name": "postgres", "image": self._image()}]})
        pod["metadata"]["labels"].update({
            "cnpg.io/instanceName": name, "cnpg.io/instanceRole": role,
            "cnpg.io/podRole": "instance", "role": role})
        self.operator.ensure(self.core + "/pods", pod)
        self._set_ready(name, True)

    def _remove_surplus(self, names):
        pods = self.operator.list("%s/pods?labelSelector=cnpg.io/cluster=%s" % (
            self.core, self.name))
        for pod in pods:
            if pod["metadata"]["name"] not in names:
                self.operator.kube.request("DELETE", "%s/pods/%s" % (
                    self.core, pod["metadata"]["name"]))

    def _image(self):
        return self.spec.get("imageName") or "ghcr.io/cloudnative-pg/postgresql:16"

    def _write_status(self, phase, names, reason="", **other):
        """`names`: the instances there are; those whose server was lost are not ready."""
        good = phase == HEALTHY
        servers = self.operator.servers_of(self.cluster)
        failed = [name for name in names if name in servers.down] if servers else []
        ready = [name for name in names if name not in failed]
        primary = self.primary if self.primary in names else names[0] if names else None
        gone = self.status.get("instancesReportedState", {})
        self.operator.patch(self.path + "/status", {"status": {
            "phase": phase, "phaseReason": reason or None, "instances": len(names),
            "readyInstances": len(ready), "instanceNames": names, "image": self._image(),
            "instancesStatus": {"healthy": ready, "failed": failed or None},
            "instancesReportedState": {**{name: None for name in gone}, **{
                name: {"isPrimary": name == primary, "timeLineID": servers.timeline}
                for name in ready}},
            "writeService": self.name + "-rw", "readService": self.name + "-r",
            "currentPrimary": primary, "targetPrimary": primary,
            "conditions": [{
                "type": "Ready", "status": "True" if good else "False",
                "reason": "ClusterIsReady" if good else "ClusterIsNotReady",
                "message": "Cluster is Ready" if good else "Cluster Is Not Ready",
                "lastTransitionTime": now()}], **other}})

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
                    version = make_role(self.operator, servers, self.namespace, role,
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
