"""Evidence of a component outside Terraform: manifests, charts, GitOps objects, scripts, file names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from reviewer.globs import is_like
from reviewer.terraform.text import Range
from reviewer.views.component.evidence import Evidence
from reviewer.views.component.setting import has_setting
from reviewer.views.fact import is_true
from reviewer.views.repository_files import YAML_SUFFIXES, read_text, yaml_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.module_instance import ModuleInstance
    from reviewer.terraform.text import SourceText
    from reviewer.terraform.value import Value
    from reviewer.views.component.signature import Signature
    from reviewer.views.repository_files import YamlFile

MAX_FILES = 60
"""Files that are read to find a component; there are more only where it is surely found among the first."""

_SCRIPTS = (".sh", ".bash", ".ps1", ".mk", "Makefile", "makefile", "Taskfile.yml", "justfile", "Justfile")
_CHART_KEYS = frozenset({"chart", "chartName"})
_LISTS = frozenset({"dependencies", "helmCharts", "releases", "charts"})


def in_files(root: ModuleInstance, wanted: Signature) -> Iterator[Evidence]:
    """Yield the evidence in files of the repository; only those that mention the component are read."""
    tree = root.configuration.tree
    for path in tree.paths() if wanted.files else ():
        if any(is_like(path.rpartition("/")[2], pattern) for pattern in wanted.files):
            yield Evidence(path)
    names = [each.strip("*-") for each in (*wanted.charts, *wanted.workloads)]
    kinds = [f"kind: {each.rpartition('/')[2]}" for each in wanted.kinds]
    settings = [each.partition("=")[0] for each in wanted.settings]
    for path in tree.containing([*names, *kinds, *settings], YAML_SUFFIXES)[:MAX_FILES]:
        source, file = read_text(root, path), yaml_file(root, path)
        if file is not None:
            yield from _in_yaml(file, wanted)
        elif source is not None:
            yield from _in_template(source, wanted)
    for path in tree.containing(names, _SCRIPTS)[:MAX_FILES]:
        source = read_text(root, path)
        if source is not None:
            yield from _in_script(source, wanted)


def _in_yaml(file: YamlFile, wanted: Signature) -> Iterator[Evidence]:
    for document in file.documents:
        yield from _of_object(document, file.source, wanted)
        yield from _inside(document, file.source, wanted, "")
    if file.source.path.startswith(".github/"):
        yield from _in_script(file.source, wanted)


def _of_object(document: Value, source: SourceText, wanted: Signature) -> Iterator[Evidence]:
    data = document.data if isinstance(document.data, Mapping) else {}
    kind, group = (_text(data.get(name)) for name in ("kind", "apiVersion"))
    metadata = data["metadata"].data if "metadata" in data else None
    name = _text(metadata.get("name")) if isinstance(metadata, Mapping) else ""
    is_it = wanted.is_kind(kind, group) or wanted.is_named(kind, name)
    if kind and (is_it or has_setting(data.items(), wanted.settings)):
        yield Evidence(source.path, document.supplier)


def _inside(value: Value, source: SourceText, wanted: Signature, key: str) -> Iterator[Evidence]:
    """Yield charts by the keys that hold them, and what is only named, which is no proof."""
    data = value.data
    if isinstance(data, Mapping):
        for name, each in data.items():
            yield from _of_entry(name, each, source, wanted)
            yield from _inside(each, source, wanted, name)
    elif isinstance(data, tuple):
        for each in data:
            name = _text(each.data.get("name")) if isinstance(each.data, Mapping) else ""
            if key in _LISTS and wanted.is_chart([name]):
                yield Evidence(source.path, each.supplier)
            yield from _inside(each, source, wanted, key)
    elif isinstance(data, str) and wanted.is_chart([data]):
        yield Evidence(f"`{source.path}` mentions `{data}`", value.supplier, is_certain=False)


def _of_entry(name: str, value: Value, source: SourceText, wanted: Signature) -> Iterator[Evidence]:
    chart = _text(value).rstrip("/").rpartition("/")[2]
    if name in _CHART_KEYS and wanted.is_chart([chart]):
        yield Evidence(source.path, value.supplier)
    elif wanted.is_chart([name]):
        switch = value.data.get("enabled") if isinstance(value.data, Mapping) else None
        if switch is not None and is_true(switch.data):
            yield Evidence(source.path, value.supplier)
        elif switch is None:
            yield Evidence(f"`{source.path}` mentions `{name}`", value.supplier, is_certain=False)


def _in_template(source: SourceText, wanted: Signature) -> Iterator[Evidence]:
    """Go by single lines of a file that only another tool can read."""
    for each in wanted.kinds:
        kind = each.rpartition("/")[2]
        match = re.search(rf"^kind:\s*[\"']?{kind}[\"']?\s*$", source.text, re.MULTILINE)
        if match and "/" not in each:
            yield Evidence(source.path, Range(source, match.start(), match.end()))
    for match in re.finditer(
        r"^\s*-?\s*(?:chart|name):\s*[\"']?([\w./-]+)[\"']?\s*$", source.text, re.MULTILINE
    ):
        if wanted.is_chart([match[1].rpartition("/")[2]]):
            where = Range(source, match.start(), match.end())
            yield Evidence(f"`{source.path}` mentions `{match[1]}`", where, is_certain=False)


def _in_script(source: SourceText, wanted: Signature) -> Iterator[Evidence]:
    for match in re.finditer(r"(?:helm|kubectl|eksctl)\b[^\n]*", source.text):
        words = re.split(r"[\s/\"'=:]+", match[0])
        if wanted.is_chart(words):
            where = Range(source, match.start(), match.end())
            yield Evidence(f"a command in `{source.path}` may install it", where, is_certain=False)


def _text(value: Value | None) -> str:
    return value.data if value is not None and isinstance(value.data, str) else ""
