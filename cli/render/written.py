"""Standard output whose reader may leave and whose disk may be full: neither is an outcome that a command promises."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path

READER_LEFT = 141
"""As a shell tells of a program that SIGPIPE has ended."""

NOT_WRITTEN = 74
"""EX_IOERR of sysexits.h."""


class NotWritten(Exception):
    """What was told could not be written."""


class Written(io.TextIOWrapper):
    """Whose OSError is told apart from every other."""

    def write(self, text: str) -> int:
        with _apart():
            return super().write(text)

    def flush(self) -> None:
        with _apart():
            super().flush()


@contextlib.contextmanager
def _apart() -> Iterator[None]:
    try:
        yield
    except OSError as why:
        raise NotWritten(why.strerror) from why


@contextlib.contextmanager
def to_its_end() -> Iterator[None]:
    """What the block writes to standard output is written, or the process ends by one of these statuses."""
    if sys.stdout is None:  # closed by who called us, who wants to hear nothing
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  # as long as the process
    elif isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal that knows no ✓ is no reason to stop.
        was = sys.stdout
        sys.stdout = Written(was.buffer, was.encoding, "replace", line_buffering=was.line_buffering)
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except NotWritten as no:
        # What is left in its buffer is tried again as the process ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(no.__cause__, OSError) and no.__cause__.errno == errno.EPIPE:
            sys.exit(READER_LEFT)
        sys.stderr.write(f"onramp: standard output cannot be written: {no}\n")
        sys.exit(NOT_WRITTEN)
