"""Kubernetes RBAC as far as our manifests use it: who may do what.

    rights = Rights.of_manifests(path, "cnpg-mcp-server")
    rights.allow(Request.read("GET", "/api/v1/namespaces/shop/secrets?watch=1"))

Cluster roles that are not in a manifest are those of OPERATOR_ROLES, as the
operator's own chart makes them, and Kubernetes' `view` without what aggregates
to it, since not every operator's installation does that.
"""

import dataclasses
import urllib.parse

import yaml

_OPERATOR = ["backups", "clusterimagecatalogs", "clusters", "databases", "imagecatalogs",
             "poolers", "publications", "scheduledbackups", "subscriptions"]
OPERATOR_ROLES = {
    "cnpg-cloudnative-pg-view": [{"apiGroups": ["postgresql.cnpg.io"], "resources": _OPERATOR,
                                  "verbs": ["get", "list", "watch"]}],
    "cnpg-cloudnative-pg-edit": [{"apiGroups": ["postgresql.cnpg.io"], "resources": _OPERATOR,
                                  "verbs": ["create", "delete", "deletecollection", "patch",
                                            "update"]}],
    "view": [{"apiGroups": [""], "verbs": ["get", "list", "watch"],
              "resources": ["configmaps", "endpoints", "events", "namespaces", "namespaces/status",
                            "persistentvolumeclaims", "pods", "pods/log", "pods/status",
                            "resourcequotas", "services"]},
             {"apiGroups": ["policy"], "resources": ["poddisruptionbudgets"],
              "verbs": ["get", "list", "watch"]},
             {"apiGroups": ["batch"], "resources": ["jobs"], "verbs": ["get", "list", "watch"]}],
}


@dataclasses.dataclass(frozen=True)
class Request:
    """What an access review is about; an empty namespace is the cluster scope."""

    verb: str
    group: str
    resource: str  # with its subresource
    namespace: str = ""

    @classmethod
    def read(cls, method, target):
        """None for what every known user may do: discovery, questions about itself."""
        path, _, query = target.partition("?")
        parts = path.strip("/").split("/")
        group = "" if parts[0] == "api" else parts[1] if len(parts) > 1 else ""
        rest = parts[2:] if parts[0] == "api" else parts[3:]
        if not rest or group in ("authorization.k8s.io", "authentication.k8s.io"):
            return None
        namespace = ""
        if rest[0] == "namespaces" and len(rest) > 2:
            namespace, rest = rest[1], rest[2:]
        named = len(rest) > 1
        verb = {"POST": "create", "PUT": "update", "PATCH": "patch",
                "DELETE": "delete" if named else "deletecollection"}.get(method)
        if verb is None:
            watches = urllib.parse.parse_qs(query).get("watch", ["0"])[0] in ("1", "true")
            verb = "get" if named else "watch" if watches else "list"
        return cls(verb, group, "/".join([rest[0], *rest[2:]]), namespace)

    def refusal(self, user):
        """In the words of Kubernetes."""
        where = f'in the namespace "{self.namespace}"' if self.namespace else "at the cluster scope"
        kind = f"{self.resource}.{self.group}" if self.group else self.resource
        return (f'{kind} is forbidden: User "{user}" cannot {self.verb} resource '
                f'"{self.resource}" in API group "{self.group}" {where}')


@dataclasses.dataclass(frozen=True)
class Grant:
    """One verb on one resource, everywhere (an empty namespace) or in a namespace."""

    verb: str
    group: str
    resource: str
    namespace: str
    role: str


class Rights:
    """What one ServiceAccount may do."""

    def __init__(self, grants, user):
        self.grants = grants
        self.user = user

    @classmethod
    def of_manifests(cls, path, account):
        with open(path, encoding="utf-8") as file:
            objects = [one for one in yaml.safe_load_all(file) if one]
        roles = {("ClusterRole", "", name): rules for name, rules in OPERATOR_ROLES.items()}
        for one in objects:
            if one["kind"] in ("Role", "ClusterRole"):
                where = one["metadata"].get("namespace", "")
                roles[one["kind"], where, one["metadata"]["name"]] = one["rules"]
        grants, user = set(), None
        for one in objects:
            if one["kind"] not in ("RoleBinding", "ClusterRoleBinding"):
                continue
            for subject in one["subjects"]:
                if (subject["kind"], subject["name"]) != ("ServiceAccount", account):
                    continue
                user = f'system:serviceaccount:{subject["namespace"]}:{account}'
                grants |= cls._granted(one, roles)
        return cls(grants, user)

    @staticmethod
    def _granted(binding, roles):
        namespace = binding["metadata"].get("namespace", "")
        kind, name = binding["roleRef"]["kind"], binding["roleRef"]["name"]
        rules = roles[kind, namespace if kind == "Role" else "", name]
        return {Grant(verb, group, resource, namespace, name)
                for rule in rules for verb in rule["verbs"] for group in rule["apiGroups"]
                for resource in rule["resources"]}

    def allow(self, request):
        return request is None or bool(self.by(request))

    def by(self, request):
        """The grants that allow the request."""
        return {grant for grant in self.grants
                if (grant.verb, grant.group, grant.resource)
                == (request.verb, request.group, request.resource)
                and grant.namespace in ("", request.namespace)}
