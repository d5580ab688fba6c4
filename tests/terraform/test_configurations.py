"""Whole configurations, each output compared with what ``terraform plan`` says."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reviewer.terraform.configuration import Configuration, Sources
from tests.terraform.oracle import NEEDS_TERRAFORM, Outcome, Verdict, judge, plan_configuration
from tests.trees import tree

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reviewer.terraform.value import Value

_TEXT = Path(__file__).with_name("configurations.txt").read_text(encoding="utf-8")
_FILE = re.compile(r"^-- (\S+)( @var-file)? --\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Case:
    """One configuration: its files, and which of them are given on the command line."""

    name: str
    files: Mapping[str, str]
    var_files: tuple[str, ...]

    def values(self) -> Mapping[str, Value]:
        """Return what the outputs of the root module are worth."""
        root = Configuration(tree(self.files), Sources(), self.var_files).root("")
        return {name: _output(root.output(name)) for name in root.declarations.outputs}


def _output(value: Value | None) -> Value:
    assert value is not None
    return value


def _case(text: str) -> Case:
    name, _, body = text.partition("\n")
    pieces = _FILE.split(body)[1:]
    given = zip(pieces[::3], pieces[1::3], pieces[2::3], strict=True)
    parts = [(path, bool(mark), content.removesuffix("\n")) for path, mark, content in given]
    return Case(
        name.strip(),
        {path: content for path, _, content in parts},
        tuple(path for path, is_given, _ in parts if is_given),
    )


CASES = [_case(text) for text in re.split(r"^== ", _TEXT, flags=re.MULTILINE)[1:]]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Mapping[str, Outcome]]:
    """Plan every configuration, two at a time."""
    folders = {case.name: tmp_path_factory.mktemp("case") for case in CASES}
    with ThreadPoolExecutor(2) as pool:
        planned = pool.map(
            lambda case: plan_configuration(folders[case.name], case.files, case.var_files), CASES
        )
        return dict(zip(folders, planned, strict=True))


@NEEDS_TERRAFORM
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_outputs_are_worth_what_terraform_plans(
    case: Case, outcomes: Mapping[str, Mapping[str, Outcome]]
) -> None:
    values = case.values()

    assert values.keys() == outcomes[case.name].keys()
    assert {
        name: (value, outcomes[case.name][name])
        for name, value in values.items()
        if judge(value, outcomes[case.name][name]) is not Verdict.EQUAL
    } == {}
