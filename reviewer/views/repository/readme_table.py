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
    from collections.abc import Iterator

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


class ReadmeTable(View):
    """A README with what terraform-docs wrote into it between its markers: ``text``, from ``start`` on."""

    source: SourceText
    start: int
    text: str
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
        if path not in module.configuration.tree.files_in(module.folder):
            return None
        source = read_text(module, path)
        begin = _BEGIN.search(source.text) if source is not None else None
        end = _END.search(source.text, begin.end()) if source is not None and begin is not None else None
        if source is None or begin is None or end is None:
            return None
        text = source.text[begin.end() : end.start()]
        return cls(whole_file(module, source), path, source, begin.end(), text, module)

    @property
    def written(self) -> str:
        """Return the path of the README."""
        return self.source.path

    def is_touched(self, changed: ChangedLines) -> bool | None:
        """Tell whether a variable or an output of the module changed."""
        return any(changed.meet(each.instance.block.range) for each in members(self.module))

    def lists(self, kind: str) -> bool:
        """Tell whether the table has a part for variables or outputs."""
        return _HEADINGS[kind].search(self.text) is not None

    def stale(self) -> Iterator[Stale]:
        """Yield what the table has wrong: first what is declared, then what is left over."""
        mentioned = frozenset(_NAME.findall(self.text.replace("\\_", "_")))
        declared = [each for each in members(self.module) if self.lists(each.kind)]
        for each in declared:
            if each.name not in mentioned:
                yield Stale(Wrong.MISSING, each.kind, each.name, each.instance.block.header)
            elif not self._has_default_of(each):
                yield Stale(Wrong.DEFAULT, each.kind, each.name, each.instance.block.header)
        known = {(each.kind, each.name) for each in declared}
        for match in _ANCHOR.finditer(self.text):
            entry = (_KINDS[match[1]], match[2])
            if entry not in known:
                known.add(entry)
                at = Range(self.source, self.start + match.start(), self.start + match.end())
                yield Stale(Wrong.LEFT, *entry, at)

    def _has_default_of(self, member: Declared) -> bool:
        """Tell whether the table has a variable's default; what is not one plain word counts as right."""
        attribute = member.instance.block.attributes.get("default")
        text = attribute.expression.text if attribute is not None and member.kind == "variable" else ""
        if not _PLAIN.fullmatch(text):
            return True
        listed = self._default_of(member.name)
        return listed is None or listed == text

    def _default_of(self, name: str) -> str | None:
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
