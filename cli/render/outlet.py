"""An output that nobody has to read: what writes to it is never kept waiting, and goes on where the reader has gone."""

from __future__ import annotations

import io
import os
import select
import threading
from collections import deque
from collections.abc import Callable

HELD_AT_MOST = 16_000_000
"""Bytes that wait for a reader; what is told after them is left out until he reads on."""

LAST_WORDS = 2.0
"""Real seconds that a reader has at the end for what still waits."""


AT_ONCE = select.PIPE_BUF
"""Bytes that a pipe takes without a wait where it says that it takes some."""


class Outlet(io.TextIOBase):
    """Writes to a descriptor at once what it takes, and the rest by a thread of its own.

    `lost`: what is told in place of so many lines left out.
    """

    def __init__(self, descriptor: int, lost: Callable[[int], str]) -> None:
        self._descriptor = descriptor
        self._lost = lost
        self._waiting: deque[bytes] = deque()
        self._held = self._left_out = 0
        self._gone = self._closing = False
        self._changed = threading.Condition()
        # It may be kept waiting for ever by a reader that does not read: the process ends without it.
        self._writer = threading.Thread(target=self._write_on, daemon=True, name="outlet")
        self._writer.start()

    @property
    def encoding(self) -> str:  # type: ignore[override]  # a class of attributes there
        return "utf-8"

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        told = text.encode()
        with self._changed:
            if self._gone or not told:
                return len(text)
            if self._held + len(told) > HELD_AT_MOST:
                self._left_out += max(1, told.count(b"\n"))
                return len(text)
            if self._left_out:
                self._keep(self._lost(self._left_out).encode())
                self._left_out = 0
            self._keep(told if self._held else self._at_once(told))
        return len(text)

    def _at_once(self, told: bytes) -> bytes:
        """What is left of it once the reader has no room for more."""
        try:
            while told and select.select([], [self._descriptor], [], 0)[1]:
                told = told[os.write(self._descriptor, told[:AT_ONCE]) :]
        except OSError:
            self._gone = True
            return b""
        return told

    def _keep(self, told: bytes) -> None:
        if told:
            self._waiting.append(told)
            self._held += len(told)
            self._changed.notify_all()

    def close(self) -> None:
        """Ends once all is written, or the reader has had his time for it."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._writer.join(LAST_WORDS)
        super().close()

    def _write_on(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closing)
                if not self._waiting:
                    return
                told = self._waiting.popleft()
            try:
                rest = told
                while rest:
                    rest = rest[os.write(self._descriptor, rest) :]
            except OSError:  # the reader has gone: nobody is told anything any more
                with self._changed:
                    self._gone = True
                    self._waiting.clear()
                    self._held = 0
                continue
            with self._changed:
                self._held -= len(told)
