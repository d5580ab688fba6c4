"""The kinds of values that only this tool has: checks, tags, severities and rules for folders."""

from __future__ import annotations

import ipaddress
import re

import yaml

from reviewer.config.kinds import Choice, Kind, Many, Text
from reviewer.config.reader import Reader, did_you_mean, quoted, shown, text_of, unique
from reviewer.finding import Severity
from reviewer.record import Record

_SIZE = r"nano|micro|small|medium|large|\d*xlarge|metal"
_REGION = r"[a-z]{2,4}(-[a-z]+)+-\d"


class CheckRef(Record):
    """The id or the name of a check, or a prefix of ids such as ``EKS-SEC``."""

    label: str = "check id, name or prefix"

    def read(self, node: yaml.Node, key: str, reader: Reader) -> str | None:
        """Return the entry as written."""
        text = text_of(node)
        if not text:
            reader.error(node, key, f"{shown(node)} is not the id or name of a check")
            return None
        mistake = reader.catalogue.mistake(text)
        if mistake is not None:
            reader.error(node, key, mistake)
            return None
        return text

    def schema(self) -> dict[str, object]:
        """Return a string."""
        return {"type": "string", "minLength": 1}

    def plain(self, value: object) -> object:
        """Return the entry."""
        return value


def plain_key(key: str) -> str:
    """Return a tag's key without case and without what parts its words: ``Cost-Center`` is ``costcenter``."""
    return re.sub(r"[\W_]", "", key).casefold()


class RequiredTag(Record):
    """A tag that resources must carry. Any of ``aliases`` will do, by its :func:`plain_key`."""

    name: str
    aliases: tuple[str, ...] = ()

    @property
    def spellings(self) -> frozenset[str]:
        """Return every accepted key as :func:`plain_key` writes it."""
        return frozenset(plain_key(each) for each in (self.name, *self.aliases))


class Tag(Record):
    """A tag name, or a name with its aliases as ``Owner: [team]``."""

    label: str = "tag name, or `Name: [aliases]`"

    def read(self, node: yaml.Node, key: str, reader: Reader) -> RequiredTag | None:
        """Return the tag."""
        if isinstance(node, yaml.MappingNode) and len(node.value) == 1:
            name_node, aliases_node = node.value[0]
            aliases = Many(TAG_NAME).read(aliases_node, key, reader)
        else:
            name_node, aliases = node, ()
        name = TAG_NAME.read(name_node, key, reader)
        return None if name is None else RequiredTag(name, tuple(str(each) for each in aliases))

    def schema(self) -> dict[str, object]:
        """Return a name, or an object with one key."""
        name = TAG_NAME.schema()
        aliases = {"type": "object", "minProperties": 1, "maxProperties": 1}
        return {"anyOf": [name, {**aliases, "additionalProperties": Many(TAG_NAME).schema()}]}

    def plain(self, value: object) -> object:
        """Return the short form when there are no aliases."""
        if not isinstance(value, RequiredTag):
            return value
        return {value.name: list(value.aliases)} if value.aliases else value.name


class SeverityRule(Record):
    """The severity that a check, or every check with a prefix, shall have."""

    check: str
    severity: Severity


class Severities(Record):
    """A mapping of checks to severities."""

    label: str = "mapping: check id, name or prefix → severity"

    def read(self, node: yaml.Node, key: str, reader: Reader) -> tuple[SeverityRule, ...]:
        """Return the valid rules in order."""
        if not isinstance(node, yaml.MappingNode):
            reader.error(node, key, f"{shown(node)} is not a mapping such as EKS-SEC-306: critical")
            return ()
        rules = []
        for text, key_node, value in unique(node, key, reader):
            check = CheckRef().read(key_node, key, reader)
            severity = Choice(Severity).read(value, f"{key}.{text}", reader)
            if check is not None and isinstance(severity, Severity):
                rules.append(SeverityRule(check, severity))
        return tuple(rules)

    def schema(self) -> dict[str, object]:
        """Return an object of severities."""
        return {"type": "object", "additionalProperties": Choice(Severity).schema()}

    def plain(self, value: object) -> object:
        """Return a mapping."""
        return {each.check: str(each.severity) for each in value} if isinstance(value, tuple) else value


