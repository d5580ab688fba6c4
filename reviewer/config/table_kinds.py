"""Kinds of values that add to the tables in ``reviewer/data``: versions of EKS, and names of components."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

import yaml

from reviewer.config.kinds import Many, Text
from reviewer.config.reader import Reader, did_you_mean, quoted, shown, unique
from reviewer.data import table
from reviewer.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable

_MINOR = r"1\.[1-9]\d"
_DAYS = ("standard-until", "extended-until")
SIGNS = ("charts", "addons", "flags", "modules", "resources", "workloads", "kinds", "files")
"""What can give a component away; ``reviewer/data/components.yaml`` says what each list holds."""


class KubernetesVersion(Record):
    """A version such as ``1.37`` and the last days of its standard and its extended support."""

    version: str
    standard_until: date
    extended_until: date


class Versions(Record):
    """A mapping of Kubernetes versions to their ends of support."""

    label: str = "mapping: version → `standard-until` and `extended-until`"

    def read(self, node: yaml.Node, key: str, reader: Reader) -> tuple[KubernetesVersion, ...]:
        """Return the valid rows."""
        if not isinstance(node, yaml.MappingNode):
            reader.error(node, key, f"{shown(node)} is not a mapping of versions such as 1.37 to dates")
            return ()
        rows = []
        for version, version_node, value in unique(node, key, reader):
            if re.fullmatch(_MINOR, version) is None:
                reader.error(version_node, key, f"{quoted(version)} is not a version such as 1.37")
                continue
            days = _days(value, f"{key}.{version}", reader)
            if days is not None:
                rows.append(KubernetesVersion(version, *days))
        return tuple(rows)

    def schema(self) -> dict[str, object]:
        """Return an object of objects with two dates."""
        day = {"type": "string", "format": "date"}
        row = {"type": "object", "additionalProperties": False, "required": list(_DAYS)}
        rows = {f"^{_MINOR}$": {**row, "properties": dict.fromkeys(_DAYS, day)}}
        return {"type": "object", "additionalProperties": False, "patternProperties": rows}

    def plain(self, value: object) -> object:
        """Return a mapping."""
        rows: Iterable[KubernetesVersion] = value if isinstance(value, tuple) else ()
        return {
            each.version: {_DAYS[0]: str(each.standard_until), _DAYS[1]: str(each.extended_until)}
            for each in rows
        }


def _days(node: yaml.Node, key: str, reader: Reader) -> tuple[date, date] | None:
    """Return the two dates of a row; None after noting what is wrong."""
    if not isinstance(node, yaml.MappingNode):
        reader.error(node, key, f"{shown(node)} is not a mapping with {' and '.join(_DAYS)}")
        return None
    before = len(reader.errors)
    found: dict[str, date] = {}
    for name, name_node, value in unique(node, key, reader):
        if name not in _DAYS:
            reader.error(name_node, key, f"unknown key {quoted(name)}{did_you_mean(name, _DAYS)}")
            continue
        day = _day(value)
        if day is None:
            reader.error(value, f"{key}.{name}", f"{shown(value)} is not a date such as 2027-12-02")
        else:
            found[name] = day
    if len(reader.errors) == before and len(found) < len(_DAYS):
        reader.error(node, key, f"needs {' and '.join(_DAYS)}")
    if len(reader.errors) > before:
        return None
    standard, extended = (found[name] for name in _DAYS)
    if extended < standard:
        reader.error(node, key, f"extended support ends on {extended}, before standard support on {standard}")
        return None
    return standard, extended


def _day(node: yaml.Node) -> date | None:
    """Return a date, whether YAML takes it for one or for text."""
    text = node.value if isinstance(node, yaml.ScalarNode) else ""
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else None
    except ValueError:
        return None


class ComponentNames(Record):
    """Further names that give a component away: ``signs`` are pairs of a list's name and its entries."""

    component: str
    signs: tuple[tuple[str, tuple[str, ...]], ...]


class Components(Record):
    """A mapping of components to lists of names."""

    label: str = "mapping: component → lists of names"

    def read(self, node: yaml.Node, key: str, reader: Reader) -> tuple[ComponentNames, ...]:
        """Return the components with valid names."""
        if not isinstance(node, yaml.MappingNode):
            reader.error(node, key, f"{shown(node)} is not a mapping of components such as metrics-server")
            return ()
        known = table("components")["components"]
        found = []
        for component, component_node, value in unique(node, key, reader):
            if component in known:
                found.append(ComponentNames(component, _signs(value, f"{key}.{component}", reader)))
            else:
                hint = did_you_mean(component, known) or f": there are {', '.join(sorted(known))}"
                reader.error(component_node, key, f"unknown component {quoted(component)}{hint}")
        return tuple(found)

    def schema(self) -> dict[str, object]:
        """Return an object with one object of lists for each component."""
        lists = {"type": "object", "additionalProperties": False, "minProperties": 1}
        component = {**lists, "properties": dict.fromkeys(SIGNS, Many(_NAME).schema())}
        properties = dict.fromkeys(table("components")["components"], component)
        return {"type": "object", "additionalProperties": False, "properties": properties}

    def plain(self, value: object) -> object:
        """Return a mapping."""
        rows: Iterable[ComponentNames] = value if isinstance(value, tuple) else ()
        return {each.component: {name: list(entries) for name, entries in each.signs} for each in rows}


def _signs(node: yaml.Node, key: str, reader: Reader) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not isinstance(node, yaml.MappingNode) or not node.value:
        reader.error(node, key, f"{shown(node)} is not a mapping with {', '.join(SIGNS)}")
        return ()
    found = []
    for name, name_node, value in unique(node, key, reader):
        if name in SIGNS:
            found.append((name, tuple(map(str, Many(_NAME).read(value, f"{key}.{name}", reader)))))
        else:
            reader.error(name_node, key, f"unknown key {quoted(name)}{did_you_mean(name, SIGNS)}")
    return tuple(found)


def _name_fault(text: str) -> str | None:
    return None if len(text.strip("*-/ ")) >= _LEAST else "is too short to recognise anything by"


_LEAST = 3
_NAME = Text("name", _name_fault, {"minLength": _LEAST})
