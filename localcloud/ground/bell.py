"""Hears of what comes into a queue or stream of moto's, and keeps moto from calling functions itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Bell(dict[str, Any]):
    """In place of a thing's own record of mappings: moto walks it for each new message, and we hear of it.

    moto would receive the message there and then and run the function itself, so it gets nothing to walk.
    """

    def __init__(self, ring: Callable[[], None]) -> None:
        super().__init__()
        self._ring = ring

    def items(self) -> Any:
        self._ring()
        return ()
