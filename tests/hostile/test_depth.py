"""Whatever is nested, and however deeply: it is read, unknown or named, and never an error of this program.

How deeply Python itself can go depends on its version and on what was called before, so that depths around
each limit are tried, in the whole review.
"""

from __future__ import annotations

from datetime import date

import pytest

from reviewer import pipeline
from reviewer.config.config import Config
from tests.hostile.changes import change_of

HERE = "@"
"""Where what is nested stands."""


def bucket(argument: str) -> str:
    return f'resource "aws_s3_bucket" "b" {{\n  {argument}\n}}\n'


def policy(text: str) -> str:
    return f'resource "aws_iam_policy" "p" {{\n  policy = {text}\n}}\n'


def heredoc(text: str) -> str:
    return f"<<E\n{text}\nE"


CONDITION = '{"Statement": [{"Effect": "Allow", "Condition": @}]}'
MANIFEST = 'resource "kubectl_manifest" "m" {\n  yaml_body = <<E\nkind: Pod\nspec: @\nE\n}\n'
JSON = '{"resource": {"aws_s3_bucket": {"b": @}}}'
SHAPES = {
    "lists": ("main.tf", bucket("tags = @"), "[", "", "]"),
    "objects": ("main.tf", bucket("tags = @"), "{a=", "1", "}"),
    "parentheses": ("main.tf", bucket("bucket = @"), "(", "1", ")"),
    "calls": ("main.tf", bucket("bucket = @"), "lower(", '"a"', ")"),
    "conditionals": ("main.tf", bucket("bucket = @"), "true ? ", '"a"', ' : "b"'),
    "negations": ("main.tf", bucket("bucket = @"), "!", "true", ""),
    "sums": ("main.tf", bucket("bucket = @"), "1 + ", "1", ""),
    "indices": ("main.tf", bucket("bucket = @"), "", "local.a", "[0]"),
    "attributes": ("main.tf", bucket("bucket = @"), "", "local.a", ".a"),
    "interpolations": ("main.tf", bucket("bucket = @"), '"${', "1", '}"'),
    "directives": ("main.tf", bucket('bucket = "@"'), "%{if true}", "x", "%{endif}"),
    "loops": ("main.tf", bucket('bucket = "@"'), "%{for x in [1]}", "x", "%{endfor}"),
    "comprehensions": ("main.tf", bucket("bucket = @"), "[for x in [", "1", "] : x]"),
    "blocks": ("main.tf", bucket("@"), "a {\n", "", "}\n"),
    "dynamic blocks": ("main.tf", bucket("@"), 'dynamic "a" {\nfor_each=[1]\ncontent {\n', "", "}\n}\n"),
    "types": ("main.tf", 'variable "a" {\n  type = @\n}\n', "list(", "string", ")"),
    "a policy": ("main.tf", policy(heredoc(HERE)), "[", "", "]"),
    "a condition": ("main.tf", policy(heredoc(CONDITION)), '{"a":', "1", "}"),
    "decoded JSON": ("main.tf", policy('jsonencode(jsondecode("@"))'), "[", "", "]"),
    "a manifest": ("main.tf", MANIFEST, "[", "", "]"),
    "blocks of JSON": ("main.tf.json", JSON, '{"dynamic": {"a": {"content": ', "{}", "}}}"),
    "values of JSON": ("main.tf.json", JSON, '{"tags": ', "1", "}"),
    "variables of JSON": ("terraform.tfvars.json", '{"a": @}', "[", "", "]"),
    "a workflow": (".github/workflows/a.yml", "on: push\njobs: @\n", "{a: ", "1", "}"),
    "objects of Kubernetes": ("a.yaml", "kind: Deployment\nspec: @\n", "[", "", "]"),
    "a policy in a file": ("policy.json", '{"Version": "2012-10-17", "Statement": @}', "[", "", "]"),
}


@pytest.mark.parametrize("times", [45, 95, 180, 300, 480, 900, 3_000, 9_000])
@pytest.mark.parametrize(("path", "around", "opening", "inner", "closing"), SHAPES.values(), ids=SHAPES)
def test_depth_is_no_error_of_the_program(  # noqa: PLR0917 - a shape has five parts
    path: str, around: str, opening: str, inner: str, closing: str, times: int
) -> None:
    files = {
        "main.tf": bucket('bucket = "b"'),
        path: around.replace(HERE, opening * times + inner + closing * times),
    }
    result = pipeline.review(change_of(files), Config(), today=date(2026, 11, 23))
    reasons = [each.reason for each in result.coverage.not_evaluated]
    assert [each for each in reasons if "internal error" in each] == []
