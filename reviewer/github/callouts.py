"""What a change does to its own review: an edited configuration, an edited workflow, a loosened ``fail-on``.

The configuration of the base branch decides, so nobody switches off their own check with it. But from the
merge on the new one holds, and a workflow holds at once: whoever approves the change must see that.
"""

from __future__ import annotations

import json
from itertools import zip_longest
from typing import TYPE_CHECKING

import yaml

from reviewer import globs
from reviewer.change.tree import MissingFileError, UnreadableFileError
from reviewer.checks import CHECKS
from reviewer.config.config import DEFAULT_PATH, Config, options_of
from reviewer.config.file import InvalidConfigError
from reviewer.config.file import load as load_config
from reviewer.errors import UsageError
from reviewer.escape import code
from reviewer.own.installed import installed_checks
from reviewer.own.policy import read_policy
from reviewer.review import Notice
from reviewer.yaml_nodes import YamlError, compose, entries

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from reviewer.change.change import Change
    from reviewer.change.diff import ChangedFile
    from reviewer.change.tree import Tree

WORKFLOWS = (".github/workflows/*.yml", ".github/workflows/*.yaml")
ACTION = "eks-review"
"""The name of this action's repository, whoever owns the copy that a workflow uses."""
_DEFAULTS = Config()
_DEFAULT_INPUTS = {
    "comment": "true",
    "config": DEFAULT_PATH,
    "fail-on": str(_DEFAULTS.fail_on),
    "gate": str(_DEFAULTS.gate),
    "max-comments": str(_DEFAULTS.max_comments),
}
_FROM_STRICT_TO_LOOSE = ["low", "medium", "high", "critical", "never"]


def read_configuration(text: str | None, path: str) -> Config:
    """Return the configuration in ``text``, the defaults for ``None``. Raises ``InvalidConfigError``."""
    names = {check.id: check.name for check in (*CHECKS.values(), *installed_checks().values())}
    return Config() if text is None else load_config(text, path, names)


def callouts(change: Change, path: str, base_text: str | None) -> list[Notice]:
    """Return what a reader must know about the settings.

    ``path`` and ``base_text`` are the configuration file that held, ``None`` when the base has none.
    """
    policies = read_configuration(base_text, path).policies
    notices = [*_configuration(change, path, base_text), *_policies(change, policies), *_workflows(change)]
    if base_text is None and path != DEFAULT_PATH:
        notices.append(Notice(f"{code(path)} is not on the base branch: the defaults hold."))
    return notices


def _configuration(change: Change, path: str, base_text: str | None) -> Iterator[Notice]:
    if path not in {name for file in change.files for name in (file.path, file.old_path)}:
        return
    head_text = _text(change.head, path)
    verb = "adds" if base_text is None else "removes" if head_text is None else "edits"
    held = "the defaults" if base_text is None else "the file of the base branch"
    yield Notice(
        f"This change {verb} {code(path)}{_configured(path, base_text, head_text)}."
        f" The review ran with {held}; the new state holds once it is merged.",
        path if head_text is not None else None,
        urgent=True,
    )


def _configured(path: str, base_text: str | None, head_text: str | None) -> str:
    """Say which settings differ, or that the new file would break every later run."""
    try:
        old, new = read_configuration(base_text, path), read_configuration(head_text, path)
    except InvalidConfigError as error:
        mistake = str(error).partition("\n")[0]
        return f", and with {code(mistake, 300)} every review after the merge would fail"
    told = [
        _changed(option.key, option.kind.plain(before), option.kind.plain(after))
        for option in options_of()
        if (before := getattr(old, option.field)) != (after := getattr(new, option.field))
    ]
    return f": {'; '.join(told)}" if told else ""


def _changed(key: str, before: object, after: object) -> str:
    old, new = (each if isinstance(each, str) else json.dumps(each, default=str) for each in (before, after))
    verb = "is loosened" if key == "fail-on" and _is_looser(old, new) else "changes"
    return f"{code(key)} {verb} from {code(old)} to {code(new)}"


