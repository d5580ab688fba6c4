"""Whatever breaks around a review: no success without a complete one, and no report that is cut off."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import pytest

from reviewer import action, files
from reviewer.errors import LostReportError, UsageError
from reviewer.github import runner
from tests.change.repo import Repo
from tests.command import COMMAND, TODAY, environment

if TYPE_CHECKING:
    from collections.abc import Callable

CLOSED = """\
resource "aws_vpc_security_group_ingress_rule" "ssh" {
  security_group_id = "sg-1"
  cidr_ipv4         = "10.0.0.0/8"
  from_port         = 22
  to_port           = 22
  ip_protocol       = "tcp"
}
"""


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """Return a repository whose change has no finding: a complete review of it is a success."""
    repo = Repo.create(tmp_path / "repo")
    repo.commit({"main.tf": "\n"})
    repo.write("main.tf", CLOSED)
    return repo


def review_of(repo: Repo, *options: str) -> list[str]:
    return ["review", "--repo", str(repo.root), "--select", "EKS-SEC-101", *TODAY, *options]


def run(
    repo: Repo, limit: Callable[[], None] | None = None, *options: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *review_of(repo, *options)],
        # Python itself keeps half a file of byte code when there is no room for all of it.
        env=environment(PYTHONDONTWRITEBYTECODE="1", **variables),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        preexec_fn=limit,
    )


def test_undisturbed_it_is_a_success(repo: Repo) -> None:
    assert run(repo).returncode == 0


STARTED = "print('started', flush=True); import runpy; runpy.run_module('reviewer', run_name='__main__')"
"""Says when Python has started: an interrupt before that ends with Python's own 1, whatever the program is."""


@pytest.mark.parametrize("after", [0.0, 0.1, 0.2, 0.4])
@pytest.mark.parametrize("kind", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_killed_at_any_moment_it_is_a_whole_success_or_none(
    repo: Repo, tmp_path: Path, after: float, kind: signal.Signals
) -> None:
    report = tmp_path / "report.json"
    report.write_text("old")
    with subprocess.Popen(
        [sys.executable, "-c", STARTED, *review_of(repo, "--format", "json", "--output", str(report))],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == b"started\n"
        try:
            process.wait(after)
        except subprocess.TimeoutExpired:
            process.send_signal(kind)
        code = process.wait(60)
    written = report.read_text()
    if code == 0:
        assert json.loads(written)["verdict"]["conclusion"] == "success"
    else:
        assert code in {3, -kind}
        assert written == "old" or json.loads(written)["verdict"]["conclusion"] == "success"


def test_stopped_while_it_is_loaded_it_says_so() -> None:
    """Loading takes a tenth of a second: nobody who stops it then wants to read where in it that was."""
    code = (
        "import sys\n"
        "class Finder:\n"
        "    def find_spec(name, path, target=None):\n"
        "        if name == 'reviewer.cli.main': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Finder)\n"
        "from reviewer.__main__ import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "review"], capture_output=True, text=True, check=False, env=environment()
    )
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == "eks-review: interrupted before the review was complete\n"


def limited(size: int) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def test_no_room_for_the_report_is_no_success_and_the_old_one_stays(repo: Repo, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    report.write_text("old")
    done = run(repo, partial(limited, 600), "--format", "json", "--output", str(report))
    assert (done.returncode, report.read_text()) == (3, "old")
    assert done.stderr == f"eks-review: {report}: the report cannot be written: File too large\n"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["repo", "report.json"]


def test_no_room_for_anything_is_no_success(repo: Repo) -> None:
    assert run(repo, partial(limited, 0)).returncode == 3


def test_no_memory_is_no_success(repo: Repo) -> None:
    def little() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (30 * 2**20, 30 * 2**20))

    assert run(repo, little).returncode not in {0, 1}


@pytest.mark.parametrize(
    ("command", "module"), [("review", "reviewer.cli.main"), ("action", "reviewer.action")]
)
def test_what_cannot_even_be_loaded_is_no_success(command: str, module: str) -> None:
    """A library that is missing, or no memory for one: Python would end with 1, as findings do."""
    code = f"import sys; sys.modules[{module!r}] = None; from reviewer.__main__ import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, command], capture_output=True, text=True, check=False, env=environment()
    )
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith(
        "eks-review: it cannot start, so nothing was reviewed: ModuleNotFoundError("
    )
    assert done.stderr.count("\n") == 1


def test_no_more_open_files_is_no_success(repo: Repo) -> None:
    def few() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (5, 5))

    assert run(repo, few).returncode not in {0, 1}


