"""The command line: options, exit codes, and what goes to which stream."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from reviewer.cli import progress
from reviewer.cli.main import main
from reviewer.report import Format
from tests.change.repo import Repo
from tests.command import COMMAND, TODAY, environment, run, run_on_terminal

OPEN = """\
resource "aws_security_group_rule" "ssh" {
  type              = "ingress"
  from_port         = 22
  to_port           = 22
  protocol          = "tcp"
  cidr_blocks       = [var.who]
  security_group_id = "sg-1"
}

variable "who" {
  default = "0.0.0.0/0"
}
"""


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """Return a repository whose working tree has one critical finding; tests leave it as it is."""
    repo = Repo.create(tmp_path_factory.mktemp("cli") / "repo")
    repo.commit({"README.md": "hello\n"})
    repo.write("main.tf", OPEN)
    return repo


@pytest.fixture
def review(repo: Repo) -> list[str]:
    return ["review", "--repo", str(repo.root), *TODAY]


def err_of(capsys: pytest.CaptureFixture[str]) -> str:
    out, err = capsys.readouterr()
    assert out == ""
    return err


# --- wrong use -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--today", "tomorrow"], "'tomorrow' is not a date such as 2026-11-23."),
        (["--today", "2026-13-45"], "'2026-13-45' is not a date such as 2026-11-23."),
        (["--today", "23.11.2026"], "'23.11.2026' is not a date such as 2026-11-23."),
        (["--fail-on", "hihg"], "'hihg' is not one of 'critical', 'high', 'medium', 'low', 'never'."),
        (["--gate", "all"], "'all' is not one of 'introduced', 'touched'."),
        (["--format", "pdf"], "'pdf' is not one of"),
        (["--formt", "json"], "No such option '--formt'. Did you mean '--format'?"),
        (["--base"], "Option '--base' requires an argument."),
        (["extra"], "Got unexpected extra argument (extra)"),
        (["--format", "json", "--format", "text"], "go in pairs: 2 formats, 1 outputs."),
        (["--format", "json", "--output", "a", "--output", "b"], "go in pairs: 1 formats, 2 outputs."),
        (
            ["--format", "json", "--output", "-", "--format", "text", "--output", "-"],
            "Two reports cannot go to standard output: give each an --output of its own.",
        ),
        (
            ["--format", "json", "--output", "a", "--format", "text", "--output", "a"],
            "Two reports cannot go to a: give each an --output of its own.",
        ),
    ],
)
def test_wrong_options_are_named(
    review: list[str], capsys: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    assert main([*review, *options]) == 2
    assert message in err_of(capsys)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["--select", "EKS-SEC-1O7"],
            '--select: no check has the id or name "EKS-SEC-1O7" (did you mean "EKS-SEC-107"?)',
        ),
        (
            ["--ignore", "EKS-SEC,no-cluster-backp"],
            '--ignore: no check has the id or name "no-cluster-backp" (did you mean "no-cluster-backup"?)',
        ),
        (
            ["--var-file", "prod.tfvar"],
            "--var-file 'prod.tfvar': there is no such file; name it relative to the root of the repository",
        ),
        (
            ["--config", "nowhere.yml"],
            "nowhere.yml: the configuration cannot be read: No such file or directory",
        ),
        (["--config", "/"], "/: the configuration cannot be read: Is a directory"),
    ],
)
def test_wrong_values_are_named(
    review: list[str], capsys: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    assert main([*review, *options]) == 2
    assert err_of(capsys) == f"eks-review: {message}\n"


def test_unknown_checks_and_commands_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["checks", "api-endpoint-open"]) == 2
    assert err_of(capsys) == (
        "eks-review: There is no check 'api-endpoint-open'. Did you mean api-endpoint-open-to-world?\n"
    )
    assert main(["checks", "sec-107"]) == 2
    assert err_of(capsys) == "eks-review: There is no check 'sec-107'. Did you mean EKS-SEC-107?\n"
    assert main(["reviw"]) == 2
    assert "No such command 'reviw'. Did you mean 'review'?" in err_of(capsys)
    assert main([]) == 2
    assert "Usage: eks-review [OPTIONS] COMMAND" in err_of(capsys)


def test_a_section_lists_its_checks_and_an_id_shows_its_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["checks", "eks-upg"]) == 0
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert listed[0] == "EKS-UPG-101"
    assert {each[:8] for each in listed} == {"EKS-UPG-"}
    assert main(["checks", "EKS-UPG-101"]) == 0
    assert capsys.readouterr().out.startswith("# EKS-UPG-101: ")


def test_every_mistake_of_a_configuration_is_named_at_once(
    review: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "own.yml"
    path.write_text("fail-on: hihg\nmax-comments: 1000\n\nselct: [EKS-SEC]\n")
    assert main([*review, "--config", str(path)]) == 2
    assert err_of(capsys).splitlines() == [
        f'eks-review: {path}:1: fail-on: "hihg" is not one of critical, high, medium, low, never',
        f'{path}:2: max-comments: "1000" is not a whole number from 0 to 100',
        f'{path}:4: unknown key "selct" (did you mean "select"?)',
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\n\ngate: x\n", '.eks-review.yml:3: gate: "x" is not one of introduced, touched'),
        (b"a: [\n", ".eks-review.yml:2: not valid YAML: "),
        (b"# ok\ngate: \xff\n", ".eks-review.yml:2: the configuration is not valid UTF-8"),
        (b"- a\n", ".eks-review.yml:1: the file must be a mapping of keys to values"),
    ],
)
def test_a_broken_configuration_of_the_repository_says_where(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, message: str
) -> None:
    repo = Repo.create(tmp_path / "repo")
    repo.commit({".eks-review.yml": content})
    for command in (["review", "--repo", str(repo.root)], ["audit", str(repo.root)]):
        assert main(command) == 2
        assert err_of(capsys).startswith(f"eks-review: {message}")


def test_a_configuration_is_not_read_from_outside_the_repository(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repo = Repo.create(tmp_path / "repo")
    repo.link(".eks-review.yml", "/etc/hostname")
    repo.commit()
    assert main(["review", "--repo", str(repo.root)]) == 2
    assert err_of(capsys) == (
        "eks-review: .eks-review.yml: the configuration cannot be read: "
        "the symbolic link leads out of the repository\n"
    )


# --- what options do -------------------------------------------------------------------------------


def findings(text: str) -> list[tuple[str, str]]:
    return [(each["id"], each["severity"]) for each in json.loads(text)["findings"]]


def test_options_win_over_the_configuration(
    review: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "own.yml"
    path.write_text("fail-on: never\nseverity: {EKS-SEC-101: low}\n")
    given = [*review, "--config", str(path), "--format", "json"]
    assert main(given) == 0
    assert ("EKS-SEC-101", "low") in findings(capsys.readouterr().out)
    assert main([*given, "--fail-on", "low"]) == 1


def test_select_and_ignore_choose(review: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*review, "--format", "json", "--select", "EKS-SEC"]) == 1
    assert findings(capsys.readouterr().out) == [("EKS-SEC-101", "critical")]
    assert main([*review, "--format", "json", "--ignore", "world-ingress-sensitive-port,EKS-COST"]) == 0
    assert not {"EKS-SEC-101", "EKS-COST-202"} & {check for check, _ in findings(capsys.readouterr().out)}


@pytest.mark.parametrize("given", ["closed.tfvars", "./closed.tfvars"])
def test_a_variables_file_supplies_values(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], given: str
) -> None:
    repo = Repo.create(tmp_path / "repo")
    repo.commit({"closed.tfvars": 'who = "10.0.0.0/8"\n'})
    repo.write("main.tf", OPEN)
    assert main(["review", "--repo", str(repo.root), "--select", "EKS-SEC-101", "--var-file", given]) == 0
    capsys.readouterr()


# --- streams ---------------------------------------------------------------------------------------


def test_stdout_carries_the_report_and_nothing_else(review: list[str]) -> None:
    plain = run(*review, "--format", "json")
    talking = run(*review, "--format", "json", "--verbose")
    assert (plain.code, plain.err) == (1, "")
    assert talking.out == plain.out
    assert findings(plain.out)[0] == ("EKS-SEC-101", "critical")


def test_verbose_tells_what_is_done(
    review: list[str], repo: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    main([*review, "--verbose", "--quiet"])
    said = [re.sub(r"\d+\.\d\d s", "0.12 s", line) for line in capsys.readouterr().err.splitlines()]
    sha = repo.git("rev-parse", "HEAD")[:12]
    assert said[:6] == [
        f"eks-review: comparing {sha} with the working tree: 1 changed file",
        "eks-review: no .eks-review.yml: every setting has its default",
        "eks-review: added main.tf",
        "eks-review: reviewing . (1 of 1, after 0.12 s)",
        "eks-review: reviewed in 0.12 s",
        next(line for line in said if "evaluations on 1 touched block" in line),
    ]


def test_verbose_names_what_could_not_be_decided(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = Repo.create(tmp_path / "repo")
    repo.commit({"README.md": ""})
    repo.write("main.tf", OPEN.replace('  default = "0.0.0.0/0"\n', ""))
    assert main(["audit", str(repo.root), "--select", "EKS-SEC-101", "--verbose", *TODAY]) == 0
    assert (
        "eks-review: EKS-SEC-101 cannot decide about aws_security_group_rule.ssh: "
        "`var.who` has no value in the code\n" in capsys.readouterr().err
    )


def test_quiet_is_the_verdict(review: list[str]) -> None:
    result = run(*review, "--quiet", "--select", "EKS-SEC")
    assert (result.code, result.err) == (1, "")
    assert result.out == "1 introduced\nchanges needed: 1 new finding is high or worse.\n"


def test_every_format_can_be_written_at_once(
    review: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pairs = [
        part for form in Format for part in ("--format", form.value, "--output", str(tmp_path / "new" / form))
    ]
    assert main([*review, *pairs]) == 1
    assert capsys.readouterr() == ("", "")
    for form in Format:
        assert "EKS-SEC-101" in (tmp_path / "new" / form).read_text()
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == sorted(Format)


def test_a_pair_can_name_stdout(
    review: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "review.md"
    assert main([*review, "--format", "json", "--output", "-", "--format", "markdown", "--output", str(path)])
    assert findings(capsys.readouterr().out)
    assert path.read_text().startswith("#")


def test_a_lost_report_is_no_success_and_takes_no_other_with_it(
    review: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    lost, kept = tmp_path / "file" / "review.json", tmp_path / "review.md"
    code = main(
        [
            *(*review, "--ignore", "EKS"),
            *("--format", "json", "--output", str(lost)),
            *("--format", "markdown", "--output", str(kept)),
            *("--format", "text", "--output", str(tmp_path)),
        ]
    )
    assert code == 3
    assert err_of(capsys) == (
        f"eks-review: {lost}: the report cannot be written: Not a directory\n"
        f"{tmp_path}: the report cannot be written: Is a directory\n"
    )
    assert kept.exists()


def test_a_report_replaces_the_file_whole_and_nothing_else(
    review: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    real.write_text("x" * 100_000)
    link.symlink_to(real)
    main([*review, "--format", "json", "--output", str(link)])
    assert findings(real.read_text())
    assert link.is_symlink()
    main([*review, "--output", os.devnull])
    assert Path(os.devnull).is_char_device()
    capsys.readouterr()


@pytest.mark.parametrize("command", [["checks"], ["review"]])
def test_whoever_closes_the_pipe_gets_no_success(repo: Repo, command: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    process = subprocess.run(
        [*COMMAND, *command],
        cwd=repo.root,
        env=environment(),
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
        timeout=60,
    )
    os.close(writer)
    assert process.returncode == 3
    assert process.stderr == (
        b"eks-review: the report could not be written to standard output: it was closed\n"
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_disk_is_no_success(review: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        process = subprocess.run(
            [*COMMAND, *review], env=environment(), stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert process.returncode == 3
    assert process.stderr == (
        b"eks-review: the report could not be written to standard output: No space left on device\n"
    )


@pytest.mark.parametrize(("closed", "code"), [(">&-", 3), ("2>&-", 1), ("<&-", 1)])
def test_closed_streams_are_survived(review: list[str], closed: str, code: int) -> None:
    script = f'exec "$@" {closed}'
    process = subprocess.run(
        ["sh", "-c", script, "sh", *COMMAND, *review], env=environment(), capture_output=True, check=False
    )
    assert process.returncode == code
    assert b"Traceback" not in process.stderr


@pytest.mark.parametrize("variables", [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONUTF8": "0"}])
def test_a_pipe_gets_utf_8_whatever_the_locale(review: list[str], variables: dict[str, str]) -> None:
    result = run(*review, env=environment(**variables))
    assert (result.code, result.err) == (1, "")
    assert "main.tf ────" in result.out


# --- terminal --------------------------------------------------------------------------------------


def test_colours_only_where_they_are_wanted(review: list[str]) -> None:
    assert "\x1b[" in run_on_terminal(*review)
    assert "\x1b[" not in run_on_terminal(*review, "--no-color")
    assert "\x1b[" not in run_on_terminal(*review, NO_COLOR="1")
    assert "\x1b[" not in run_on_terminal(*review, TERM="dumb")
    assert "\x1b[" not in run(*review).out


class _Terminal:
    """A standard error that says it is a terminal."""

    def __init__(self) -> None:
        self.text = ""

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> None:
        self.text += text

    def flush(self) -> None:
        """Do nothing."""


@pytest.mark.parametrize("no_color", [False, True])
def test_long_work_shows_a_bar_and_removes_it(monkeypatch: pytest.MonkeyPatch, *, no_color: bool) -> None:
    shown = _Terminal()
    monkeypatch.setattr(sys, "stderr", shown)
    monkeypatch.setattr(progress, "DELAY", -1.0)
    monkeypatch.setenv("TERM", "xterm-256color")
    with progress.listener(verbose=False, quiet=False, no_color=no_color) as tell:
        assert tell is not None
        tell("[red]infra\x1b[31m", 0, 2)
        tell("live/production", 1, 2)
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.text)
    assert re.search(r"reviewing +\S* +0/2 0:00:0\d \[red\]infra\\x1b\[31m", plain)
    assert re.search(r"reviewing +\S+ +1/2 0:00:0\d live/production", plain)
    assert shown.text.endswith("\x1b[2K")
    assert ("\x1b[38;" in shown.text or "\x1b[3" in shown.text) is not no_color


@pytest.mark.parametrize(("delay", "quiet"), [(60.0, False), (-1.0, True)])
def test_short_work_and_quiet_work_show_nothing(
    monkeypatch: pytest.MonkeyPatch, delay: float, *, quiet: bool
) -> None:
    shown = _Terminal()
    monkeypatch.setattr(sys, "stderr", shown)
    monkeypatch.setattr(progress, "DELAY", delay)
    with progress.listener(verbose=False, quiet=quiet) as tell:
        if tell is not None:
            tell("infra", 0, 2)
    assert shown.text == ""


# --- the end of a process --------------------------------------------------------------------------


def test_ctrl_c_is_no_success(review: list[str], tmp_path: Path) -> None:
    started = tmp_path / "started"
    git = tmp_path / "bin" / "git"
    git.parent.mkdir()
    git.write_text(f"#!/bin/sh\n: > {started}\nexec sleep 60\n")
    git.chmod(0o755)
    process = subprocess.Popen(
        [*COMMAND, *review],
        env=environment(PATH=f"{git.parent}:{os.environ['PATH']}"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        # A shell lets what it runs in the background ignore the interrupt, and all of its children with it.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no thread runs
    )
    deadline = time.monotonic() + 30
    while not started.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (3, b"")
    assert err.strip() == b"eks-review: interrupted before the review was complete"


def test_a_bug_is_no_finding(
    review: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_arguments: object) -> None:
        raise KeyError("hostile \x1b text")

    monkeypatch.setattr("reviewer.cli.local.review_local", broken)
    assert main(review) == 3
    assert err_of(capsys) == (
        "eks-review: internal error (KeyError); please report what --verbose prints at "
        "https://github.com/eks-review/eks-review/issues\n"
    )
    assert main([*review, "--verbose"]) == 3
    assert "Traceback" in err_of(capsys)


def test_without_git_there_is_one_message(
    review: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert main(review) == 3
    assert err_of(capsys).startswith("eks-review: git was not found on PATH")


# --- the other commands ----------------------------------------------------------------------------


def test_checks_are_listed_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["checks"]) == 0
    assert re.search(
        r"^EKS-SEC-107 +critical +api-endpoint-open-to-world +The Kubernetes API endpoint",
        capsys.readouterr().out,
        re.MULTILINE,
    )
    assert main(["checks", "eks-sec-107", "--format", "json"]) == 0
    (check,) = json.loads(capsys.readouterr().out)
    assert (check["id"], check["issue"], check["default"]) == ("EKS-SEC-107", "2.1", "on")
    assert main(["checks", "api-endpoint-open-to-world"]) == 0
    assert capsys.readouterr().out.startswith("# EKS-SEC-107: ")


def test_version_and_help_go_to_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    from reviewer import __version__

    assert main(["--version"]) == 0
    assert capsys.readouterr() == (f"eks-review, version {__version__}\n", "")
    assert main(["review", "--help"]) == 0
    assert "--today YYYY-MM-DD" in capsys.readouterr().out


def test_the_demo_writes_its_reports(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--output-folder", str(tmp_path / "demo")]) == 0
    shown = capsys.readouterr().out
    assert "critical[EKS-SEC-107]" in shown
    assert "EKS-SEC-107" in (tmp_path / "demo" / "review.md").read_text()
    assert ("EKS-SEC-107", "critical") in findings((tmp_path / "demo" / "review.json").read_text())
