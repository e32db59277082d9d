"""In which language people read what a command prints: the one that is asked for, else that of their locale."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Annotated

import typer
from onramp.core.language import LANGUAGES, Language

LanguageOption = Annotated[
    str,
    typer.Option(
        "--language",
        metavar="|".join(LANGUAGES),
        help="The language of sentences; by default your locale's (LC_ALL, LC_MESSAGES, LANG). JSON is in English.",
    ),
]


def spoken(asked: str, environment: Mapping[str, str] = os.environ) -> Language:
    """`asked`: what was typed, '' for nothing. A language that nobody translated to is English, unless it was typed."""
    if asked:
        found = next((one for one in LANGUAGES if one == asked), None)
        if found is None:
            raise typer.BadParameter(f"{asked!r} is none of {', '.join(LANGUAGES)}", param_hint="--language")
        return found
    # The first of these that is set decides, as POSIX has it; ja_JP.UTF-8, ja.
    locale = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    return next((one for one in LANGUAGES if one == locale.partition(".")[0].partition("_")[0]), "en")
