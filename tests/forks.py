"""What many tests begin with is made once a process: each goes on with it in a copy of the process.

`begun_once` is put on the context manager that makes it. A test that enters it is run to its end by the copy, and its
own process is told how it ended (`tests/conftest.py` puts `watched` around each). Only one copy works at a time.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import itertools
import os
import warnings
from collections.abc import Callable, Hashable, Iterator
from contextlib import AbstractContextManager
from typing import NoReturn
from unittest import mock

from localcloud.cloud import LocalCloud


class Copy:
    """This process's copy, seen from here; or, in the copy, what it has to tell its original."""

    def __init__(self) -> None:
        hears, tells = os.pipe()
        with warnings.catch_warnings():
            # pytest's workers have a thread that talks to their controller; a copy says nothing to it.
            warnings.simplefilter("ignore", DeprecationWarning)
            self._process = os.fork()
        self.is_this = self._process == 0
        self._open = tells if self.is_this else hears
        os.close(hears if self.is_this else tells)

    def heard(self) -> str | None:
        """What the copy told at its end; None where it ended mutely."""
        with open(self._open, encoding="utf-8") as told:  # noqa: PTH123 - a handle, not a path
            text = told.read()
        os.waitpid(self._process, 0)
        return text.removeprefix("\n") if text else None

    def tell(self, text: str) -> NoReturn:
        """The end of the copy."""
        with open(self._open, "w", encoding="utf-8") as told:  # noqa: PTH123 - a handle, not a path
            told.write(f"\n{text}")
        os._exit(0)


_turns = itertools.count()


@contextlib.contextmanager
def unmoved() -> Iterator[None]:
    """Memory that is there already is shared with the copies: looking for garbage in it would write to all of it.

    What ended before is let go of now and then: to look for it took a twentieth of the stories' time.
    """
    if next(_turns) % 4 == 0:
        gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


class _Elsewhere(BaseException):
    """The test was run to its end by a copy; with what it told."""


class _Stands:
    """What stands ready in this process; one thing, since moto has one memory."""

    def __init__(self) -> None:
        self.what: Hashable = None
        self.value: object = None
        self.may_copy = False
        self.copy: Copy | None = None
        self._open = contextlib.ExitStack()

    def make(self, what: Hashable, begin: Callable[[], AbstractContextManager[object]]) -> None:
        self.clear()
        self.may_copy = False
        with contextlib.ExitStack() as opened:
            self.value = opened.enter_context(begin())
            opened.enter_context(unmoved())
            opened.enter_context(_before_another(self.clear))
            self.what, self._open = what, opened.pop_all()
        self.may_copy = True

    def end(self) -> None:
        """What was made ends, and looks at itself as it does."""
        self._open.close()

    def clear(self) -> None:
        if self.copy is None:
            # Nothing was done with it: what is looked at when it ends is not looked at.
            leaving = GeneratorExit()
            self._open.__exit__(GeneratorExit, leaving, None)
            self.what = self.value = None
            self._open = contextlib.ExitStack()


_ready = _Stands()


def _before_another(clear: Callable[[], None]) -> AbstractContextManager[object]:
    """Another local cloud needs moto's memory for itself."""
    enter = LocalCloud.__enter__

    def entered(cloud: LocalCloud) -> LocalCloud:
        clear()
        return enter(cloud)

    return mock.patch.object(LocalCloud, "__enter__", entered)


def begun_once[**P, T](begin: Callable[P, AbstractContextManager[T]]) -> Callable[P, AbstractContextManager[T]]:
    """`begin`, entered once for all tests of a process that ask for the same; elsewhere as it is."""

    @functools.wraps(begin)
    @contextlib.contextmanager
    def begun(*given: P.args, **named: P.kwargs) -> Iterator[T]:
        if not _ready.may_copy or _ready.copy is not None:
            with begin(*given, **named) as made:
                yield made
            return
        what = (begin, given, tuple(sorted(named.items())))
        if _ready.what != what:
            _ready.make(what, lambda: begin(*given, **named))
        copy = Copy()
        if not copy.is_this:
            raise _Elsewhere(copy.heard())
        _ready.copy = copy
        yield _ready.value  # type: ignore[misc]  # what this very `begin` made
        _ready.end()

    return begun


class Ended:
    """How a test that a copy ran ended: the text of its failure, if it failed."""

    failed: str | None = None


@contextlib.contextmanager
def watched(told_as: Callable[[BaseException], str]) -> Iterator[Ended]:
    """Around a test: it may go on in a copy, which then tells how it failed, in these words."""
    ended = Ended()
    _ready.may_copy = True
    try:
        yield ended
    except _Elsewhere as over:
        [told] = over.args
        ended.failed = "its copy ended mutely" if told is None else told or None
    except BaseException as error:
        if _ready.copy is not None:
            _ready.copy.tell(told_as(error) or repr(error))
        raise
    finally:
        _ready.may_copy = False
    if _ready.copy is not None:
        _ready.copy.tell("")


def clear() -> None:
    """Nothing stands ready any more."""
    _ready.clear()
