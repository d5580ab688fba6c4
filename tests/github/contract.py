"""GitHub's own REST description as the judge of what the action sends and of what the fake answers."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from openapi_schema_validator import OAS30Validator


@dataclass(frozen=True)
class Operation:
    """One operation of the description."""

    path: str
    verb: str
    definition: dict[str, Any]
    arguments: dict[str, str]

    def request_faults(self, body: dict[str, Any]) -> list[str]:
        """Return what is wrong with a request's body; an unknown key is wrong, too."""
        schema = self.definition["requestBody"]["content"]["application/json"]["schema"]
        return [*_faults(schema, body), *_unknown_keys(schema, body, "")]

    def query_faults(self, query: dict[str, str]) -> list[str]:
        """Return the query parameters that the operation does not know."""
        parameters = [_resolved(each) for each in self.definition.get("parameters", [])]
        known = {each["name"] for each in parameters if each["in"] == "query"}
        return [f"unknown query parameter {name}" for name in query if name not in known]

    def answer_faults(self, status: int, body: Any) -> list[str]:
        """Return what is wrong with an answer."""
        answer = self.definition["responses"].get(str(status))
        if answer is None:
            return []
        return _faults(_resolved(answer)["content"]["application/json"]["schema"], body)


@cache
def description() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((Path(__file__).parent / "schema" / "rest.json").read_text())
    return loaded


def operation_of(verb: str, path: str) -> Operation | None:
    """Return the operation of a request, ``None`` when the description has none."""
    for template, verbs in description()["paths"].items():
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template.replace("{path}", "(?P<path>.+)"))
        match = re.fullmatch(pattern, path)
        if match and verb.lower() in verbs:
            return Operation(template, verb, verbs[verb.lower()], match.groupdict())
    return None


_SAMPLES: dict[str, Any] = {"string": "x", "integer": 1, "number": 1, "boolean": False, "array": []}
_FORMATS = {"uri": "https://github.example/x", "date-time": "2026-11-23T12:00:00Z"}


def sample(schema: dict[str, Any], **values: Any) -> Any:
    """Return the smallest value of a schema, with the given properties set."""
    schema = _resolved(schema)
    if schema.get("nullable"):
        return None
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type", "object")
    if kind in _SAMPLES:
        return _FORMATS.get(schema.get("format", ""), _SAMPLES[kind])
    properties = schema.get("properties", {})
    return {name: sample(properties[name]) for name in schema.get("required", ())} | values


def component(name: str) -> dict[str, Any]:
    """Return a schema of the description by its name."""
    found: dict[str, Any] = description()["components"]["schemas"][name]
    return found


def _faults(schema: dict[str, Any], body: Any) -> list[str]:
    whole = {**schema, "components": description()["components"]}
    return [f"{error.json_path}: {error.message}" for error in OAS30Validator(whole).iter_errors(body)]


def _unknown_keys(schema: dict[str, Any], body: Any, place: str) -> list[str]:
    if isinstance(body, list):
        return [
            fault for item in body for fault in _unknown_keys(schema.get("items", {}), item, f"{place}[]")
        ]
    if not isinstance(body, dict) or "properties" not in schema:
        return []
    faults = [f"{place}.{key} is unknown" for key in body if key not in schema["properties"]]
    for key, value in body.items():
        faults += _unknown_keys(schema["properties"].get(key, {}), value, f"{place}.{key}")
    return faults


def _resolved(node: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in node:
        return node
    _, _, kind, name = node["$ref"].split("/")
    found: dict[str, Any] = description()["components"][kind][name]
    return found
