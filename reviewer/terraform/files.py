"""The files that functions of a module may read: those of the reviewed tree, and nothing else."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import field
from msgspec.structs import replace

from reviewer.change.tree import MissingFileError, UnreadableFileError
from reviewer.record import Record
from reviewer.terraform.evaluator import Step, evaluate
from reviewer.terraform.expressions.lexer import TooDeepError, UnterminatedError
from reviewer.terraform.limits import UnsupportedError
from reviewer.terraform.text import Range, SourceText
from reviewer.terraform.value import EvaluationError, Unknown, Value, unknown

if TYPE_CHECKING:
    from reviewer.change.tree import Tree
    from reviewer.terraform.configuration import Sources
    from reviewer.terraform.expressions.nodes import Node
    from reviewer.terraform.functions.function import Files


class TreeFiles(Record, eq=False):
    """Implements :class:`reviewer.terraform.functions.Files` on a tree.

    Relative paths start from ``root_folder``, whatever module makes the call.
    """

    tree: Tree
    sources: Sources
    root_folder: str

    def read_bytes(self, path: str) -> bytes:
        """Return the content of a file."""
        try:
            return self.tree.read(self._inside(path))
        except MissingFileError as error:
            raise FileNotFoundError(path) from error
        except UnreadableFileError as error:
            message = f"`{path}` cannot be read: {error.reason}"
            raise UnsupportedError(message) from error

    def whole(self, path: str) -> tuple[Range, ...]:
        """Return all of a text file, as where a value comes from; nothing for one that is no text."""
        source = self.sources.text(self.tree, self._inside(path))
        return () if source is None else (Range(source, 0, len(source.text)),)

    def exists(self, path: str) -> bool:
        """Tell whether a regular file is there; raises ``EvaluationError`` when it is a folder."""
        inside = self._inside(path)
        if inside in self.tree.files_in(posixpath.dirname(inside)):
            return True
        if any(each.startswith(f"{inside}/") for each in self.tree.paths()):
            message = f"{path} is a directory, not a file"
            raise EvaluationError(message)
        return False

    def list(self, folder: str) -> Sequence[str]:
        """Return the paths, relative to ``folder``, of all regular files in it and below."""
        inside = self._inside(folder)
        prefix = f"{inside}/" if inside else ""
        return [each.removeprefix(prefix) for each in self.tree.paths() if each.startswith(prefix)]

    def render(self, path: str, variables: Value) -> Value:
        """Return the file rendered as a template, as ``templatefile`` does."""
        try:
            text = self.read_bytes(path).decode()
        except UnicodeDecodeError as error:
            message = f"{path} is not UTF-8"
            raise EvaluationError(message) from error
        return self._rendered(SourceText(self._inside(path), text), variables)

    def render_text(self, template: Value, variables: Value) -> Value:
        """Return a string rendered as a template, as ``templatestring`` does."""
        if not isinstance(template.data, str):
            return template
        rendered = self._rendered(SourceText("", template.data), variables)
        return replace(rendered, origins=template.origins)

    def _rendered(self, source: SourceText, variables: Value) -> Value:
        if isinstance(variables.data, Unknown):
            return unknown(variables.data.reason, origins=variables.origins)
        if not isinstance(variables.data, Mapping):
            message = "the variables of a template must be a map"
            raise EvaluationError(message)
        scope = _TemplateScope(self, variables.data)
        node = self._parsed(source.text)
        return evaluate(node, scope, lambda start, end: Range(source, start, end), {})

    def _parsed(self, text: str) -> Node:
        try:
            return self.sources.expressions.parse_template(text)
        except (TooDeepError, UnterminatedError) as error:
            message = "the template cannot be parsed"
            raise EvaluationError(message) from error

    def _inside(self, path: str) -> str:
        """Return the path in the tree; raises ``UnsupportedError`` for one outside."""
        if path.startswith(("/", "~")):
            message = f"`{path}` is outside the repository"
            raise UnsupportedError(message)
        joined = posixpath.normpath(posixpath.join(self.root_folder, path))
        if joined == ".." or joined.startswith("../"):
            message = f"`{path}` is outside the repository"
            raise UnsupportedError(message)
        return "" if joined == "." else joined


class _TemplateScope(Record, eq=False):
    """The names in a template file: its variables, and nothing of the module."""

    files: Files
    variables: Mapping[str, Value] = field(default_factory=dict)

    def resolve(self, root: str, steps: tuple[Step, ...], at: Range) -> tuple[Value, int]:
        """Resolve a variable of the template."""
        del steps
        if root in self.variables:
            return self.variables[root].via(at), 0
        message = f"the template uses {root!r}, which it is not given"
        raise EvaluationError(message)
