"""A configuration: the Terraform code of one revision, folder by folder, read and evaluated on demand."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar, cast

from reviewer.change.tree import MissingFileError, Tree, UnreadableFileError
from reviewer.terraform import json_syntax, syntax
from reviewer.terraform.constraint import ANY, Constraint, parse_constraint
from reviewer.terraform.expressions.parser import ExpressionParser
from reviewer.terraform.files import TreeFiles
from reviewer.terraform.module import CONFIGURATION_SUFFIXES, Declarations, declare, replaced_by
from reviewer.terraform.module_instance import ModuleInstance
from reviewer.terraform.syntax import Attribute, Diagnostic, SourceFile
from reviewer.terraform.text import SourceText
from reviewer.terraform.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from reviewer.terraform.expressions.nodes import Node
    from reviewer.terraform.functions import Files
    from reviewer.terraform.instance import Instance
    from reviewer.terraform.plan.root_plan import RootPlan


T = TypeVar("T")


@dataclass(slots=True)
class Sources:
    """Parsed files by path and content: what base and head have in common is parsed once."""

    expressions: ExpressionParser = field(default_factory=ExpressionParser)
    _files: dict[tuple[str, str], SourceFile] = field(default_factory=dict)
    _texts: dict[tuple[object, str, str], object] = field(default_factory=dict)

    @property
    def parsed(self) -> int:
        """Return how many files were parsed: the work a benchmark counts."""
        return len(self._files)

    def file(self, tree: Tree, path: str) -> SourceFile:
        """Return a parsed file. What cannot be read is an empty file with a diagnostic."""
        try:
            key = (path, tree.blob_id(path))
            if key not in self._files:
                self._files[key] = _parse(path, tree.read(path))
            return self._files[key]
        except UnreadableFileError as error:
            return _empty(path, Diagnostic(path, 1, f"not analysed: {error.reason}"))
        except MissingFileError:
            return _empty(path, Diagnostic(path, 1, "not analysed: the file does not exist"))

    def text(self, tree: Tree, path: str) -> SourceText | None:
        """Return a small text file; None when it cannot be read."""
        return self.derived(_itself, tree, path)

    def derived(self, make: Callable[[SourceText], T], tree: Tree, path: str) -> T | None:
        """Return ``make(text)`` of a small text file, made once per content; None when it cannot be read."""
        try:
            key = (make, path, tree.blob_id(path))
            if key not in self._texts:
                text = syntax.decode(tree.read(path), path)
                self._texts[key] = make(text) if isinstance(text, SourceText) else None
        except (MissingFileError, UnreadableFileError):
            return None
        return cast("T | None", self._texts[key])


def _itself(text: SourceText) -> SourceText:
    return text


def _parse(path: str, content: bytes) -> SourceFile:
    text = syntax.decode(content, path)
    if isinstance(text, Diagnostic):
        return _empty(path, text)
    return json_syntax.parse(text) if path.endswith(".json") else syntax.parse(text)


def _empty(path: str, diagnostic: Diagnostic) -> SourceFile:
    return SourceFile(SourceText(path, ""), {}, (), diagnostics=(diagnostic,))


@dataclass(slots=True, eq=False)
class Configuration:
    """The code of one tree. ``var_files`` are further paths in the tree, used for every root.

    ``named`` are files of variables for one root module only, by its folder, which win over all others.
    ``plans`` are by the folder of the root module they are of. ``passed_on`` knows outputs of modules whose
    code is elsewhere: those that are one of the call's arguments.
    """

    tree: Tree
    sources: Sources
    var_files: tuple[str, ...] = ()
    plans: Mapping[str, RootPlan] = field(default_factory=dict)
    named: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    passed_on: Callable[[Instance, str], Value | None] | None = None
    modules: int = 0
    """Module instances so far, root modules aside."""
    instances: int = 0
    """Instances of repeated blocks so far."""
    left_out: dict[str, str] = field(default_factory=dict)
    """Folders of modules that are not looked into, and why: what is in them may hold findings."""
    _declarations: dict[str, Declarations] = field(default_factory=dict)
    _roots: dict[str, ModuleInstance] = field(default_factory=dict)
    _constraints: dict[Attribute, Constraint] = field(default_factory=dict)
    _derived: dict[tuple[object, ...], object] = field(default_factory=dict)
    _others: Configuration | None = None
    """Where the root modules are that the ``named`` files are not for: they are evaluated once."""

    def with_plans(self, plans: Mapping[str, RootPlan]) -> Configuration:
        """Return the same code with what plans say of it."""
        return replace(self, plans=plans, _roots={}, _derived={}) if plans else self

    def with_named(self, folder: str, *paths: str) -> Configuration:
        """Return the same code with a root module as a run with ``-var-file`` sees it; no plan is of that."""
        plans = {root: plan for root, plan in self.plans.items() if root != folder}
        return replace(
            self,
            plans=plans,
            named={folder: paths},
            modules=0,
            instances=0,
            _roots={},
            _derived={},
            _others=self,
        )

    def on(self, tree: Tree) -> Configuration:
        """Return what another tree holds, looked at in the same way."""
        return Configuration(
            tree, self.sources, self.var_files, self.plans, self.named, passed_on=self.passed_on
        )

    def derived(self, make: Callable[..., T], *arguments: object) -> T:
        """Return ``make(*arguments)``, computed once: what views gather from the whole configuration."""
        key = (make, *arguments)
        if key not in self._derived:
            self._derived[key] = make(*arguments)
        return cast("T", self._derived[key])

    def file(self, path: str) -> SourceFile:
        """Return one parsed file of the tree."""
        return self.sources.file(self.tree, path)

    def expression(self, attribute: Attribute) -> Node:
        """Return the expression tree of an attribute."""
        return attribute.parsed or self.sources.expressions.parse(attribute.expression.text)

    def constraint(self, attribute: Attribute, default: Callable[[Node], Value]) -> Constraint:
        """Return the type constraint an attribute holds, read once; ``default`` evaluates what it names."""
        if attribute not in self._constraints:
            self._constraints[attribute] = parse_constraint(self.expression(attribute), default) or ANY
        return self._constraints[attribute]

    def declarations(self, folder: str) -> Declarations:
        """Return what the files of a folder declare; nothing when there is no such folder."""
        if folder not in self._declarations:
            present = self.tree.files_in(folder)
            paths = (each for each in present if each.endswith(CONFIGURATION_SUFFIXES))
            read = [self.file(each) for each in paths if replaced_by(each, present) is None]
            self._declarations[folder] = declare(folder, read)
        return self._declarations[folder]

    def root(self, folder: str) -> ModuleInstance:
        """Return the root module of a folder, its variables assigned as ``terraform plan`` would."""
        if self._others is not None and folder not in self.named:
            return self._others.root(folder)
        if folder not in self._roots:
            self._roots[folder] = self.planned_root(folder, self.plans.get(folder))
        return self._roots[folder]

    def planned_root(self, folder: str, plan: RootPlan | None) -> ModuleInstance:
        """Return the root module of a folder with what ``plan`` says of it."""
        assignments = _assignments(self.file(path) for path in self.variable_files(folder))
        return ModuleInstance(self, self.declarations(folder), assignments=assignments, plan=plan)

    def variable_files(self, folder: str) -> tuple[str, ...]:
        """Return the files that assign variables of a root module, weakest first.

        Source: Terraform language documentation, "Variable Definition Precedence".
        """
        paths = self.tree.files_in(folder)
        fixed = [
            f"{folder}/{name}" if folder else name for name in ("terraform.tfvars", "terraform.tfvars.json")
        ]
        automatic = sorted(each for each in paths if is_automatic(each))
        found = (each for each in fixed if each in paths)
        return (*found, *automatic, *self.var_files, *self.named.get(folder, ()))

    def leave_out(self, folder: str, reason: str) -> None:
        """Note that some instance of a module is not looked into."""
        self.left_out.setdefault(folder, f"not analysed: {reason}")

    def files_for(self, module: ModuleInstance) -> Files:
        """Return the files that functions called in ``module`` may read."""
        return TreeFiles(self.tree, self.sources, module.root.folder)

    def opaque_module(self, call: Instance) -> Value:
        """Return the value of a module whose code is not in the repository."""

        def output(name: str) -> Value | None:
            known = None if self.passed_on is None else self.passed_on(call, name)
            if known is None or known.is_unknown:
                return None
            reference = f"{call.address}.{name}"
            data = Unknown(f"`{reference}` is not known from the code", reference, planned=known)
            return Value(data, origins=known.origins, sensitive=known.sensitive)

        reason = f"`{call.address}` is not known from the code"
        return Value(Unknown(reason, call.address, members=output))


def is_automatic(path: str) -> bool:
    """Tell whether Terraform loads a variables file by its name alone."""
    return path.endswith((".auto.tfvars", ".auto.tfvars.json"))


def _assignments(files: Iterable[SourceFile]) -> Mapping[str, Attribute]:
    found: dict[str, Attribute] = {}
    for file in files:
        found.update(file.attributes)
    return found
