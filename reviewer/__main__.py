"""``python -m reviewer`` and the ``eks-review`` command."""

from __future__ import annotations

import gc
import sys
from typing import NoReturn

from reviewer.errors import INTERRUPTED, ExitCode

ALLOCATIONS = 100_000
"""Between two searches for garbage: what a review makes lives to its end, and the usual 700 cost a tenth."""


def main() -> None:
    """Run the command; the action starts without loading the command line's libraries."""
    gc.set_threshold(ALLOCATIONS)
    try:
        _run()
    except KeyboardInterrupt:
        _end(INTERRUPTED)
    except Exception as error:  # noqa: BLE001 - Python's own exit code 1 would read as "findings fail the gate"
        _end(f"it cannot start, so nothing was reviewed: {error!r}")
    finally:
        gc.freeze()  # Python searches all that is left once more when it ends, which costs another tenth


def _run() -> None:
    if sys.argv[1:] == ["action"]:
        import os

        from reviewer import action

        sys.exit(action.main(os.environ, sys.stdout))
    from reviewer.cli.main import run

    run()


def _end(message: str) -> NoReturn:
    sys.stderr.write(f"eks-review: {message}\n")
    sys.exit(ExitCode.INCOMPLETE)


if __name__ == "__main__":
    main()
