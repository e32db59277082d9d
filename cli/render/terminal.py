"""What the commands write to: the words of others are shown there, and never act."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from onramp.core.language import Language, labelled, of_code, told
from onramp.core.text import inert, visible
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from cli.language import rehearsal


class Screen(Console):
    """A console that knows no markup in what it is given, and no colour, link or movement but its own.

    `language`: in which its reader reads sentences. `rehearsal`: are they those of a replay or a local cloud, too?
    """

    def __init__(self, *, language: Language = "en", rehearsal: bool = False, **how: Any) -> None:
        super().__init__(markup=False, emoji=False, highlight=False, **how)
        self.language = language
        self.rehearsal = rehearsal

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """As rich does it, each piece of text without what would act."""
        for piece in super().render(renderable, options):
            if piece.control or piece.text.isprintable():
                yield piece
            else:
                shown = "\n".join(map(visible, piece.text.split("\n")))
                yield Segment(shown, piece.style)


def say(out: Console, text: str) -> str:
    """A sentence in the language of whoever reads there, with its code before it, if it has one."""
    if not isinstance(out, Screen):
        return text
    return rehearsal().told(text) if out.rehearsal and out.language != "en" else told(text, out.language)


def say_of(out: Console, code: str, text: str) -> str:
    """The same of what is told beside its code."""
    return of_code(code, text, out.language) if isinstance(out, Screen) else text


def enumerated(out: Console, texts: Iterable[str]) -> str:
    """Sentences or counts beside each other on a line, each in the language of whoever reads there."""
    comma = "、" if isinstance(out, Screen) and out.language == "ja" else ", "
    return comma.join(say(out, text) for text in texts)


def label(out: Console, word: str, width: int = 0) -> str:
    """What heads a line or a column in that language, with spaces up to so many cells."""
    shown = labelled(word, out.language) if isinstance(out, Screen) else word
    return shown + " " * (width - cell_len(shown))


def json_text(value: Any, *, indent: int | None = 2) -> str:
    """The value as a JSON document with a line end, which may be shown as well as read."""
    return inert(json.dumps(value, indent=indent, ensure_ascii=False)) + "\n"
