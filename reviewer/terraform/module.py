"""The declarations of one module: every block of a folder by what it declares, overrides merged.

Source: Terraform language documentation, "Files and Configuration Structure" and "Override Files"; OpenTofu
language documentation, "Files and Directories".
"""

from __future__ import annotations

import dataclasses
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import field
from msgspec.structs import replace

from reviewer.record import Record

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from reviewer.terraform.syntax import Attribute, Block, Diagnostic, SourceFile

CONFIGURATION_SUFFIXES = (".tf", ".tf.json", ".tofu", ".tofu.json")
VARIABLES_SUFFIXES = (".tfvars", ".tfvars.json")


class Declarations(Record, eq=False, dict=True):
    """What the files of one folder declare. Keys are as in references: ``data.aws_ami.node``."""

    folder: str
    files: tuple[SourceFile, ...]
    variables: Mapping[str, Block] = field(default_factory=dict)
    locals: Mapping[str, Attribute] = field(default_factory=dict)
    outputs: Mapping[str, Block] = field(default_factory=dict)
    resources: Mapping[str, Block] = field(default_factory=dict)
    calls: Mapping[str, Block] = field(default_factory=dict)
    providers: tuple[Block, ...] = ()
    settings: tuple[Block, ...] = ()
    moved: tuple[Block, ...] = ()
    others: tuple[Block, ...] = ()

    @cached_property
    def by_type(self) -> Mapping[str, Sequence[tuple[int, str]]]:
        """Return the addresses of the resources by type, each with its place in the order of declaration."""
        found: dict[str, list[tuple[int, str]]] = {}
        for place, address in enumerate(self.resources):
            found.setdefault(address.rpartition(".")[0], []).append((place, address))
        return found

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Return what could not be read in this folder."""
        return tuple(each for file in self.files for each in file.diagnostics)

    @property
    def is_root(self) -> bool:
        """Tell whether the folder configures a provider or a backend, which only a root module does."""
        configured = any(True for block in self.settings for _ in block.nested("backend", "cloud"))
        return configured or bool(self.providers)


def is_terraform(path: str) -> bool:
    """Tell whether Terraform reads files of this name."""
    return path.endswith(CONFIGURATION_SUFFIXES + VARIABLES_SUFFIXES)


def replaced_by(path: str, paths: Collection[str]) -> str | None:
    """Return the file among ``paths`` that OpenTofu reads in place of one: ``main.tofu`` for ``main.tf``."""
    stem, dot, suffix = path.rpartition(".tf")
    tofu = f"{stem}.tofu{suffix}"
    return tofu if dot and suffix in {"", ".json"} and tofu in paths else None


def is_override(path: str) -> bool:
    """Tell whether a file overrides what other files declare."""
    name = path.rpartition("/")[2].removesuffix(".json").removesuffix(".tf").removesuffix(".tofu")
    return name == "override" or name.endswith("_override")


def declare(folder: str, files: Iterable[SourceFile]) -> Declarations:
    """Collect the declarations of a folder; override files are merged last, in the order of their names."""
    ordered = sorted(files, key=lambda each: (is_override(each.path), each.path))
    collector = _Collector()
    for file in ordered:
        for block in file.blocks:
            collector.add(block, override=is_override(file.path))
    return collector.declarations(folder, tuple(ordered))


@dataclasses.dataclass(slots=True)
class _Collector:
    """Sorts blocks into tables."""

    tables: dict[str, dict[str, Block]] = dataclasses.field(default_factory=dict)
    locals: dict[str, Attribute] = dataclasses.field(default_factory=dict)
    lists: dict[str, list[Block]] = dataclasses.field(default_factory=dict)

    def add(self, block: Block, *, override: bool) -> None:
        """File one top-level block under what it declares."""
        match block.type, block.labels:
            case "locals", ():
                for name, attribute in block.attributes.items():
                    if override or name not in self.locals:
                        self.locals[name] = attribute
            case (("variable" | "output" | "module"), (name,)):
                self._declare(block.type, name, block, override=override)
            case (("resource" | "data" | "ephemeral"), (kind, name)):
                prefix = "" if block.type == "resource" else f"{block.type}."
                self._declare("resource", f"{prefix}{kind}.{name}", block, override=override)
            case "provider", (name,):
                self._provider(block, name, override=override)
            case (("terraform" | "moved" | "provider"), _):
                self.lists.setdefault(block.type, []).append(block)
            case _:
                self.lists.setdefault("other", []).append(block)

    def _declare(self, table: str, key: str, block: Block, *, override: bool) -> None:
        entries = self.tables.setdefault(table, {})
        if key in entries and override:
            entries[key] = _merged(entries[key], block)
        else:
            entries.setdefault(key, block)

    def _provider(self, block: Block, name: str, *, override: bool) -> None:
        alias = block.attributes.get("alias")
        key = f"{name}.{alias.expression.text}" if alias else name
        self._declare("provider", key, block, override=override)

    def declarations(self, folder: str, files: tuple[SourceFile, ...]) -> Declarations:
        """Return what was collected."""
        tables, lists = self.tables, self.lists
        return Declarations(
            folder=folder,
            files=files,
            variables=tables.get("variable", {}),
            locals=self.locals,
            outputs=tables.get("output", {}),
            resources=tables.get("resource", {}),
            calls=tables.get("module", {}),
            providers=tuple(tables.get("provider", {}).values()),
            settings=tuple(lists.get("terraform", ())),
            moved=tuple(lists.get("moved", ())),
            others=tuple(lists.get("other", ())),
        )


def _merged(original: Block, override: Block) -> Block:
    """Return the block with the override's arguments, and its nested blocks for those of their type."""
    replaced = {each.type for each in override.blocks}
    kept = tuple(each for each in original.blocks if each.type not in replaced)
    attributes = {**original.attributes, **override.attributes}
    return replace(original, attributes=attributes, blocks=(*kept, *override.blocks))
