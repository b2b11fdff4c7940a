"""What is declared inside PostgreSQL, as the played operator makes it so: roles, wherever
they are declared, and the objects Database and DatabaseRole.

    version = make_role(operator, servers, "default", {"name": "app", "login": True}, None)
    Database(operator, thing, cluster).reconcile()
"""

from played_postgres import identifier, literal


def make_role(operator, servers, namespace, spec, applied_version):
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


class _Declared:
    """One look at an object that declares something inside PostgreSQL."""

    plural = finalizer = policy = ""

    def __init__(self, operator, thing, cluster):
        self.operator, self.thing, self.cluster = operator, thing, cluster
        self.meta, self.spec = thing["metadata"], thing["spec"]
        self.status = thing.get("status", {})
        self.path = "%s/namespaces/%s/%s/%s" % (
            operator.group, self.meta["namespace"], self.plural, self.meta["name"])

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


class Database(_Declared):
    plural = "databases"
    finalizer, policy = "cnpg.io/deleteDatabase", "databaseReclaimPolicy"

    def apply(self, servers):
        name, owner = identifier(self.spec["name"]), identifier(self.spec["owner"])
        exists = servers.query("select 1 from pg_database where datname = %s" % literal(
            self.spec["name"]))
        servers.query("alter database %s owner to %s" % (name, owner) if exists else
                      "create database %s owner %s" % (name, owner))

    def drop(self, servers):
        servers.query("drop database if exists " + identifier(self.spec["name"]))


class Role(_Declared):
    plural = "databaseroles"
    finalizer, policy = "cnpg.io/deleteRole", "databaseRoleReclaimPolicy"

    def _is_applied(self):
        secret = self.spec.get("passwordSecret", {}).get("name")
        if secret:
            found = self.operator.password(self.meta["namespace"], secret)
            if found and found[2] != self.status.get("secretResourceVersion"):
                return False
        return super()._is_applied()

    def apply(self, servers):
        version = make_role(self.operator, servers, self.meta["namespace"], self.spec,
                             self.status.get("secretResourceVersion"))
        return {"secretResourceVersion": version}

    def drop(self, servers):
        servers.query("drop role if exists " + identifier(self.spec["name"]))
