"""The action's inputs, and the message for each wrong one."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest
import yaml

from reviewer.config.choices import FailOn, Gate
from reviewer.config.config import Config
from reviewer.errors import UsageError
from reviewer.github.inputs import read_inputs, variable

ACTION = Path(__file__).resolve().parents[2] / "action.yml"


def given(**values: str) -> dict[str, str]:
    return {variable(name.replace("_", "-")): value for name, value in values.items()}


def test_names_keep_their_hyphens() -> None:
    assert variable("fail-on") == "INPUT_FAIL-ON"
    assert variable("two words") == "INPUT_TWO_WORDS"


def test_defaults_of_the_action_count_as_not_given() -> None:
    """The configuration file must be able to say something else than what the runner fills in."""
    inputs = yaml.safe_load(ACTION.read_text())["inputs"]
    read = read_inputs({variable(name): str(each.get("default", "")) for name, each in inputs.items()})
    assert (read.fail_on, read.gate, read.max_comments) == (None, None, None)
    assert read.comment
    assert not read.resolve_threads
    assert read.config == ".eks-review.yml"


def test_action_has_the_inputs_that_are_read_and_the_defaults_of_the_configuration() -> None:
    inputs = yaml.safe_load(ACTION.read_text())["inputs"]
    assert set(inputs) == {
        *("github-token", "config", "fail-on", "gate", "max-comments", "comment", "status-context"),
        *(
            "resolve-threads",
            "sarif-file",
            "json-file",
            "html-file",
            "markdown-file",
            "import-sarif",
            "plan-file",
        ),
    }
    defaults = Config()
    assert inputs["fail-on"]["default"] == defaults.fail_on
    assert inputs["gate"]["default"] == defaults.gate
    assert inputs["max-comments"]["default"] == str(defaults.max_comments)


def test_nothing_given_is_fine() -> None:
    read = read_inputs({})
    assert (read.token, read.comment, read.import_sarif) == ("", True, ())


def test_there_may_be_a_plan_for_each_root_module() -> None:
    read = read_inputs(given(plan_file="infra/dev=dev.json\n  prod.json\n"))
    assert read.plan_file == ("infra/dev=dev.json", "prod.json")


def test_values_are_typed() -> None:
    read = read_inputs(
        given(fail_on="low", gate="touched", max_comments="7", comment="False", json_file="out/review.json")
    )
    assert (read.fail_on, read.gate, read.max_comments) == (FailOn.LOW, Gate.TOUCHED, 7)
    assert not read.comment
    assert read.json_file == PurePosixPath("out/review.json")


def test_configuration_is_found_by_any_spelling_of_its_path() -> None:
    assert read_inputs(given(config="./ci//eks-review.yml")).config == "ci/eks-review.yml"


def test_lists_are_lines_or_commas() -> None:
    read = read_inputs(given(import_sarif="a.sarif\n  b/*.sarif , c.sarif\n"))
    assert read.import_sarif == ("a.sarif", "b/*.sarif", "c.sarif")


def test_token_is_not_in_the_representation() -> None:
    assert "ghs_secret" not in repr(read_inputs(given(github_token="ghs_secret")))


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        (
            "fail_on",
            "severe",
            "Input `fail-on` is 'severe'; expected one of critical, high, medium, low, never.",
        ),
        ("gate", "all", "Input `gate` is 'all'; expected one of introduced, touched."),
        ("max_comments", "many", "Input `max-comments` is 'many'; expected a whole number from 0 to 100."),
        ("max_comments", "-1", "Input `max-comments` is '-1'; expected a whole number from 0 to 100."),
        ("max_comments", "101", "Input `max-comments` is '101'; expected a whole number from 0 to 100."),
        ("max_comments", "9" * 5000, "expected a whole number from 0 to 100."),
        ("max_comments", "٣", "Input `max-comments` is '٣'; expected a whole number from 0 to 100."),
        ("comment", "yes", "Input `comment` is 'yes'; expected true or false."),
        ("resolve_threads", "1", "Input `resolve-threads` is '1'; expected true or false."),
        ("json_file", "/etc/passwd", "expected a file path relative to the workspace, without `..`."),
        ("json_file", "a/../../b", "expected a file path relative to the workspace, without `..`."),
        ("config", "../loose.yml", "Input `config` is '../loose.yml'; expected a file path relative to"),
        ("html_file", ".", "Input `html-file` is '.'; expected a file path"),
        ("status_context", "x" * 300, "expected one line of at most 255 characters."),
        ("status_context", "a\nb", "expected one line of at most 255 characters."),
    ],
)
def test_wrong_input_is_named(name: str, value: str, expected: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_inputs(given(**{name: value}))
    assert expected in str(caught.value)
    assert len(str(caught.value)) < 250
