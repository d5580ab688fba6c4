"""The engine in its process: answers, and the end of what takes too much."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reviewer.errors import UsageError
from reviewer.own import engine as module
from reviewer.own.engine import WORKER, Engine, PolicyFailedError
from reviewer.own.policy import Policy, read_policy
from tests.own.policies import NAMED, policy

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest.importorskip("regopy", reason="the Rego engine is not installed on this system")


@pytest.fixture
def engine() -> Iterator[Engine]:
    with Engine(seconds=3) as running:
        yield running


def read(body: str, path: str = "p.rego") -> Policy:
    return read_policy(path, policy(body))


GOOD = read_policy("good.rego", NAMED)
SLOW = """deny contains "x" if {
	input.values.never == 1
	some a in numbers.range(1, 3000)
	some b in numbers.range(1, 3000)
	some c in numbers.range(1, 3000)
	input.values.never + a + b + c == 0
}"""


def test_answers(engine: Engine) -> None:
    assert engine.ask(GOOD, {"values": {"bucket": "misc"}}) == [
        {"attribute": "bucket", "message": "`misc` is not ours."}
    ]
    assert engine.ask(GOOD, {"values": {"bucket": "acme-logs"}}) == []


def test_what_takes_too_long_is_stopped_and_the_others_go_on(engine: Engine) -> None:
    slow = read(SLOW, "slow.rego")
    for _ in range(2):
        with pytest.raises(PolicyFailedError, match=r"`slow\.rego`: the policy took longer than 3 seconds"):
            engine.ask(slow, {"values": {"never": 1}})
    assert engine.ask(GOOD, {"values": {"bucket": "acme-logs"}}) == []


def test_what_takes_too_much_memory_is_stopped(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    hungry = read("deny contains count(numbers.range(1, input.values.size)) if input.values.size > 0")
    assert engine.ask(hungry, {"values": {"size": 10}}) == [10]
    monkeypatch.setattr(module, "MAX_MEMORY_BYTES", 100 * 1024**2)
    monkeypatch.setattr(module, "WATCH_SECONDS", 0.01)
    with pytest.raises(PolicyFailedError, match="needed more than 100 MiB of memory"):
        engine.ask(hungry, {"values": {"size": 100_000_000}})


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("deny contains x if { x := == }", "p.rego:12: not valid Rego: Invalid assignment operator"),
        ("deny contains 1 if startswith(input.values.l[_], `a`)", "p.rego:12: not valid Rego: Invalid bracket argument"),
        ("deny contains x if { x := nosuch(1) }", "p.rego:1: not valid Rego: a function that it calls does not exist"),
        ("f(x) := f(x)\n\ndeny contains x if { x := f(1) }", "p.rego:1: not valid Rego: "),
    ],
)  # fmt: skip
def test_what_cannot_be_compiled_is_named_with_its_line(engine: Engine, body: str, message: str) -> None:
    with pytest.raises(UsageError) as error:
        engine.load(read(body))
    assert str(error.value).startswith(message)


def test_an_error_of_a_function_is_no_silence(engine: Engine) -> None:
    careless = read('deny contains "x" if startswith(input.values.bucket, "a")')
    with pytest.raises(PolicyFailedError, match="a built-in function got a value that it does not take"):
        engine.ask(careless, {"values": {"bucket": None}})
    assert engine.ask(careless, {"values": {"bucket": "ab"}}) == ["x"]


def test_the_process_ends_with_its_owner() -> None:
    with Engine() as running:
        running.load(GOOD)
        process = running._process
        assert process is not None
        assert process.poll() is None
    assert process.poll() is not None


def test_the_process_has_no_environment_and_can_open_nothing() -> None:
    attempt = f"""
import importlib.util, os, socket, sys
spec = importlib.util.spec_from_file_location("worker", {str(WORKER)!r})
worker = importlib.util.module_from_spec(spec)
spec.loader.exec_module(worker)
worker._give_up()
for name, what in (("file", lambda: open("/etc/hostname")), ("socket", socket.socket)):
    try:
        what()
    except OSError as error:
        print(name, error.errno)
"""
    done = subprocess.run([sys.executable, "-I", "-c", attempt], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["file 24", "socket 24"]


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="Linux tells the environment of a process")
def test_the_environment_of_the_process_is_empty() -> None:
    with Engine() as running:
        running.load(GOOD)
        assert running._process is not None
        environment = Path(f"/proc/{running._process.pid}/environ")
        assert environment.read_text(encoding="utf-8") == ""


def test_without_the_engine_the_message_says_what_to_install(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "find_spec", lambda _name: None)
    with pytest.raises(UsageError, match="`pip install regopy` adds it"):
        engine.load(GOOD)
