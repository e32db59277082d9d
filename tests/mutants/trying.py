"""Try changes: pytest reads all tests once, and each change is tried in a process forked from it.

No file is written: in the forked process the changed function gets the code that the change compiles to. First the
tests are run as the code stands, which tells how long each takes and which functions it meets; that is kept in
`.mutants/` as long as nothing is changed. Then each change meets the tests of its function, quick ones first, up to the
first that fails.
"""

import ast
import gc
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from functools import _lru_cache_wrapper
from importlib.machinery import SourceFileLoader
from pathlib import Path
from time import monotonic
from types import CodeType, FunctionType
from typing import Any, NamedTuple

import pytest

from tests.mutants.changes import PRODUCT, ROOT, Change

TESTS = ("tests/core", "tests/aws", "tests/functions")
ARGUMENTS = (
    "-m",
    "parts or runs",
    "-s",
    "-o",
    "addopts=",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:terminal",
    "--rootdir",
    str(ROOT),
)
HOMES = (f"{ROOT / PRODUCT}/", f"{ROOT / 'functions'}/")
NOTICED, UNNOTICED, OUT_OF_TIME, UNMET, UNFIT = "noticed", "unnoticed", "out of time", "no test meets it", "not put in"
EXITS = {0: UNNOTICED, 1: NOTICED, 3: UNFIT, -signal.SIGPROF: OUT_OF_TIME, -signal.SIGALRM: OUT_OF_TIME}
"""What else a process ends by (killed by the system, out of memory) is noticed as well: so would a test's run be."""


class Met(NamedTuple):
    """Of one test: seconds it takes, and the functions it meets, as `FILE:NAME`."""

    seconds: float
    functions: list[str]


class Code:
    """The product's code as it was loaded, by file; `instead` is loaded in its place from now on."""

    def __init__(self) -> None:
        self.loaded: dict[str, CodeType] = {}
        self.instead: dict[str, CodeType] = {}
        self.on_load: Callable[[CodeType], None] = lambda _: None

    def follow(self) -> None:
        """Know from now on what is loaded."""
        plain = SourceFileLoader.get_code

        def get_code(loader: SourceFileLoader, name: str) -> CodeType | None:
            found = plain(loader, name)
            if found is None or not loader.path.startswith(HOMES):
                return found
            found = self.instead.get(loader.path, found)
            self.loaded[loader.path] = found
            self.on_load(found)
            return found

        SourceFileLoader.get_code = get_code  # type: ignore[method-assign, assignment]

    def put_in(self, change: Change) -> None:
        """ValueError where a function that was made cannot have this code."""
        path, source = str(ROOT / change.file), change.applied()
        self.instead[path] = compile(source, path, "exec")
        if path not in self.loaded:
            return
        was, now = (by_name(code, change.function) for code in (self.loaded[path], self.instead[path]))
        for name, codes in was.items():
            if len(codes) == len(now.get(name, ())):
                for old, new in zip(codes, now[name], strict=True):
                    swap(old, new, source if name == change.function else "")


def by_name(code: CodeType, function: str) -> dict[str, list[CodeType]]:
    """The function's, and those of what stands in it: what it made when the module was loaded has theirs."""
    found: dict[str, list[CodeType]] = {}
    for one in within(code):
        if one.co_qualname == function or one.co_qualname.startswith(f"{function}.<locals>."):
            found.setdefault(one.co_qualname, []).append(one)
    return found


def within(code: CodeType) -> Iterator[CodeType]:
    yield code
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield from within(one)


def swap(old: CodeType, new: CodeType, source: str) -> None:
    """Give each function that has the old code the new one, and its defaults where its source is given."""
    args = next(
        (
            node.args
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and node.name == new.co_name
            and new.co_firstlineno in (node.lineno, *(one.lineno for one in node.decorator_list))
        ),
        None,
    )
    for function in [one for one in gc.get_referrers(old) if isinstance(one, FunctionType)]:
        function.__code__ = new
        if args is not None:
            set_defaults(function, args)


def set_defaults(function: FunctionType, args: ast.arguments) -> None:
    worth, had = function.__globals__, function.__kwdefaults__ or {}
    if simple(args.defaults):
        function.__defaults__ = tuple(_valued(one, worth) for one in args.defaults) or None
    named = {one.arg: it for one, it in zip(args.kwonlyargs, args.kw_defaults, strict=True) if it is not None}
    function.__kwdefaults__ = {
        name: _valued(one, worth) if simple([one]) else had[name] for name, one in named.items()
    } or None


def simple(defaults: list[ast.expr]) -> bool:
    """mutmut changes no others, and to work others out once more might make another object."""
    return all(isinstance(one, ast.Constant | ast.Name | ast.UnaryOp) for one in defaults)


def _valued(node: ast.expr, names: dict[str, Any]) -> Any:
    return eval(compile(ast.Expression(node), "default", "eval"), names)  # noqa: S307 - our own source


def forget() -> None:
    """What the product's functions and the tests' have kept of earlier calls would hide what a change does."""
    for one in CACHES:
        one.cache_clear()


CACHES: list[Any] = []
OF_MODELS = ("tests.aws.canned", "test_names")
"""They keep what botocore's models say, which no change touches, and which takes long to read."""


def find_caches() -> None:
    ours = ("onramp.", "functions.", "tests.", "test_", "histories")
    kept = [one for one in gc.get_objects() if type(one) is _lru_cache_wrapper]
    homes = [(one, str(getattr(one, "__module__", ""))) for one in kept]
    CACHES[:] = [one for one, home in homes if home.startswith(ours) and home not in OF_MODELS]


