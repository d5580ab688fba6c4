"""What goes to the runner: nothing from a pull request becomes a command, an output or a file elsewhere."""

from __future__ import annotations

import io
import os
import re
from pathlib import Path, PurePosixPath

import pytest

from reviewer.errors import UsageError
from reviewer.github.runner import SUMMARY_LIMIT, Runner, write_report
from tests.github.world import outputs_of


def runner_in(tmp_path: Path) -> tuple[Runner, io.StringIO]:
    out = io.StringIO()
    environment = {
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
    }
    return Runner(environment, out), out


def is_command(line: str) -> bool:
    """Tell what the runner takes for a command: ``::`` after blanks, or ``##[`` anywhere."""
    return re.match(r"\s*::", line) is not None or "##[" in line


@pytest.mark.parametrize(
    "text",
    [
        "::error::x",
        "  ::add-mask::x",
        "a\n::stop-commands::x",
        "a\r::error::x",
        "a\r\n\t::error::x",
        "a ##[error]x",
        "\x1b[31m::error::x",
        "\x0b::error::x",
        "a\u2028::error::x",
        "a\x85::error::x",
        ":::error::x",
    ],
)
def test_nothing_said_is_a_command(tmp_path: Path, text: str) -> None:
    runner, out = runner_in(tmp_path)
    runner.say(text)
    lines = re.split(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]", out.getvalue())
    assert not any(is_command(line) for line in lines)


def test_annotation_is_one_escaped_line(tmp_path: Path) -> None:
    runner, out = runner_in(tmp_path)
    runner.annotate("error", "100%\n::set-output name=x::y\r\n##[error]z")
    (line,) = out.getvalue().splitlines()
    assert line.startswith("::error title=EKS Review::100%25%0A")
    assert "##[" not in line
    assert "\r" not in line


def test_long_annotation_is_cut(tmp_path: Path) -> None:
    runner, out = runner_in(tmp_path)
    runner.annotate("notice", "x" * 100_000)
    assert len(out.getvalue()) < 4096


def test_output_cannot_set_another(tmp_path: Path) -> None:
    runner, _ = runner_in(tmp_path)
    runner.output("a", "1\nghadelimiter\nb=2\nEOF")
    runner.output("b", "")
    assert outputs_of((tmp_path / "output").read_text()) == {"a": "1\nghadelimiter\nb=2\nEOF", "b": ""}


def test_delimiters_are_random(tmp_path: Path) -> None:
    runner, _ = runner_in(tmp_path)
    runner.output("a", "1")
    runner.output("b", "2")
    delimiters = re.findall(r"<<(ghadelimiter_[0-9a-f-]{36})", (tmp_path / "output").read_text())
    assert len(set(delimiters)) == 2


def test_summary_stays_within_the_limit_of_a_step(tmp_path: Path) -> None:
    runner, _ = runner_in(tmp_path)
    runner.summary("é" * SUMMARY_LIMIT)
    content = (tmp_path / "summary").read_bytes()
    assert len(content) <= SUMMARY_LIMIT
    assert content.decode().endswith("*The rest is left out: a job summary holds 1 MiB.*\n")


def test_without_a_runner_nothing_is_written(tmp_path: Path) -> None:
    runner = Runner({}, io.StringIO())
    runner.output("a", "1")
    runner.summary("x")
    assert list(tmp_path.iterdir()) == []


def test_unwritable_output_is_one_message() -> None:
    runner = Runner({"GITHUB_OUTPUT": "/nowhere/output"}, io.StringIO())
    with pytest.raises(
        UsageError, match=r"^The runner's file /nowhere/output cannot be written: No such file"
    ):
        runner.output("a", "1")


def test_report_is_written_with_its_folders(tmp_path: Path) -> None:
    write_report(tmp_path, PurePosixPath("a/b.json"), "{}")
    assert (tmp_path / "a/b.json").read_text() == "{}"


def test_report_replaces_an_older_one(tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text("a long older report")
    write_report(tmp_path, PurePosixPath("r.json"), "{}")
    assert (tmp_path / "r.json").read_text() == "{}"


def test_report_follows_no_link_at_the_file(tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    (workspace / "r.json").symlink_to(tmp_path / "secret")
    with pytest.raises(UsageError, match=r"`r\.json` cannot be written"):
        write_report(workspace, PurePosixPath("r.json"), "{}")
    assert not (tmp_path / "secret").exists()


def test_report_follows_no_link_at_a_folder(tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    (workspace / "out").symlink_to(tmp_path)
    with pytest.raises(UsageError, match=r"`out/new/r\.json` leads out of the workspace"):
        write_report(workspace, PurePosixPath("out/new/r.json"), "{}")
    assert not (tmp_path / "new").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away, as the container does")
def test_report_and_its_folders_belong_to_the_owner_of_the_workspace(tmp_path: Path) -> None:
    os.chown(tmp_path, 1001, 127)
    write_report(tmp_path, PurePosixPath("a/b/review.json"), "{}")
    for name in ("a", "a/b", "a/b/review.json"):
        found = (tmp_path / name).stat()
        assert (found.st_uid, found.st_gid) == (1001, 127)
