"""Cuts the extracts in tests/github/schema out of GitHub's own API descriptions.

Both packages are MIT-licensed (see LICENSE beside the extracts). To refresh::

    npm pack @octokit/openapi @octokit/graphql-schema    # then unpack both
    python -m scripts.prune_github_schemas <openapi>/generated/api.github.com.json <graphql>/schema.graphql

The REST extract holds the operations in ``OPERATIONS`` with what they refer to; the GraphQL extract holds the
types and fields that the documents of ``reviewer/github/queries.py`` use, with all of their input types.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    build_schema,
    get_named_type,
    is_specified_scalar_type,
    parse,
    print_type,
    visit,
)

from reviewer.github import queries

if TYPE_CHECKING:
    from collections.abc import Iterator

EXTRACTS = Path(__file__).resolve().parent.parent / "tests" / "github" / "schema"
OPERATIONS = {
    "/repos/{owner}/{repo}/contents/{path}": "get",
    "/repos/{owner}/{repo}/pulls": "get",
    "/repos/{owner}/{repo}/compare/{basehead}": "get",
    "/repos/{owner}/{repo}/git/blobs/{file_sha}": "get",
    "/repos/{owner}/{repo}/git/trees/{tree_sha}": "get",
    "/repos/{owner}/{repo}/pulls/{pull_number}/files": "get",
    "/repos/{owner}/{repo}/pulls/{pull_number}/reviews": "post",
    "/repos/{owner}/{repo}/issues/{issue_number}/comments": "post",
    "/repos/{owner}/{repo}/statuses/{sha}": "post",
}
OPERATION_PARTS = ("operationId", "parameters", "requestBody", "responses")
INTERFACES = {"GitObject": "oid"}
"""Interfaces that the documents go through, each with a field to keep so that it is not empty."""
MUTATIONS = (
    "updatePullRequestReviewComment",
    "updateIssueComment",
    "deleteIssueComment",
    "minimizeComment",
    "unminimizeComment",
    "resolveReviewThread",
    "unresolveReviewThread",
)


def main() -> None:
    """Write both extracts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("openapi", type=Path)
    parser.add_argument("graphql", type=Path)
    arguments = parser.parse_args()
    rest = prune_rest(json.loads(arguments.openapi.read_text()))
    (EXTRACTS / "rest.json").write_text(json.dumps(rest, indent=1, sort_keys=True) + "\n")
    (EXTRACTS / "schema.graphql").write_text(prune_graphql(arguments.graphql.read_text()))


def prune_rest(description: dict[str, Any]) -> dict[str, Any]:
    """Return the description of ``OPERATIONS`` alone, without examples and prose."""
    paths: dict[str, Any] = {}
    for path, verb in OPERATIONS.items():
        operation = description["paths"][path][verb]
        kept = {key: operation[key] for key in OPERATION_PARTS if key in operation}
        paths[path] = {verb: kept}
    extract: dict[str, Any] = {"openapi": description["openapi"], "info": description["info"], "paths": paths}
    extract["components"] = _components(description, paths)
    return cast("dict[str, Any]", _without_prose(extract))


def _components(description: dict[str, Any], root: object) -> dict[str, dict[str, Any]]:
    kept: dict[str, dict[str, Any]] = defaultdict(dict)
    waiting = list(_references(root))
    while waiting:
        _, _, kind, name = waiting.pop().split("/")
        if name not in kept[kind]:
            kept[kind][name] = description["components"][kind][name]
            waiting.extend(_references(kept[kind][name]))
    return kept


def _references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for child in node.values():
            yield from _references(child)
    elif isinstance(node, list):
        for child in node:
            yield from _references(child)


def _without_prose(node: object) -> object:
    """Drop examples and prose, and let a nullable enumeration hold null, which the description forgets."""
    if isinstance(node, list):
        return [_without_prose(child) for child in node]
    if not isinstance(node, dict):
        return node
    result: dict[str, Any] = {
        key: _without_prose(child)
        for key, child in node.items()
        if key not in {"example", "examples", "externalDocs"}
        and not key.startswith("x-")
        and not (
            key == "description" and isinstance(child, str) and "content" not in node and "$ref" not in node
        )
    }
    if result.get("nullable") is True and "enum" in result and None not in result["enum"]:
        result["enum"] = [*result["enum"], None]
    if "responses" in result:
        for response in result["responses"].values():
            if "$ref" not in response:
                response.setdefault("description", "")
    return result


def prune_graphql(text: str) -> str:
    """Return the part of the schema that our documents use."""
    schema = build_schema(text, assume_valid_sdl=True)
    fields = _used_fields(schema)
    types: dict[str, GraphQLNamedType] = {}
    for name in fields:
        _keep(schema.type_map[name], fields, types)
    return "\n\n".join(print_type(types[name]) for name in sorted(types)) + "\n"


def _used_fields(schema: GraphQLSchema) -> dict[str, set[str]]:
    used: dict[str, set[str]] = defaultdict(set)
    for interface, name in INTERFACES.items():
        used[interface].add(name)
        for kind in ("Blob", "Commit"):
            used[kind].add(name)
    info = TypeInfo(schema)

    class Collector(Visitor):
        def enter_field(self, *_: object) -> None:
            parent, definition = info.get_parent_type(), info.get_field_def()
            if parent is not None and definition is not None and definition.ast_node is not None:
                used[parent.name].add(definition.ast_node.name.value)

    for document in (queries.PULL_REQUEST, queries.mutation(MUTATIONS), queries.blobs_query(1)):
        visit(parse(document), TypeInfoVisitor(info, Collector()))
    return used


def _keep(kind: GraphQLNamedType, fields: dict[str, set[str]], types: dict[str, GraphQLNamedType]) -> None:
    if kind.name in types or is_specified_scalar_type(kind):
        return
    types[kind.name] = kind
    kind.description = None
    if isinstance(kind, GraphQLEnumType):
        for value in kind.values.values():
            value.description = None
    elif isinstance(kind, GraphQLInputObjectType):
        for argument in kind.fields.values():
            argument.description = None
            _keep(get_named_type(argument.type), fields, types)
    elif isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
        _keep_fields(kind, fields, types)
    elif isinstance(kind, GraphQLUnionType):
        message = f"the documents use the union {kind.name}, which this script does not prune"
        raise TypeError(message)


def _keep_fields(
    kind: GraphQLObjectType | GraphQLInterfaceType,
    fields: dict[str, set[str]],
    types: dict[str, GraphQLNamedType],
) -> None:
    kept: dict[str, GraphQLField] = {
        name: field for name, field in kind.fields.items() if name in fields.get(kind.name, set())
    }
    kind.fields = kept
    kind.interfaces = tuple(each for each in kind.interfaces if each.name in INTERFACES)
    for field in kept.values():
        field.description = None
        for argument in field.args.values():
            argument.description = None
            _keep(get_named_type(argument.type), fields, types)
        _keep(get_named_type(field.type), fields, types)


if __name__ == "__main__":
    main()
