"""What can go wrong around GitHub, each kind one type. No message holds a token or a response body."""

from __future__ import annotations


class GithubError(Exception):
    """A request to GitHub did not succeed. The text says what was tried and what to do."""


class UnauthorizedError(GithubError):
    """401: the token is missing, wrong or expired."""


class ReadOnlyError(GithubError):
    """403 that is no rate limit, or a GraphQL ``FORBIDDEN``: the token may not do this."""


class NotFoundError(GithubError):
    """404: the thing does not exist, or the token may not see it."""


class RejectedError(GithubError):
    """Another 4xx: GitHub understood the request and refuses its content (400, 409, 410…)."""


class UnprocessableError(RejectedError):
    """422, or a GraphQL ``UNPROCESSABLE``: the content is wrong, which another content may not be."""


class TruncatedListingError(GithubError):
    """GitHub did not list all files of a commit, so what is missing is not known."""


class RateLimitedError(GithubError):
    """A primary or secondary rate limit that does not end within the waiting budget."""


class UnavailableError(GithubError):
    """5xx, a timeout, a broken connection or an answer that cannot be read, after all retries."""
