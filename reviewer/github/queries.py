"""The GraphQL documents: one query for a pull request's state, and mutations of many changes at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

PULL_REQUEST = """
query PullRequestState(
  $owner: String!, $name: String!, $number: Int!, $context: String!, $withStatus: Boolean!,
  $withThreads: Boolean!, $threadsAfter: String, $withComments: Boolean!, $commentsAfter: String
) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      state
      isDraft
      headRefOid
      baseRefName
      commits(last: 1) @include(if: $withStatus) {
        nodes { commit { oid status { context(name: $context) { state description } } } }
      }
      reviews(last: 50) {
        nodes { body url viewerDidAuthor comments { totalCount } }
      }
      reviewThreads(first: 100, after: $threadsAfter) @include(if: $withThreads) {
        pageInfo { hasNextPage endCursor }
        nodes {
          id isResolved viewerCanResolve viewerCanUnresolve path line startLine
          comments(first: 1) {
            totalCount
            nodes { id body url viewerDidAuthor isMinimized }
          }
        }
      }
      comments(first: 100, after: $commentsAfter) @include(if: $withComments) {
        pageInfo { hasNextPage endCursor }
        nodes { id body url viewerDidAuthor }
      }
    }
  }
}
"""
"""Reviews are read only to find the one that this run may have posted, so the newest fifty are enough."""


def blobs_query(count: int) -> str:
    """Return one document that reads ``count`` files by their git ids ``$b0``, ``$b1``… under those names."""
    variables = ", ".join(f"$b{number}: GitObjectID!" for number in range(count))
    fields = "\n".join(
        f"    b{number}: object(oid: $b{number}) {{ ... on Blob {{ text }} }}" for number in range(count)
    )
    return (
        f"query Blobs($owner: String!, $name: String!, {variables}) {{\n"
        f"  repository(owner: $owner, name: $name) {{\n{fields}\n  }}\n}}"
    )


def mutation(names: Sequence[str]) -> str:
    """Return one document that runs the named mutations in order, with ``$i0``, ``$i1``… as inputs.

    Each stands under an alias ``m0``, ``m1``…, which is also the first element of the path of its error.
    """
    variables = ", ".join(f"$i{number}: {_input_type(name)}!" for number, name in enumerate(names))
    fields = "\n".join(
        f"  m{number}: {name}(input: $i{number}) {{ clientMutationId }}" for number, name in enumerate(names)
    )
    return f"mutation Update({variables}) {{\n{fields}\n}}"


def _input_type(name: str) -> str:
    """GitHub names every input type after its mutation."""
    return f"{name[0].upper()}{name[1:]}Input"
