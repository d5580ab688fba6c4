"""The tables of facts are well-formed: a typo in one of them must not become a finding."""

from __future__ import annotations

import itertools
import re
from datetime import date
from fnmatch import fnmatchcase
from importlib import resources
from typing import Any

import pytest
import yaml

from reviewer import data
from reviewer.data import table

NAMES = sorted(
    each.name.removesuffix(".yaml") for each in resources.files(data).iterdir() if each.name.endswith(".yaml")
)
CHECKED = [each for each in NAMES if "updated" in table(each)]
ACTION = re.compile(r"[a-z0-9-]+:[A-Za-z*][A-Za-z0-9*]*")


class UniqueKeys(yaml.SafeLoader):
    """A reader that refuses a key which stands twice: the second would silently win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - PyYAML's signature
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        assert len(keys) == len(set(keys)), f"line {node.start_mark.line + 1}: a key stands twice"
        return super().construct_mapping(node, deep)


@pytest.mark.parametrize("name", NAMES)
def test_no_key_stands_twice(name: str) -> None:
    text = resources.files(data).joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    yaml.load(text, Loader=UniqueKeys)  # noqa: S506 - a safe loader that is stricter


@pytest.mark.parametrize("name", CHECKED)
def test_every_table_names_its_sources_and_the_day_it_was_checked(name: str) -> None:
    facts = table(name)
    assert isinstance(facts["updated"], date)
    assert facts["sources"]
    assert all(isinstance(each, str) and each.strip() for each in facts["sources"])


def test_versions_follow_each_other_and_live_in_order() -> None:
    rows = table("eks_versions")["versions"]
    minors = [tuple(map(int, name.split("."))) for name in rows]
    assert all(after == (before[0], before[1] + 1) for before, after in itertools.pairwise(minors))
    for row in rows.values():
        assert row["released"] < row["standard_until"] < row["extended_until"]
    starts = [row["released"] for row in rows.values()]
    assert starts == sorted(starts)


@pytest.mark.parametrize("name", ["cluster_inputs", "node_group_inputs"])
def test_each_major_version_of_a_module_calls_a_fact_one_thing(name: str) -> None:
    inputs = table(name)
    for fact, by_source in inputs["facts"].items():
        for source, rows in by_source.items():
            versions = range(inputs["oldest"].get(source, 17), inputs["newest"].get(source, 21) + 1)
            for major in versions:
                named = [
                    row["argument"]
                    for row in rows
                    if "argument" in row and row.get("from", 0) <= major <= row.get("until", 999)
                ]
                assert len(named) == len(set(named)), f"{fact} of {source} {major}: {named}"
                defaults = [
                    row["default"]
                    for row in rows
                    if "default" in row and row.get("from", 0) <= major <= row.get("until", 999)
                ]
                assert all(each == defaults[0] for each in defaults), (
                    f"{fact} of {source} {major}: {defaults}"
                )


def test_ports_are_ports() -> None:
    for row in table("sensitive_ports")["ports"]:
        first, last = row["port"] if isinstance(row["port"], list) else (row["port"], row["port"])
        assert 0 < first <= last <= 65_535
        assert row["service"]
        assert row["group"] in {"admin", "kubernetes", "database", "cache and queue", "monitoring"}
        assert set(row.get("protocols", ["tcp"])) <= {"tcp", "udp"}


def test_regions_have_the_form_of_regions() -> None:
    assert all(re.fullmatch(r"[a-z]{2,4}(-[a-z]+)+-\d", each) for each in table("regions")["regions"])


def test_actions_are_written_as_iam_writes_them() -> None:
    known = table("iam_actions")
    listed = [
        *known["escalation"],
        *known["write"],
        *(each for row in known["data"] for each in row["actions"]),
    ]
    assert [each for each in listed if not ACTION.fullmatch(each)] == []
    assert sorted(known["write"]) == sorted(set(known["write"]))
    assert set(known["escalation"]).isdisjoint(known["write"])


def test_no_policy_is_both_broad_and_needed_by_nodes() -> None:
    known = table("managed_policies")
    assert [
        each for each in known["node"] if each in known["broad"] or each.endswith(known["broad_suffix"])
    ] == []
    assert [
        each for each in known["node_actions"] if not ACTION.fullmatch(each) and not each.endswith(":*")
    ] == []


def test_no_tls_policy_is_both_accepted_and_denied() -> None:
    known = table("tls_policies")
    plain = [each for each in (*known["accepted"], *known["denied"]) if "*" not in each]
    for name in plain:
        fits = [how for how in ("accepted", "denied") if any(fnmatchcase(name, each) for each in known[how])]
        assert len(fits) == 1, f"{name}: {fits}"


def test_removed_apis_name_a_version_and_kinds() -> None:
    for row in table("removed_apis")["apis"]:
        assert re.fullmatch(r"[a-z0-9.]+/v\d+(?:(?:alpha|beta)\d+)?", row["api"]), row
        assert re.fullmatch(r"1\.\d+", row["removed"]), row


def test_patterns_of_secrets_compile_and_do_not_contradict_each_other() -> None:
    known = table("secret_patterns")
    for row in known["shapes"]:
        assert re.compile(row["pattern"]).search("") is None, row["kind"]
        assert row["kind"].startswith(("a ", "an ")), row["kind"]
    neutral = [word for row in known["neutral"] for word in row]
    assert set(known["strong"]).isdisjoint(known["weak"])
    assert set(neutral).isdisjoint((*known["strong"], *known["weak"], *known["weak_at_end"]))
    assert all(each == each.lower() for each in known["placeholders"])
