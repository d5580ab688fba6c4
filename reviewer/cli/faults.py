"""What a person hears of an error, and the exit code it stands for."""

from __future__ import annotations

from reviewer import PROJECT_URL
from reviewer.errors import ExitCode, LostReportError, UsageError


def explained(error: Exception) -> tuple[str, ExitCode]:
    """Return the message for an error and the exit code it stands for."""
    from reviewer.change import errors
    from reviewer.config.file import InvalidConfigError

    wrong_use = (
        UsageError,
        InvalidConfigError,
        errors.MissingDirectoryError,
        errors.NotARepositoryError,
        errors.NoDefaultBranchError,
        errors.NoWorkingTreeError,
        errors.UnknownRevisionError,
    )
    if isinstance(error, wrong_use):
        return str(error), ExitCode.USAGE
    if isinstance(error, errors.ChangeError | LostReportError):
        return str(error), ExitCode.INCOMPLETE
    place = f"{PROJECT_URL}/issues"
    message = f"internal error ({type(error).__name__}); please report what --verbose prints at {place}"
    return message, ExitCode.INCOMPLETE
