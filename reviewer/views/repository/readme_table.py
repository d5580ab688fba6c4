"""What the generated table of a README says about the variables and outputs of its module."""

from __future__ import annotations

import posixpath
import re
from enum import Enum
from typing import TYPE_CHECKING, Self

from reviewer.record import Record
from reviewer.terraform.text import Range
from reviewer.views.declaration import whole_file
from reviewer.views.repository.interface import Declared, members, modules
from reviewer.views.repository_files import read_text
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reviewer.terraform.module_instance import ModuleInstance
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
_NAME = re.compile(r"[\w-]+")
_BAR = re.compile(r"(?<!\\)\|")
_CODE = re.compile(r"`[^`]*`")
_PLAIN = re.compile(r"\"[\w ./:-]*\"|true|false|\d+")
_KINDS = {"input": "variable", "output": "output"}


class Wrong(Enum):
    """How a table is out of date."""

    MISSING = "missing"
    DEFAULT = "default"
    LEFT = "left"


class Stale(Record, eq=False):
    """One variable or output that a table has wrong; ``at`` is its block, or the entry that is left over."""

    wrong: Wrong
    kind: str
    name: str
    at: Range

    @property
    def key(self) -> str:
        """Return what tells it from others of the same table."""
        return f"{self.wrong.value} {self.kind}.{self.name}"


class Content(Record, eq=False):
    """What stands in a table: the kinds and names it lists, plain defaults, and entries with an anchor."""

    kinds: frozenset[str]
    names: frozenset[str]
    defaults: Mapping[str, str]
    entries: tuple[tuple[str, str, Range], ...]


class ReadmeTable(View):
    """A README with what terraform-docs wrote into it between its markers."""

    path: str
    content: Content
    module: ModuleInstance

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield the README of every module that has such a table, once; examples and tests are left out."""
        for module in modules(context):
            table = cls.of(module)
            if table is not None:
                yield table

    @classmethod
    def of(cls, module: ModuleInstance) -> Self | None:
        """Return the table of a module's folder; None without the markers."""
        path = posixpath.join(module.folder, "README.md")
        configuration = module.configuration
        if path not in configuration.tree.files_in(module.folder):
            return None
        source, content = (
            read_text(module, path),
            configuration.sources.derived(_read, configuration.tree, path),
        )
        if source is None or content is None:
            return None
        return cls(whole_file(module, source), module.full("table of README.md"), path, content, module)

    @property
    def written(self) -> str:
        """Return the path of the README."""
        return self.path

    def is_touched(self, changed: ChangedLines) -> bool | None:
        """Tell whether a variable or an output of the module changed."""
        return any(changed.meet(each.instance.block.range) for each in members(self.module))

    def stale(self) -> Iterator[Stale]:
        """Yield what the table has wrong: first what is declared, then what is left over."""
        content = self.content
        declared = [each for each in members(self.module) if each.kind in content.kinds]
        for each in declared:
            if each.name not in content.names:
                yield Stale(Wrong.MISSING, each.kind, each.name, each.instance.block.header)
            elif each.kind == "variable" and _differ(content.defaults.get(each.name), _plain_default(each)):
                yield Stale(Wrong.DEFAULT, each.kind, each.name, each.instance.block.header)
        known = {(each.kind, each.name) for each in declared}
        for kind, name, at in content.entries:
            if (kind, name) not in known:
                known.add((kind, name))
                yield Stale(Wrong.LEFT, kind, name, at)


def _read(source: SourceText) -> Content | None:
    """Return what stands between the markers of a README; None without them."""
    begin = _BEGIN.search(source.text)
    end = _END.search(source.text, begin.end()) if begin is not None else None
    if begin is None or end is None:
        return None
    text = source.text[begin.end() : end.start()]
    entries = tuple(
        (_KINDS[match[1]], match[2], Range(source, begin.end() + match.start(), begin.end() + match.end()))
        for match in _ANCHOR.finditer(text)
    )
    kinds = frozenset(kind for kind, heading in _HEADINGS.items() if heading.search(text))
    names = frozenset(_NAME.findall(text.replace("\\_", "_")))
    return Content(kinds, names, _defaults(text), entries)


def _defaults(text: str) -> Mapping[str, str]:
    """Return the defaults of variables, as JSON, by their name; those that are not plain are left out."""
    found: dict[str, str] = {}
    columns: list[str] = []
    for line in text.splitlines():
        if not line.startswith("|"):
            continue
        cells = [each.strip() for each in _BAR.split(line.strip().strip("|"))]
        if cells[0] == "Name":
            columns = cells
        anchor = _ANCHOR.search(cells[0])
        if anchor is None or anchor[1] != "input" or len(cells) != len(columns):
            continue
        default = cells[columns.index("Default")] if "Default" in columns else ""
        if _CODE.fullmatch(default):
            found[anchor[2]] = default[1:-1]
    return found


def _differ(listed: str | None, written: str | None) -> bool:
    return listed is not None and written is not None and listed != written


def _plain_default(member: Declared) -> str | None:
    """Return the default of a variable as terraform-docs writes it; None unless it is one plain word."""
    attribute = member.instance.block.attributes.get("default")
    text = attribute.expression.text if attribute is not None else ""
    return text if _PLAIN.fullmatch(text) else None
