"""What the commands write to: the words of others are shown there, and never act."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from onramp.core.text import inert, visible
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment


class Screen(Console):
    """A console that knows no markup in what it is given, and no colour, link or movement but its own."""

    def __init__(self, **how: Any) -> None:
        super().__init__(markup=False, emoji=False, highlight=False, **how)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """As rich does it, each piece of text without what would act."""
        for piece in super().render(renderable, options):
            if piece.control or piece.text.isprintable():
                yield piece
            else:
                shown = "\n".join(map(visible, piece.text.split("\n")))
                yield Segment(shown, piece.style)


def json_text(value: Any, *, indent: int | None = 2) -> str:
    """The value as a JSON document with a line end, which may be shown as well as read."""
    return inert(json.dumps(value, indent=indent, ensure_ascii=False)) + "\n"
