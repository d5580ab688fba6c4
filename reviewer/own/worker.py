"""The process in which policies run. It is started as a script, alone, and knows nothing of the rest.

Before it reads a policy it gives up what a policy could abuse: it can open no file and no socket, its time is
bounded, its environment is empty. Its memory is watched from outside: the engine's allocator reserves so much
address space that a limit on that says nothing. It reads one JSON document a line from standard input and
writes one a line to where standard output was.
"""

from __future__ import annotations

import json
import os
import re
import resource
import sys
from typing import Any

from regopy import Interpreter

CPU_SECONDS = 120
_COMPLAINT = re.compile(r"^(.+)\n-- .*:(\d+):\d+$", re.MULTILINE)


def main() -> None:
    """Answer until standard input ends."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    complaints = _listen()
    _give_up()
    bundles: dict[str, tuple[Any, Any]] = {}
    for line in sys.stdin:
        out.write(json.dumps(_answered(json.loads(line), bundles, complaints)) + "\n")
        out.flush()


def _listen() -> int:
    """Let what the engine prints to standard output and error go into a pipe; return where it is read."""
    read, write = os.pipe()
    os.dup2(write, 1)
    os.dup2(write, 2)
    os.close(write)
    for end in (read, 1):  # a full pipe must not stop the engine, and an empty one not us
        os.set_blocking(end, False)
    return read


def _heard(complaints: int) -> str:
    try:
        return os.read(complaints, 65_536).decode(errors="replace")
    except BlockingIOError:
        return ""


def _give_up() -> None:
    for kind, limit in (
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 0),
    ):
        resource.setrlimit(kind, (limit, limit))


def _answered(
    request: dict[str, Any], bundles: dict[str, tuple[Any, Any]], complaints: int
) -> dict[str, Any]:
    name = request["policy"]
    if "text" in request:
        try:
            bundles[name] = _built(request)
        except Exception:  # noqa: BLE001 - the engine raises what it likes
            return _explained(_heard(complaints))
        return {"ok": True}
    interpreter, bundle = bundles[name]
    try:
        interpreter.set_input(request["input"])
        output = interpreter.query_bundle(bundle)
    except Exception:  # noqa: BLE001 - as above
        return {"error": "the engine gave no answer"}
    if not output.ok():
        return {"error": "a built-in function got a value that it does not take; test its type first"}
    found = output.results[0].expressions if output.results else []
    return {"ok": found[0]} if found else {"error": "the rule `deny` has no value"}


def _built(request: dict[str, Any]) -> tuple[Any, Any]:
    interpreter = Interpreter()
    interpreter.strict_built_in_errors = True
    interpreter.add_module(request["policy"], request["text"])
    bundle = interpreter.build(request["query"])
    if not bundle.ok():
        raise ValueError
    # Only when it runs does the engine notice calls of functions that do not exist.
    interpreter.set_input({})
    interpreter.query_bundle(bundle)
    return interpreter, bundle


def _explained(said: str) -> dict[str, Any]:
    """Return the first thing that the engine complains of, with its line."""
    found = _COMPLAINT.search(said)
    if found is None:
        return {"error": "a function that it calls does not exist, or it calls itself", "line": 1}
    return {"error": found[1].strip(), "line": int(found[2])}


if __name__ == "__main__":
    main()
