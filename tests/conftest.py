"""What holds for every test: each answer of a local cloud, also of one served beside it, is held to its model; the
product finds the names of its logs and metrics."""

import gc
import os
import re
import sys
from collections.abc import Generator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

# Not imported from localcloud.cloud, which would load moto for the core's tests; test_gate sees that it is right.
os.environ["LOCALCLOUD_CHECK_ANSWERS"] = "1"

# Read while the product's logger and metrics are made, which is once a process, whichever test comes first.
os.environ |= {"POWERTOOLS_METRICS_NAMESPACE": "LatticeOnramp", "POWERTOOLS_SERVICE_NAME": "onramp-net"}

# Models, clients and moto's memory live as long as the process: to look through them for garbage as often as Python
# does took a twentieth of the stories' time.
gc.set_threshold(100_000, 50, 1_000)

HERE = Path(__file__).parent
LONG = frozenset(
    HERE / name
    for name in (
        "bench",
        "cli",
        "core/test_every_tag.py",
        "core/test_histories.py",
        "docs/test_command_in_japanese.py",
        "e2e",
        "functions/test_denied_writes.py",
        "localcloud/door/test_every_service.py",
        "releases",
        "replay/test_truth.py",
        "simulation",
        "stories",
        "templates/test_extremes.py",
        "templates/test_least_privilege.py",
        "templates/test_mutations.py",
        "templates/test_second_opinion.py",
        "test_bench.py",
        "test_layer.py",
        "wire",
    )
)
"""Where whole stories are played, processes started and tools fetched: a tenth of the tests, most of the time."""

WAITING = frozenset(HERE / name for name in ("e2e", "releases", "test_layer.py", "wire"))
"""Where other tools are waited for, so that a worker has the machine's time to spare: these begin before all others."""

MINUTES = frozenset(
    HERE / name
    for name in (
        "localcloud/door/test_every_service.py",
        "stories/test_stories_with_faults.py",
        "templates",
        "test_bench.py",
    )
)
"""What one worker has for minutes, since what it is about is made once: the next to begin, or it would go on alone."""

QUICK = frozenset({HERE / "cli/test_help.py"})
"""What is none of that, though it is there."""

PLAYED = frozenset({"evidence", "evidence_by_row"})
"""Fixtures that play whole stories."""

SAYS_LONG = re.compile(rf"\blong\b|{'|'.join(PLAYED)}")
"""How a file of the parts says that there are long tests in it, to whoever has not imported it."""

RUNS = frozenset(
    HERE / name
    for name in (
        "aws/test_view.py",
        "functions/test_a_run.py",
        "functions/test_denied_reads.py",
        "functions/test_met_quotas.py",
    )
)
"""Whole runs of the parts: as long as stories, so nobody watches line by line what they run; mutants meet them, too."""

PARTS = frozenset(HERE / name for name in ("aws", "core", "functions"))
"""What tries the parts of the product one by one, but for what is long: what these tests run of it counts as covered.

Stories run all of it and look at little, as do thousands of drawn accounts; and to watch each line took twice as long
as to run it, or longer. They run apart, in processes of their own: what is made once a process would else be made by
whichever test comes first.
"""


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "long: plays whole stories, or fetches tools; `make check` leaves it out")
    config.addinivalue_line("markers", "parts: tries parts of the product; what it runs counts as covered")
    config.addinivalue_line("markers", "runs: whole runs of the parts, too long to be watched line by line")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """A file of which nothing was asked for is not even read: each process would, and some take seconds."""
    if collection_path.suffix != ".py":
        return None
    match config.option.markexpr:
        case "parts":
            is_left_out = _is_all_long(collection_path) or not _within(collection_path, PARTS)
        case "not parts" | "not parts or e2e":
            is_left_out = _is_all_parts(collection_path)
        case "not long":
            is_left_out = _is_all_long(collection_path)
        case _:
            is_left_out = False
    return True if is_left_out else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _is_long(item):
            if _is_all_parts(item.path):
                raise pytest.UsageError(f"{item.nodeid} is long, and its file does not say so: nobody would run it")
            item.add_marker(pytest.mark.long)
        elif _within(item.path, PARTS):
            item.add_marker(pytest.mark.parts)
        if item.path in RUNS:
            item.add_marker(pytest.mark.runs)
    # What is long begins first, so that no worker is left with it at the end.
    items.sort(
        key=lambda item: (
            not _within(item.path, WAITING),
            not _within(item.path, MINUTES),
            item.get_closest_marker("long") is None,
        )
    )


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, bool | None, bool | None]:
    """A test may be run to its end in a copy of the process (forks.py), where one is asked for."""
    if "tests.forks" not in sys.modules:
        return (yield)
    forks = sys.modules["tests.forks"]
    with forks.watched(lambda error: str(pyfuncitem.repr_failure(pytest.ExceptionInfo.from_exception(error)))) as ended:
        return (yield)
    if ended.failed is not None:
        pytest.fail(ended.failed, pytrace=False)
    return True


def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """What stands ready for the tests of one file is not kept for another's."""
    if "tests.forks" in sys.modules and (nextitem is None or nextitem.path != item.path):
        sys.modules["tests.forks"].clear()


def pytest_sessionfinish() -> None:
    """pytest looks through all of the memory for garbage after it, twice: seconds, and no test hears what it finds."""
    gc.freeze()


OFFLINE = "UV_OFFLINE" in os.environ


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Only what is long may fetch: `make check` needs nothing that `make demo` has not fetched."""
    if item.get_closest_marker("long") is None:
        os.environ["UV_OFFLINE"] = "1"
    elif not OFFLINE:
        os.environ.pop("UV_OFFLINE", None)


@cache
def _within(path: Path, rooms: frozenset[Path]) -> bool:
    return not rooms.isdisjoint((path, *path.parents))


def _is_all_long(path: Path) -> bool:
    return (_within(path, LONG) or path in RUNS) and not _within(path, QUICK)


@cache
def _is_all_parts(path: Path) -> bool:
    """A file of the parts that names nothing by which a test of it would be long."""
    if not _within(path, PARTS) or _is_all_long(path):
        return False
    return SAYS_LONG.search(path.read_text(encoding="utf-8")) is None


def _is_long(item: pytest.Item) -> bool:
    if item.get_closest_marker("long") is not None:
        return True
    asked: set[object] = set(getattr(item, "fixturenames", ()))
    if hasattr(item, "callspec"):
        asked |= {value for value in item.callspec.params.values() if isinstance(value, str)}
    return not PLAYED.isdisjoint(asked) or _is_all_long(item.path)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """By file, but the templates' tests together: the stories that they all ask about are played once."""
    if config.getvalue("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class ByRoom(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            room = "tests/templates/"
            return room if nodeid.startswith(room) else str(super()._split_scope(nodeid))

    return ByRoom(config, log)
