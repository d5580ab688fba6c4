"""Blocks that many tables of cases are made of, each argument on a line of its own."""

from __future__ import annotations


def node_group(*arguments: str, name: str = "n") -> str:
    return f'resource "aws_eks_node_group" "{name}" {{\n{_lines(arguments)}}}\n'


def eks_module(version: str, *arguments: str) -> str:
    return (
        f'module "eks" {{\n  source  = "terraform-aws-modules/eks/aws"\n'
        f'  version = "{version}"\n\n{_lines(arguments)}}}\n'
    )


def _lines(arguments: tuple[str, ...]) -> str:
    return "".join(f"  {each}\n" for each in arguments)