class Session:
    """What pytest does in place of running its tests: `work` with them as they were collected."""

    def __init__(self, work: Callable[[list[pytest.Item]], None]) -> None:
        self.work = work
        self.broken: list[str] = []
        self.ended: BaseException | None = None

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.broken.append(f"{report.nodeid}\n{report.longreprtext}")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if self.broken:
            self.ended = SystemExit("the tests are not to be collected:\n" + "\n".join(self.broken)[-4000:])
            return True
        session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]  # one for all that are forked
        find_caches()
        try:
            self.work(session.items)
        except (SystemExit, KeyboardInterrupt) as ended:  # pytest would make an error of its own of it, or go on
            self.ended = ended
        return True


class Reports:
    """In a forked process: what comes of each test."""

    def __init__(self, failed: Callable[[pytest.TestReport], None]) -> None:
        self.failed = failed

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed(report)


def run(items: list[pytest.Item], before: Callable[[pytest.Item], None], after: Callable[[pytest.Item], None]) -> None:
    for item, then in zip(items, [*items[1:], None], strict=True):
        forget()
        before(item)
        item.ihook.pytest_runtest_protocol(item=item, nextitem=then)
        after(item)


def forked(work: Callable[[], int]) -> int:
    """Its process: it says nothing, and ends with what `work` answers."""
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child:
        return child
    try:
        # An interrupt is for whoever began this, and he ends it.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)
        os._exit(work())
    finally:
        os._exit(1)


def measured(items: list[pytest.Item], to: Path) -> int:
    """Run these as the code stands, and write what each met; 1 where one fails."""
    watch, tool = sys.monitoring, sys.monitoring.PROFILER_ID
    watch.use_tool_id(tool, "mutants")
    met: set[str] = set()
    by_fixture: dict[tuple[str, str], set[str]] = {}
    found: dict[str, Met] = {}
    began = 0.0

    def start(code: CodeType, _: int) -> object:
        met.add(f"{code.co_filename.removeprefix(f'{ROOT}/')}:{code.co_qualname.partition('.<locals>')[0]}")
        return watch.DISABLE

    def heed(code: CodeType) -> None:
        for one in within(code):
            watch.set_local_events(tool, one, watch.events.PY_START)

    watch.register_callback(tool, watch.events.PY_START, start)
    for code in CODE.loaded.values():
        heed(code)
    CODE.on_load = heed

    class Fixtures:
        """What a fixture of many tests meets is met by each of them, though one alone makes it."""

        @pytest.hookimpl(wrapper=True)
        def pytest_fixture_setup(self, fixturedef: Any) -> Iterator[None]:
            if fixturedef.scope == "function":
                return (yield)
            was = set(met)
            met.clear()
            watch.restart_events()
            try:
                return (yield)
            finally:
                by_fixture[fixturedef.argname, fixturedef.baseid] = set(met)
                met.update(was)
                watch.restart_events()

    def before(_: pytest.Item) -> None:
        nonlocal began
        met.clear()
        watch.restart_events()
        began = monotonic()

    def after(item: pytest.Item) -> None:
        took = monotonic() - began
        for name, those in getattr(item, "_fixtureinfo").name2fixturedefs.items():  # noqa: B009 - pytest's own
            for one in those:
                met.update(by_fixture.get((name, one.baseid), ()))
        found[item.nodeid] = Met(took, sorted(met))

    def failed(report: pytest.TestReport) -> None:
        to.write_text(json.dumps({"failed": f"{report.nodeid}\n{report.longreprtext}"}))
        os._exit(1)

    items[0].config.pluginmanager.register(Reports(failed))
    items[0].config.pluginmanager.register(Fixtures())
    run(items, before, after)
    to.write_text(json.dumps(found))
    return 0


def tried(change: Change, items: list[pytest.Item], met: dict[str, Met]) -> int:
    """Run these with the change until one fails. A test that takes far longer than it did ends the process."""

    def limited(item: pytest.Item) -> None:
        seconds = met[item.nodeid].seconds
        signal.setitimer(signal.ITIMER_PROF, 5 + 10 * seconds)
        signal.setitimer(signal.ITIMER_REAL, 60 + 60 * seconds)

    for ends in (signal.SIGPROF, signal.SIGALRM):
        signal.signal(ends, signal.SIG_DFL)
    items[0].config.pluginmanager.register(Reports(lambda _: os._exit(1)))
    try:
        CODE.put_in(change)
    except ValueError:
        return 3
    run(items, limited, lambda _: None)
    return 0


def in_order(items: list[pytest.Item], met: dict[str, Met]) -> list[pytest.Item]:
    """Quick ones first: those that take about as long stay together as they stand, with the fixtures they share."""
    return sorted(items, key=lambda item: int(met[item.nodeid].seconds * 1000 + 1).bit_length())


def collected(work: Callable[[list[pytest.Item]], None]) -> None:
    """`work` with all tests, in a process of pytest's that has read them and run none."""
    from hypothesis import Phase, settings

    # Examples are the same each time, and one that fails is enough: none is looked for that is shorter.
    settings.register_profile("mutants", phases=(Phase.explicit, Phase.generate), database=None, derandomize=True)
    settings.load_profile("mutants")
    os.chdir(ROOT)
    CODE.follow()
    session = Session(work)
    code = pytest.main([*ARGUMENTS, *TESTS], plugins=[session])
    if session.ended is not None:
        raise session.ended
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        sys.exit(f"pytest ended with {code!r}")


CODE = Code()
