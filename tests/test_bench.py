"""What the product's runs cost stays within what was asked for; the layer has what its calls need."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from layers.onramp import lock
from tests.bench.replays import NO_LIMIT, Measured, replays

ROOT = Path(__file__).parents[1]
NAMES_A_SERVICE = {"client", "pages"}
NO_SERVICES = {"ground"}
"""What a function of the plan that is called client is given."""


@pytest.fixture(scope="module")
def measured() -> list[Measured]:
    return replays()


def test_no_trigger_costs_more_than_was_asked_for(measured: list[Measured]) -> None:
    assert [text for it in measured for text in it.over] == []


def test_everything_with_a_limit_was_measured(measured: list[Measured]) -> None:
    limited = {it.what.partition(" (")[0]: it for it in measured if it.limits != NO_LIMIT}
    assert set(limited) == {
        "one client VPC joins",
        "one service joins, with an invitation",
        "one service joins, in an organisation",
        "nothing changes: the same tag event again",
        "nothing changes: a sweep",
        "one service leaves",
        "one client VPC leaves",
        "an event that is noise",
    }
    # What was measured did happen: a run each, but none for noise.
    assert {what: it.runs for what, it in limited.items()} == {
        what: 0 if what == "an event that is noise" else 1 for what in limited
    }


def test_what_joins_or_leaves_changes_something(measured: list[Measured]) -> None:
    assert all(it.changing > 0 for it in measured if "joins" in it.what or "leaves" in it.what)


def test_a_sweep_after_an_hour_assumes_its_role_anew(measured: list[Measured]) -> None:
    (swept,) = (it for it in measured if "a sweep" in it.what)
    assert swept.by_operation["sts:AssumeRole"] == 1


def test_calls_are_reads_changes_and_books(measured: list[Measured]) -> None:
    assert all(
        it.calls == it.reading + it.changing + it.bookkeeping == sum(it.by_operation.values()) for it in measured
    )


def test_the_layer_keeps_the_models_of_just_the_services_that_the_product_calls(measured: list[Measured]) -> None:
    asked = {service for file in _product() for service in _services_in(file)}
    assert _services_kept() == sorted(asked)
    # However the code spells its calls, the ones that it made must be among them.
    assert {name.partition(":")[0] for it in measured for name in it.by_operation} <= asked


def test_the_layer_brings_what_its_packages_need_in_the_versions_of_the_lock() -> None:
    locked = tomllib.loads((ROOT / "uv.lock").read_text())
    hint = "run `python layers/onramp/lock.py`"
    assert (ROOT / "layers/onramp/requirements.txt").read_text() == lock.requirements(locked), hint
    assert len(lock.requirements(locked).splitlines()) > 20


def _services_kept() -> list[str]:
    makefile = (ROOT / "layers/onramp/Makefile").read_text()
    found = re.search(r"^SERVICES := (.+)$", makefile, re.MULTILINE)
    assert found is not None
    return found[1].split()


def _product() -> set[Path]:
    """The functions, and what they import of the layer: it holds what the command alone needs, too."""
    found, todo = set[Path](), set((ROOT / "functions").glob("*/*.py"))
    while todo:
        found |= todo
        todo = {module for file in todo for module in _imported(file)} - found
    return found


def _imported(file: Path) -> Iterator[Path]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] == "onramp":
            for name in (node.module, *(f"{node.module}.{alias.name}" for alias in node.names)):
                where = ROOT / "layers/onramp/python" / name.replace(".", "/")
                yield from (one for one in (where.with_suffix(".py"), where / "__init__.py") if one.exists())


def _services_in(file: Path) -> Iterator[str]:
    """What every `….client(…)` and `….pages(…)` is given; AssertionError where that cannot be read off the code.

    `Account.client` itself passes a name on, as do the shorthands of a step's scene and of an account's reader.
    """
    passed_on = {"service"}
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in NAMES_A_SERVICE:
            given = node.args[0]
            if isinstance(given, ast.Name) and given.id in passed_on | NO_SERVICES:
                continue
            assert isinstance(given, ast.Constant), f"{file.name}:{node.lineno}: which service?"
            yield str(given.value)