class PathRule(Record):
    """What is different for findings in files that match ``path``."""

    path: str
    ignore: tuple[str, ...] = ()
    enable: tuple[str, ...] = ()
    severity: tuple[SeverityRule, ...] = ()


class Paths(Record):
    """One per-path rule: ``path`` and at least one of ``ignore``, ``enable`` and ``severity``."""

    label: str = "`path` with `ignore`, `enable` or `severity`"

    def read(self, node: yaml.Node, key: str, reader: Reader) -> PathRule | None:
        """Return the rule."""
        if not isinstance(node, yaml.MappingNode):
            reader.error(
                node, key, f"{shown(node)} is not a mapping with path and ignore, enable or severity"
            )
            return None
        kinds = _path_rule_kinds()
        values: dict[str, object] = {}
        entries = unique(node, key, reader)
        for text, key_node, value in entries:
            if text in kinds:
                values[text] = kinds[text].read(value, f"{key}.{text}", reader)
            else:
                reader.error(key_node, key, f"unknown key {quoted(text)}{did_you_mean(text, kinds)}")
        if "path" not in values or len(values) == 1:
            if len(values) == len(entries):
                reader.error(node, key, "needs path, and ignore, enable or severity")
            return None
        if values["path"] is None:
            return None
        return PathRule(**values)  # type: ignore[arg-type] # each value was read by the kind of its field

    def schema(self) -> dict[str, object]:
        """Return an object."""
        properties = {name: kind.schema() for name, kind in _path_rule_kinds().items()}
        either = [{"required": [name]} for name in properties if name != "path"]
        fixed = {"type": "object", "additionalProperties": False, "required": ["path"]}
        return {**fixed, "properties": properties, "anyOf": either}

    def plain(self, value: object) -> object:
        """Return a mapping."""
        if not isinstance(value, PathRule):
            return value
        return {
            "path": value.path,
            "ignore": list(value.ignore),
            "enable": list(value.enable),
            "severity": Severities().plain(value.severity),
        }


def _path_rule_kinds() -> dict[str, Kind]:
    """Return the keys of a per-path rule."""
    checks = Many(CheckRef())
    return {"path": PATTERN, "ignore": checks, "enable": checks, "severity": Severities()}


def _network_fault(text: str) -> str | None:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return "is not a network in CIDR notation such as 10.0.0.0/8"
    return None


def _pattern_fault(text: str) -> str | None:
    if not text or text.startswith("/") or ".." in text.split("/") or "\\" in text:
        return "is not a path relative to the repository such as examples/**"
    return None


def _url_fault(text: str) -> str | None:
    return None if re.fullmatch(r"https://[^\s]+", text) else "is not an https:// address"


def _filled(text: str) -> str | None:
    return None if text.strip() else "is empty"


def _region_fault(text: str) -> str | None:
    return None if re.fullmatch(_REGION, text) else "is not a region such as eu-west-1"


def _size_fault(text: str) -> str | None:
    return None if re.fullmatch(_SIZE, text) else "is not the size of an EC2 instance such as 8xlarge"


TAG_NAME = Text("tag name", _filled, {"minLength": 1, "maxLength": 128})
WORD = Text("word", _filled, {"minLength": 1})
PATTERN = Text("path pattern", _pattern_fault, {"minLength": 1})
REGION = Text("region", _region_fault, {"pattern": f"^{_REGION}$"})
SIZE = Text("instance size", _size_fault, {"pattern": f"^({_SIZE})$"})
NETWORK = Text("network in CIDR notation", _network_fault, {"minLength": 1})
ADDRESS = Text("https:// address", _url_fault, {"pattern": "^https://"})
