"""Running a command, whatever becomes of it: every end is one of the documented exit codes."""

from __future__ import annotations

import sys
import traceback
from typing import TYPE_CHECKING

import click

from reviewer.cli.commands import commands
from reviewer.cli.faults import explained
from reviewer.deadline import OUT_OF_TIME, OutOfTimeError
from reviewer.errors import INTERRUPTED, ExitCode
from reviewer.output import prepare_stdout, say

if TYPE_CHECKING:
    from collections.abc import Sequence


def run(arguments: Sequence[str] | None = None) -> None:
    """Run a command and leave the process with its exit code."""
    sys.exit(main(arguments))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; every failure is one clear message."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        prepare_stdout()
        result = commands.main(args=given, prog_name="eks-review", standalone_mode=False)
    except click.exceptions.Abort:
        return _failed(INTERRUPTED, ExitCode.INCOMPLETE)
    except OutOfTimeError:
        return _failed(OUT_OF_TIME, ExitCode.INCOMPLETE)
    except click.ClickException as error:
        error.show()
        return ExitCode.USAGE
    except Exception as error:  # noqa: BLE001 - Python's own exit code 1 would read as "findings fail the gate"
        if "--verbose" in given:
            traceback.print_exception(error)
        return _failed(*explained(error))
    return result if isinstance(result, int) else 0


def _failed(message: str, code: ExitCode) -> int:
    say(message)
    return code
