"""``python -m reviewer`` and the ``eks-review`` command."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command; the action starts without loading the command line's libraries."""
    if sys.argv[1:] == ["action"]:
        import os

        from reviewer import action

        sys.exit(action.main(os.environ, sys.stdout))
    from reviewer.cli import run

    run()


if __name__ == "__main__":
    main()