def test_no_processes_is_no_success(repo: Repo, tmp_path: Path) -> None:
    broken = tmp_path / "bin"
    broken.mkdir()
    (broken / "git").write_text("#!/bin/sh\nkill -9 $$\n")
    (broken / "git").chmod(0o755)
    done = run(repo, None, PATH=str(broken))
    assert done.returncode == 3
    assert done.stderr.startswith("eks-review: ")


@pytest.mark.parametrize(
    "script",
    [
        "exit 0",
        "echo nonsense",
        "exit 1",
        "yes | head -c 100000",
        "printf '\\377\\376'",
        "exec cat >/dev/null",
    ],
)
def test_a_git_that_talks_nonsense_is_no_success(repo: Repo, tmp_path: Path, script: str) -> None:
    broken = tmp_path / "bin"
    broken.mkdir()
    (broken / "git").write_text(f"#!/bin/sh\n{script}\n")
    (broken / "git").chmod(0o755)
    done = run(repo, None, PATH=f"{broken}:{os.environ['PATH']}")
    assert done.returncode in {2, 3}, done.stderr
    assert "Traceback" not in done.stderr


def test_without_git_it_is_no_success(repo: Repo, tmp_path: Path) -> None:
    done = run(repo, None, PATH=str(tmp_path))
    assert (done.returncode, done.stdout) == (3, "")
    assert "git" in done.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_no_success(repo: Repo) -> None:
    (repo.root / "main.tf").chmod(0)
    assert run(repo).returncode == 3


def test_a_file_that_cannot_be_read_is_no_success(repo: Repo) -> None:
    (repo.root / "main.tf").unlink()
    (repo.root / "main.tf").symlink_to("/proc/self/mem")
    done = run(repo)
    assert done.returncode == 3


def test_a_damaged_repository_is_no_success(repo: Repo) -> None:
    for each in (repo.root / ".git/objects").rglob("*"):
        if each.is_file():
            each.chmod(0o600)
            each.write_bytes(b"damaged")
    done = run(repo)
    assert done.returncode in {2, 3}
    assert "Traceback" not in done.stderr


LOCALES = [
    {"LC_ALL": "xx_YY.nonsense"},
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    {"LANG": "tr_TR.UTF-8", "LC_ALL": ""},
    {"PYTHONIOENCODING": "ascii"},
]


@pytest.mark.parametrize("variables", LOCALES)
def test_no_locale_changes_the_verdict(repo: Repo, variables: dict[str, str]) -> None:
    assert run(repo, None, **variables).returncode == 0
    repo.write("ä ö.tf", CLOSED.replace("10.0.0.0/8", "0.0.0.0/0").replace('"ssh"', '"İı"'))
    done = run(repo, None, "--format", "json", **variables)
    assert done.returncode == 1
    assert [each["path"] for each in json.loads(done.stdout)["findings"]] == ["ä ö.tf"]


@pytest.mark.parametrize("zone", ["", "Nowhere/City", "UTC-25", "Pacific/Kiritimati"])
def test_no_time_zone_changes_the_verdict(repo: Repo, zone: str) -> None:
    assert run(repo, None, TZ=zone).returncode == 0


def test_a_clock_that_jumps_ends_no_review(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time budget counts on a clock that nobody sets."""
    from reviewer.deadline import Deadline

    deadline = Deadline.after(100)
    monkeypatch.setattr("time.time", lambda: 4e9)
    assert not deadline.is_over
    assert run(repo, None, "--today", "1970-01-01").returncode == 0


# --- reports are whole ----------------------------------------------------------------------------


def fail(*_arguments: object, **_named: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_report_of_the_action_is_whole_or_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "r.json").write_text("old")
    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(LostReportError, match=r"`r\.json` cannot be written: No space left on device\."):
        runner.write_report(tmp_path, PurePosixPath("r.json"), "{}")
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("r.json", "old")]


def test_a_report_of_the_command_is_whole_or_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "r.json").write_text("old")
    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="No space"):
        files.write_atomically(tmp_path / "r.json", "{}")
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("r.json", "old")]


def test_a_folder_in_place_of_the_report_is_named(tmp_path: Path) -> None:
    (tmp_path / "r.json").mkdir()
    with pytest.raises(UsageError, match=r"`r\.json` cannot be written: there is a link or a folder"):
        runner.write_report(tmp_path, PurePosixPath("r.json"), "{}")


def test_a_lost_report_of_the_action_is_no_success(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def lost(*_arguments: object) -> int:
        raise LostReportError("`r.json` cannot be written: No space left on device.")

    monkeypatch.setattr(action, "_run", lost)
    import sys

    summary = tmp_path / "summary"
    assert action.main({"GITHUB_STEP_SUMMARY": str(summary)}, sys.stdout) == 3
    assert "::error" in capsys.readouterr().out
    assert "a report was lost" in summary.read_text()
