"""In which language people read what a command prints: the one that is asked for, else that of their locale."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from functools import cache
from typing import Annotated

import typer
from onramp.core.language import LANGUAGES, Catalogue, Language

LanguageOption = Annotated[
    str,
    typer.Option(
        "--language",
        metavar="|".join(LANGUAGES),
        help="The language of sentences; by default your locale's (LC_ALL, LC_MESSAGES, LANG). JSON is in English.",
    ),
]

_TYPED: ContextVar[str] = ContextVar("_TYPED", default="")


@contextlib.contextmanager
def speaking(language: str) -> Iterator[None]:
    """In the block that language was typed; '' or another one: none was."""
    token = _TYPED.set(language if language in LANGUAGES else "")
    try:
        yield
    finally:
        _TYPED.reset(token)


def here() -> Language:
    """The language of whoever typed this command."""
    return spoken("")


def spoken(asked: str, environment: Mapping[str, str] = os.environ) -> Language:
    """`asked`: what was typed, '' for nothing. A language that nobody translated to is English, unless it was typed."""
    asked = asked or _TYPED.get()
    if asked:
        found = next((one for one in LANGUAGES if one == asked), None)
        if found is None:
            raise typer.BadParameter(f"{asked!r} is none of {', '.join(LANGUAGES)}", param_hint="--language")
        return found
    # The first of these that is set decides, as POSIX has it; ja_JP.UTF-8, ja.
    locale = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    return next((one for one in LANGUAGES if one == locale.partition(".")[0].partition("_")[0]), "en")


@cache
def rehearsal() -> Catalogue:
    """What `onramp replay` and `onramp local` say, the product's own sentences among it.

    Of its own, for some are of few words, which as sentences would fit what AWS or a team says to the other commands.
    """
    from onramp.core.japanese import SENTENCES  # who reads English needs none

    from cli.japanese import REHEARSAL

    return Catalogue({**SENTENCES, **REHEARSAL})
