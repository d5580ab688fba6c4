"""``python -m reviewer`` and the ``eks-review`` command."""

from __future__ import annotations

import gc
import sys

from reviewer.errors import ExitCode

ALLOCATIONS = 100_000
"""Between two searches for garbage: what a review makes lives to its end, and the usual 700 cost a tenth."""


def main() -> None:
    """Run the command; the action starts without loading the command line's libraries."""
    gc.set_threshold(ALLOCATIONS)
    try:
        _run()
    except Exception as error:  # noqa: BLE001 - Python's own exit code 1 would read as "findings fail the gate"
        sys.stderr.write(f"eks-review: it cannot start, so nothing was reviewed: {error!r}\n")
        sys.exit(ExitCode.INCOMPLETE)
    finally:
        gc.freeze()  # Python searches all that is left once more when it ends, which costs another tenth


def _run() -> None:
    if sys.argv[1:] == ["action"]:
        import os

        from reviewer import action

        sys.exit(action.main(os.environ, sys.stdout))
    from reviewer.cli.main import run

    run()


if __name__ == "__main__":
    main()