def _is_looser(before: str, after: str) -> bool:
    order = _FROM_STRICT_TO_LOOSE
    return before in order and after in order and order.index(after) > order.index(before)


def _policies(change: Change, patterns: Sequence[str]) -> Iterator[Notice]:
    """Tell of edited policies, and what would break every later run."""
    for file in change.files:
        names = {name for name in (file.path, file.old_path) if name}
        if any(globs.matches_any(patterns, name) for name in names):
            yield Notice(
                f"This change edits the policy {code(file.path)}{_mistaken(change, file.path)}."
                " The review ran with the policies of the base branch; the new ones hold once it is merged.",
                file.path,
                urgent=True,
            )


def _mistaken(change: Change, path: str) -> str:
    text = _text(change.head, path)
    try:
        if text is not None:
            read_policy(path, text)
    except UsageError as error:
        return f", and with {code(str(error), 300)} every review after the merge would fail"
    return ""


def _workflows(change: Change) -> Iterator[Notice]:
    for file in change.files:
        if globs.matches_any(WORKFLOWS, file.path) or globs.matches_any(WORKFLOWS, file.old_path or ""):
            yield from _workflow(change, file)


def _workflow(change: Change, file: ChangedFile) -> Iterator[Notice]:
    """A workflow runs as the pull request has it, so what it loosens is loose in this very run."""
    before = _steps(_text(change.base, file.old_path) if file.old_path else None)
    after = _steps(_text(change.head, file.path))
    told = [each for pair in zip_longest(before, after) for each in _step(*pair)]
    if told:
        where = file.path if after else None
        yield Notice(
            f"This change edits the workflow {code(file.path)}: {'; '.join(told)}. GitHub runs a workflow as"
            " the pull request has it, so have owners of `.github/workflows` approve such a change.",
            where,
            urgent=True,
        )


def _step(before: Mapping[str, str] | None, after: Mapping[str, str] | None) -> Iterator[str]:
    if before is None:
        return
    if after is None:
        yield "a step that runs EKS Review is removed"
        return
    for key in sorted(before.keys() | after.keys()):
        default = _DEFAULT_INPUTS.get(key, "")
        old, new = before.get(key, default), after.get(key, default)
        if old != new:
            yield _changed(key, old, new)


def _steps(text: str | None) -> list[dict[str, str]]:
    """Return the inputs of each step that uses this action, ``continue-on-error`` and ``if`` among them."""
    try:
        root = compose(text or "")
    except YamlError:
        return []
    return [] if root is None else list(_uses(root))


def _uses(node: yaml.Node) -> Iterator[dict[str, str]]:
    if isinstance(node, yaml.SequenceNode):
        for each in node.value:
            yield from _uses(each)
    if not isinstance(node, yaml.MappingNode):
        return
    step = {key: value for key, _, value in entries(node)}
    if _is_this_action(step.get("uses")):
        kept: dict[str, yaml.Node] = {key: step[key] for key in ("if", "continue-on-error") if key in step}
        inputs = step.get("with")
        if isinstance(inputs, yaml.MappingNode):
            kept |= {key: value for key, _, value in entries(inputs)}
        yield {key: str(value.value) for key, value in kept.items() if isinstance(value, yaml.ScalarNode)}
        return
    for value in step.values():
        yield from _uses(value)


def _is_this_action(uses: yaml.Node | None) -> bool:
    name = str(uses.value).partition("@")[0] if isinstance(uses, yaml.ScalarNode) else ""
    return name.rpartition("/")[2] == ACTION


def _text(tree: Tree, path: str) -> str | None:
    """Return a file, ``None`` when it is not there or cannot be read."""
    try:
        return tree.read(path).decode("utf-8", "replace")
    except (MissingFileError, UnreadableFileError):
        return None
