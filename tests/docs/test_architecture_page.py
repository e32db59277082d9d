"""docs/architecture.md leads to what is there: its files and names, and every kind of thing that people tag."""

import ast
import re
from pathlib import Path
from typing import get_args

import pytest
from onramp.aws.apply import VERBS
from onramp.core import model, steps
from onramp.core.plan import SETTLE_SECONDS
from vocabulary import ROOT

PAGE = (ROOT / "docs/architecture.md").read_text()
LAYER = ROOT / "layers/onramp/python/onramp"
ROW = re.compile(r"^\| `(\w+)` \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)
FILES = re.findall(r"`([\w./-]+\.(?:py|yaml))`", PAGE)


def path(name: str) -> Path | None:
    """A file as the page calls it: from the root, from the layer, or by its name beside one that was named before."""
    places = (ROOT / name, LAYER / name, LAYER / "core/plan" / name)
    return next((place for place in places if place.is_file()), None)


def defined(where: Path) -> set[str]:
    """Functions, methods, classes and constants of a file."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(where.read_text())):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found |= {one.id for one in node.targets if isinstance(one, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
        elif isinstance(node, ast.TypeAlias):
            found.add(node.name.id)
    return found


def test_every_file_that_it_names_is_there() -> None:
    assert len(FILES) > 25
    assert [name for name in FILES if path(name) is None] == []


@pytest.mark.parametrize(
    ("name", "where"),
    [
        *((name, where) for where, name in re.findall(r"`([\w/]+\.py)`: `(\w+)`", PAGE)),
        *re.findall(r"`(\w+)` of `([\w/]+\.py)`", PAGE),
    ],
)
def test_every_name_that_it_says_is_in_a_file_is_in_it(name: str, where: str) -> None:
    found = path(where)
    assert found is not None
    assert name in defined(found)


def test_every_kind_of_thing_that_people_tag_has_its_row_of_three_files() -> None:
    rows = {kind: cells for kind, *cells in ROW.findall(PAGE)}
    assert set(rows) == {kind.__name__ for kind in get_args(model.Resource.__value__)}
    rooms = ("core/", "core/plan/", "aws/observe/")
    assert [
        (kind, cell)
        for kind, cells in rows.items()
        for cell, room in zip(cells, rooms, strict=True)
        if not cell.startswith(f"`{room}")
    ] == []


def test_what_it_says_of_steps_is_so() -> None:
    kinds = set(get_args(steps.AnyStep.__value__))
    assert set(VERBS) == kinds
    assert SETTLE_SECONDS.keys() <= {kind.__name__ for kind in kinds}
