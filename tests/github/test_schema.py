"""What is sent to GitHub fits GitHub's own descriptions."""

from __future__ import annotations

import json

import pytest
from graphql import GraphQLEnumType, GraphQLInputObjectType, parse, validate

from reviewer.github import queries
from reviewer.github.changes import (
    Change,
    Classifier,
    DeleteSummary,
    EditComment,
    EditSummary,
    Hide,
    Resolve,
    Show,
    Unresolve,
)
from scripts.prune_github_schemas import EXTRACTS, prune_graphql, prune_rest
from tests.github.contract import operation_of
from tests.github.fake_graphql import schema

CHANGES: tuple[Change, ...] = (
    EditComment("1", "x"),
    EditSummary("1", "x"),
    DeleteSummary("1"),
    Hide("1", Classifier.OUTDATED),
    Show("1"),
    Resolve("1", "2"),
    Unresolve("1"),
)


def test_query_is_valid() -> None:
    assert validate(schema(), parse(queries.PULL_REQUEST)) == []


@pytest.mark.parametrize("change", CHANGES, ids=lambda each: type(each).__name__)
def test_mutation_is_valid_and_its_input_is_complete(change: Change) -> None:
    name, arguments = change.mutation
    assert validate(schema(), parse(queries.mutation([name]))) == []
    declared = schema().type_map[f"{name[0].upper()}{name[1:]}Input"]
    assert isinstance(declared, GraphQLInputObjectType)
    assert set(arguments) == set(declared.fields) - {"clientMutationId"}


def test_many_mutations_share_one_document() -> None:
    document = queries.mutation([change.mutation[0] for change in CHANGES])
    assert validate(schema(), parse(document)) == []
    assert "m6: unresolveReviewThread(input: $i6)" in document


def test_classifiers_are_those_of_github() -> None:
    declared = schema().type_map["ReportedContentClassifiers"]
    assert isinstance(declared, GraphQLEnumType)
    assert {each.value for each in Classifier} <= set(declared.values)


def test_no_comment_can_be_made_where_the_page_would_not_show_it() -> None:
    """GraphQL takes comments outside of the diff and never shows them: comments are made by REST alone."""
    made = schema().mutation_type
    assert made is not None
    assert not [name for name in made.fields if name.startswith(("add", "create", "submit"))]
    assert set(made.fields) == {change.mutation[0] for change in CHANGES}


def test_extracts_hold_what_is_used_and_no_more() -> None:
    """Pruning an extract again must leave it as it is; otherwise run scripts/prune_github_schemas.py."""
    rest = json.loads((EXTRACTS / "rest.json").read_text())
    assert prune_rest(rest) == rest
    text = (EXTRACTS / "schema.graphql").read_text()
    assert prune_graphql(text) == text


def test_contract_refuses_what_the_description_does_not_know() -> None:
    """The judge itself must judge."""
    operation = operation_of("POST", "/repos/acme/platform/pulls/7/reviews")
    assert operation is not None
    assert operation.request_faults({"event": "COMMENT", "body": "x", "comments": []}) == []
    assert operation.request_faults({"event": "PRAISE"}) != []
    assert operation.request_faults({"comments": [{"path": "a", "body": "b", "start_line": None}]}) != []
    assert operation.request_faults({"comments": [{"path": "a", "body": "b", "subject_type": "file"}]}) == [
        ".comments[].subject_type is unknown"
    ]
    assert operation.answer_faults(200, {"id": 1}) != []
    assert operation_of("DELETE", "/repos/acme/platform/pulls/7/reviews") is None
