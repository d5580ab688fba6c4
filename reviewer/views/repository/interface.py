"""Variables and outputs of a module, and what its README says about them."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Self

from reviewer.record import Record
from reviewer.terraform.text import Range
from reviewer.views.declaration import declared, whole_file
from reviewer.views.repository_files import read_text
from reviewer.views.root import ASIDE
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reviewer.terraform.instance import Instance, ModuleInstance
    from reviewer.terraform.syntax import Block
    from reviewer.terraform.text import SourceText
    from reviewer.views.changed_lines import ChangedLines
    from reviewer.views.context import Context

_BEGIN = re.compile(r"<!--\s*BEGIN[_ ]TF[_ ]DOCS[^>]*-->|<!--\s*BEGINNING OF .*?TERRAFORM.DOCS[^>]*-->")
_END = re.compile(r"<!--\s*END[_ ]TF[_ ]DOCS[^>]*-->|<!--\s*END OF .*?TERRAFORM.DOCS[^>]*-->")
_ANCHOR = re.compile(r"name=\"(input|output)_([\w-]+?)\"")
_HEADINGS = {
    "variable": re.compile(r"^#+\s.*\bInputs\b|input_", re.MULTILINE | re.IGNORECASE),
    "output": re.compile(r"^#+\s.*\bOutputs\b|output_", re.MULTILINE | re.IGNORECASE),
}
_PLAIN = re.compile(r"\"[\w ./:-]*\"|true|false|\d+")
_KINDS = {"input": "variable", "output": "output"}


class Declared(Record, eq=False):
    """A variable or an output; ``kind`` is which."""

    kind: str
    name: str
    instance: Instance

    @property
    def local(self) -> str:
        """Return the address in the module itself."""
        return _address(self.kind, self.name)

    @property
    def is_described(self) -> bool:
        """Tell whether it says what it is; raises :class:`UndecidedError`."""
        return self.instance.body.attr("description").test(lambda data: bool(str(data or "").strip()))


class InterfaceFile(View):
    """The variables and outputs that one file declares."""

    members: tuple[Declared, ...]

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield the files of each module of the repository, once; examples and tests are left out."""
        for module in modules(context):
            by_file: dict[str, list[Declared]] = {}
            for member in members(module):
                by_file.setdefault(posixpath.basename(member.instance.block.range.path), []).append(member)
            for name, found in by_file.items():
                yield cls(found[0].instance, module.full(f"interface of {name}"), tuple(found))

    @property
    def written(self) -> str:
        """Return the path of the file."""
        return self.instance.block.range.path

    def is_touched(self, changed: ChangedLines) -> bool | None:
        """Tell whether one of the blocks changed."""
        return any(changed.meet(each.instance.block.range) for each in self.members)

    def undocumented(self) -> tuple[Declared, ...]:
        """Return those that nobody describes."""
        return tuple(each for each in self.members if not each.is_described)


class GeneratedTable(Record, eq=False):
    """What terraform-docs wrote into a README: the text between its markers."""

    source: SourceText
    start: int
    text: str

    def lists(self, kind: str) -> bool:
        """Tell whether the table has a part for variables or outputs."""
        return _HEADINGS[kind].search(self.text) is not None

    def mentions(self, name: str) -> bool:
        """Tell whether a name stands in it."""
        return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", self.text.replace("\\_", "_")) is not None

    def entries(self) -> Iterator[tuple[str, str, Range]]:
        """Yield kind, name and place of every entry that has an anchor."""
        for match in _ANCHOR.finditer(self.text):
            at = Range(self.source, self.start + match.start(), self.start + match.end())
            yield _KINDS[match[1]], match[2], at

    def default_of(self, name: str) -> str | None:
        """Return the default in a variable's row, as JSON; None when it is not plain."""
        row = re.search(rf"^\|.*name=\"input_{re.escape(name)}\".*$", self.text, re.MULTILINE)
        if row is None:
            return None
        cells = re.split(r"(?<!\\)\|", row[0].strip().strip("|"))
        header = re.search(r"^\|\s*Name\s*\|.*\bDefault\b.*$", self.text, re.MULTILINE)
        names = [each.strip() for each in header[0].strip().strip("|").split("|")] if header else []
        if "Default" not in names or len(names) != len(cells):
            return None
        match = re.fullmatch(r"\s*`([^`]*)`\s*", cells[names.index("Default")])
        return match[1] if match is not None else None


class ReadmeEntry(View):
    """A variable or output with its README, or an entry of a README that belongs to none (``is_left``)."""

    kind: str
    name: str
    readme: GeneratedTable
    at: Range
    is_left: bool = False

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield both for every module whose README has a generated table."""
        for module in modules(context):
            readme = generated_table(module)
            if readme is None:
                continue
            names: set[tuple[str, str]] = set()
            for kind, block in _blocks(module):
                names.add((kind, block.labels[0]))
                instance = declared(module, block, _address(kind, block.labels[0]))
                yield cls(instance, instance.address, kind, block.labels[0], readme, block.header)
            for kind, name, at in readme.entries():
                if (kind, name) not in names:
                    names.add((kind, name))
                    instance = whole_file(module, readme.source)
                    yield cls(
                        instance, module.full(_address(kind, name)), kind, name, readme, at, is_left=True
                    )

    @property
    def written(self) -> str:
        """Return the README with what the entry is about."""
        return f"{self.readme.source.path} {_address(self.kind, self.name)}"

    def is_touched(self, changed: ChangedLines) -> bool | None:
        """Tell whether the block changed; what is left over in a README is nobody's."""
        return not self.is_left and changed.meet(self.instance.block.range)


def generated_table(module: ModuleInstance) -> GeneratedTable | None:
    """Return what terraform-docs wrote into the README of a module's folder; None without its markers."""
    path = posixpath.join(module.folder, "README.md")
    if path not in module.configuration.tree.files_in(module.folder):
        return None
    source = read_text(module, path)
    begin = _BEGIN.search(source.text) if source is not None else None
    end = _END.search(source.text, begin.end()) if source is not None and begin is not None else None
    if source is None or begin is None or end is None:
        return None
    return GeneratedTable(source, begin.end(), source.text[begin.end() : end.start()])


def plain_default(entry: ReadmeEntry) -> str | None:
    """Return the default of a variable as terraform-docs writes it; None unless it is one plain word."""
    attribute = entry.instance.block.attributes.get("default")
    text = attribute.expression.text if attribute is not None and entry.kind == "variable" else ""
    return text if _PLAIN.fullmatch(text) else None


def modules(context: Context) -> Iterator[ModuleInstance]:
    """Yield each module of the root, once for each folder; examples and tests are left out."""
    seen: set[str] = set()
    for module in context.root.walk():
        if module.folder not in seen and not ASIDE.intersection(module.folder.split("/")):
            seen.add(module.folder)
            yield module


def members(module: ModuleInstance) -> Iterator[Declared]:
    """Yield the variables and outputs of a module."""
    for kind, block in _blocks(module):
        yield Declared(kind, block.labels[0], declared(module, block, _address(kind, block.labels[0])))


def _blocks(module: ModuleInstance) -> Iterator[tuple[str, Block]]:
    groups: Mapping[str, Mapping[str, Block]] = {
        "variable": module.declarations.variables,
        "output": module.declarations.outputs,
    }
    for kind, blocks in groups.items():
        yield from ((kind, block) for block in blocks.values())


def _address(kind: str, name: str) -> str:
    return f"var.{name}" if kind == "variable" else f"output.{name}"
