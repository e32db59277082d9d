"""Text that is handed over as it is."""

from __future__ import annotations


class Plain(str):
    """What `hand_over` is to hand over as it is, not as a JSON value."""

    __slots__ = ()
