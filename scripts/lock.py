"""Compile requirements/runtime.lock and requirements/dev.lock from pyproject.toml.

`python scripts/lock.py` writes both; `--check` writes nothing and exits 1 when they are stale; `--upgrade`
takes the newest versions that pyproject.toml allows. A lock holds names, versions, markers and hashes, and no
address of an index: whoever installs decides where packages come from.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("runtime.lock", "dev.lock")
_DIGEST = "# Dependencies of pyproject.toml: sha256:"


def dependencies_digest(pyproject: Path) -> str:
    """Return the SHA-256, in hex, of the tables of `pyproject` from which the locks are compiled."""
    tables = tomllib.loads(pyproject.read_text(encoding="utf-8"))
    read = {
        "requires-python": tables["project"]["requires-python"],
        "dependencies": tables["project"]["dependencies"],
        "dependency-groups": tables["dependency-groups"],
    }
    return hashlib.sha256(json.dumps(read, sort_keys=True).encode()).hexdigest()


def compiled_from(lock: Path) -> str | None:
    """Return the digest that `lock` says it was compiled from, or None when it says none."""
    for line in lock.read_text(encoding="utf-8").splitlines():
        if line.startswith(_DIGEST):
            return line.removeprefix(_DIGEST)
    return None


def compile_locks(pyproject: Path, folder: Path, *, upgrade: bool = False) -> None:
    """Write both locks into `folder`; versions already locked there stay unless `upgrade` is set.

    Raises subprocess.CalledProcessError, with uv's words in `stderr`, when no set of versions can be found.
    """
    _compile(pyproject, folder, "runtime.lock", ["pyproject.toml"], upgrade=upgrade)
    dev = ["pyproject.toml", "--group", "pyproject.toml:dev", "--constraint", "requirements/runtime.lock"]
    _compile(pyproject, folder, "dev.lock", dev, upgrade=upgrade)


def _compile(pyproject: Path, folder: Path, name: str, sources: list[str], *, upgrade: bool) -> None:
    """Compile one lock in a copy of the two inputs, so that nothing but relative paths can appear in it."""
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        shutil.copy(pyproject, work / "pyproject.toml")
        (work / "requirements").mkdir()
        for lock in LOCKS:
            if (folder / lock).exists():
                shutil.copy(folder / lock, work / "requirements" / lock)
        command = [
            *(sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--universal", "--generate-hashes"),
            *("--no-header", "--no-emit-index-url", "--no-emit-find-links", "--python-version", "3.11"),
            *("--output-file", f"requirements/{name}"),
            *(["--upgrade"] if upgrade else []),
            *sources,
        ]
        subprocess.run(command, cwd=work, check=True, capture_output=True, text=True)
        header = (
            f"# Compiled by `make lock`; do not edit. Versions and hashes only, no index address.\n"
            f"{_DIGEST}{dependencies_digest(pyproject)}\n"
        )
        compiled = (work / "requirements" / name).read_text(encoding="utf-8")
        (folder / name).write_text(header + compiled, encoding="utf-8")


def stale(pyproject: Path, folder: Path) -> list[str]:
    """Return the names of the locks in `folder` that were compiled from, or would pin, something else.

    Hashes are left out: a wheel for one more platform may join a released version at any time.
    """
    wanted = dependencies_digest(pyproject)
    with tempfile.TemporaryDirectory() as temporary:
        fresh = Path(temporary)
        for name in LOCKS:
            shutil.copy(folder / name, fresh / name)
        compile_locks(pyproject, fresh)
        return [
            name
            for name in LOCKS
            if compiled_from(folder / name) != wanted or _pins(fresh / name) != _pins(folder / name)
        ]


def _pins(lock: Path) -> list[str]:
    """Return the lines `name==version ; marker` of a lock."""
    lines = lock.read_text(encoding="utf-8").splitlines()
    return [line.rstrip(" \\") for line in lines if line[:1].isalnum()]


def main() -> int:
    """Run the command line; return its exit code: 0 done or fresh, 1 stale, 2 uv could not compile."""
    parser = argparse.ArgumentParser(description="compile requirements/*.lock from pyproject.toml")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a lock is stale")
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions allowed")
    arguments = parser.parse_args()
    pyproject, folder = ROOT / "pyproject.toml", ROOT / "requirements"
    try:
        if arguments.check:
            old = stale(pyproject, folder)
            print(
                "\n".join(f"requirements/{name} is stale: run `make lock`" for name in old)
                or "locks are fresh"
            )
            return 1 if old else 0
        compile_locks(pyproject, folder, upgrade=arguments.upgrade)
    except subprocess.CalledProcessError as error:
        print(f"uv could not compile the locks:\n{error.stderr}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
