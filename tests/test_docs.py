"""The pages about security cite tests and files that are there, and the list of requirements is whole."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
SECURITY, ASVS = (PROJECT / "docs" / name for name in ("security.md", "asvs.md"))
CITED = re.compile(r"`(tests/[\w/.]+\.py)(?:::([\w:]+))?`")
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([12]) \| .+? \| (met|not met|does not apply) \| (.+) \|$", re.MULTILINE)


def _names(file: str) -> set[str]:
    """Return the names of the tests of a file, with their class if they have one."""
    found = set()
    for node in ast.parse((PROJECT / file).read_text()).body:
        found.add(getattr(node, "name", ""))
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}::{child.name}" for child in node.body if isinstance(child, ast.FunctionDef)}
    return found


@pytest.mark.parametrize("page", [SECURITY, ASVS], ids=lambda page: page.name)
def test_every_cited_test_is_there(page: Path):
    cited = CITED.findall(page.read_text())
    assert cited
    missing = [
        f"{file}::{name}"
        for file, name in cited
        if not (PROJECT / file).is_file() or (name and name not in _names(file))
    ]
    assert missing == []


@pytest.mark.parametrize("page", [SECURITY, ASVS], ids=lambda page: page.name)
def test_no_test_is_cited_without_its_folder(page: Path):
    assert re.findall(r"`(test_\w+(?:\.py)?(?:::[\w:]+)?)`", page.read_text()) == []


def test_every_requirement_of_levels_1_and_2_has_its_row():
    rows = ROW.findall(ASVS.read_text())
    assert max(Counter(number for number, *_ in rows).values()) == 1
    # As many as ASVS 5.0.0 has.
    assert Counter(level for _, level, *_ in rows) == {"1": 70, "2": 183}


def test_the_summary_counts_the_rows():
    page = ASVS.read_text()
    found = Counter((level, state) for _, level, state, _ in ROW.findall(page))
    for level in "12":
        met, not_met, other = (found[level, state] for state in ("met", "not met", "does not apply"))
        assert f"level {level}, {met} are met, {not_met} are not met, {other} do not apply" in page


def test_what_is_met_names_a_test_or_says_that_there_is_none():
    rows = [(number, why) for number, _, state, why in ROW.findall(ASVS.read_text()) if state == "met"]
    assert [number for number, why in rows if not CITED.search(why) and "no test" not in why.lower()] == []
