"""Aiven's own description of its API, to check requests and answers against.

    contract = AivenContract.load()          # None where the description is not there
    contract.check_answer("GET", "/v1/project", 200, body)
    contract.check_request("POST", "/v1/project/p/service/s/logs", {"limit": 1})

The description is of April 2025. Where the API is known to differ since, the tables
below say so; anything else that is missing, of another type or not described fails.
"""

import functools
import json
import os
import pathlib
import re

import jsonschema

ROOT = pathlib.Path(__file__).resolve().parents[2]
DESCRIPTION = pathlib.Path(os.environ.get("HOWDAH_AIVEN_OPENAPI")
                           or ROOT.parent / "shared" / "aiven" / "openapi.json")

# Typed as text, but known to be null.
NULL = {"project_vpc_id", "service_uri", "offset", "first_log_offset", "service_name",
        "pitr_range_end", "start_at", "start_after"}
# Left out since secrets are there on demand only (2026).
OPTIONAL = {"password", "connection_uri"}
# Newer than the description: in the documentation, the Terraform provider's generated
# client or the command line client.
NEWER = {"severity", "hostname", "log_type", "kafka_topic_name", "enabled", "lc_collate", "lc_ctype",
         "quoted_database_name", "next", "error_code"}
# The same, of queries: all reads of what has secrets take it since 2026.
NEWER_QUERY = {"include_secrets"}


class AivenContract:
    def __init__(self, description):
        self._description = description
        self._operations = []
        for template, methods in description["paths"].items():
            pattern = re.compile(re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape("/v1" + template)))
            for method, operation in methods.items():
                if isinstance(operation, dict) and "responses" in operation:
                    literal = template.count("{")
                    self._operations.append((literal, method.upper(), pattern, operation))
        # A path without braces wins over one with.
        self._operations.sort(key=lambda one: one[0])

    @staticmethod
    @functools.lru_cache(maxsize=1)
    def load():
        if not DESCRIPTION.exists():
            return None
        return AivenContract(json.loads(DESCRIPTION.read_text("utf-8")))

    def check_answer(self, method, target, status, body):
        """Fails unless the body is what the description says; returns it."""
        if status >= 400:
            schema = ERROR
        else:
            content = self._resolve(self._find(method, target)["responses"]["200"])["content"]
            schema = self._schema(content["application/json"]["schema"])
        self._check(schema, body, f"answer of {method} {target}")
        return body

    def check_request(self, method, target, body):
        """Fails unless the operation exists and takes this query and body (None for none)."""
        operation = self._find(method, target)
        described = NEWER_QUERY | {self._resolve(one)["name"]
                                   for one in operation.get("parameters") or ()}
        for pair in filter(None, target.partition("?")[2].split("&")):
            assert pair.partition("=")[0] in described, f"{method} {target}: {pair}"
        if "requestBody" not in operation:
            assert not body, f"{method} {target} takes no body"
            return
        content = self._resolve(operation["requestBody"])["content"]["application/json"]
        self._check(self._schema(content["schema"]), body or {}, f"request {method} {target}")

    def _find(self, method, target):
        path = target.partition("?")[0]
        for _, known_method, pattern, operation in self._operations:
            if known_method == method and pattern.fullmatch(path):
                return operation
        raise AssertionError(f"Aiven's API has no {method} {path}")

    @staticmethod
    def _check(schema, body, what):
        errors = sorted(jsonschema.Draft4Validator(schema).iter_errors(body), key=str)
        assert not errors, f"{what}: " + "; ".join(
            f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
            for error in errors[:5])

    def _resolve(self, node):
        while "$ref" in node:
            found = self._description
            for step in node["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            node = found
        return node

    def _schema(self, node):
        """A schema of the description as one of JSON Schema, strict about names."""
        node = self._resolve(node)
        result = {key: node[key] for key in ("type", "enum", "minimum", "maximum", "minLength",
                                             "maxLength", "minItems", "maxItems", "pattern")
                  if key in node}
        if "items" in node:
            result["items"] = self._schema(node["items"])
        properties = dict(node.get("properties", {}))
        # "ANY" stands for any name.
        anything = properties.pop("ANY", None) or node.get("additionalProperties")
        if properties:
            result["properties"] = {name: self._property(name, value)
                                    for name, value in properties.items()}
            result["properties"].update({name: {} for name in NEWER - set(properties)})
            required = [name for name in node.get("required", ()) if name not in OPTIONAL]
            if required:
                result["required"] = required
            result["additionalProperties"] = False
        if isinstance(anything, dict):
            result["additionalProperties"] = self._schema(anything)
        if node.get("nullable"):
            result = {"anyOf": [{"type": "null"}, result]}
        return result

    def _property(self, name, node):
        schema = self._schema(node)
        return {"anyOf": [{"type": "null"}, schema]} if name in NULL else schema


# What the description's prose says of failures, and clients rely on.
ERROR = {
    "type": "object",
    "required": ["message", "errors"],
    "properties": {
        "message": {"type": "string"},
        "errors": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["message", "status"],
                "properties": {"message": {"type": "string"}, "status": {"type": "integer"},
                               "error_code": {"type": "string"}},
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
}
