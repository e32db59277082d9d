"""`--help`, usage errors and suggestions in the reader's language: what Typer builds, with other words in it."""

from __future__ import annotations

import contextlib
import copy
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import typer
from onramp.core.language import Catalogue

# Typer carries a Click of its own, and has no public name for what all errors of usage are.
from typer._click.core import Command as AnyCommand
from typer._click.core import Context
from typer._click.exceptions import NoArgsIsHelpError, UsageError
from typer._click.formatting import HelpFormatter
from typer.core import TyperCommand, TyperGroup, TyperOption

from cli import japanese
from cli.language import here, speaking

MISUSED = {"plan": 1}
"""Of what was typed wrong, the exit status of a command whose 2, the usual one, says something else."""


class Command(TyperCommand):
    """A command whose help is in the reader's language."""

    def make_context(self, *what: Any, **how: Any) -> Context:
        try:
            return super().make_context(*what, **how)
        except UsageError as error:
            error.exit_code = MISUSED.get(self.name or "", error.exit_code)
            raise

    def get_params(self, ctx: Context) -> list[Any]:
        return _plain(super().get_params(ctx))

    def get_usage(self, ctx: Context) -> str:
        return _usage(super().get_usage(ctx))

    def get_help_option(self, ctx: Context) -> TyperOption | None:
        return _told(super().get_help_option(ctx))

    def format_help(self, ctx: Context, formatter: HelpFormatter) -> None:
        TyperCommand.format_help(_in_words(self), ctx, formatter)


class Group(TyperGroup):
    """Several of them; the outermost knows by what was typed, or by the locale, which language that is."""

    def get_params(self, ctx: Context) -> list[Any]:
        return _plain(super().get_params(ctx))

    def get_usage(self, ctx: Context) -> str:
        return _usage(super().get_usage(ctx))

    def get_help_option(self, ctx: Context) -> TyperOption | None:
        return _told(super().get_help_option(ctx))

    def format_help(self, ctx: Context, formatter: HelpFormatter) -> None:
        TyperGroup.format_help(_in_words(self), ctx, formatter)

    def main(self, args: Sequence[str] | None = None, *more: Any, **how: Any) -> Any:
        words = sys.argv[1:] if args is None else args
        with speaking(_asked(words)), _panels():
            return super().main(args, *more, **how)

    def make_context(self, *what: Any, **how: Any) -> Context:
        with _errors():
            return super().make_context(*what, **how)

    def invoke(self, ctx: Context) -> Any:
        with _errors():
            return super().invoke(ctx)


def add_to(app: typer.Typer) -> None:
    """Have every command and group of the app be one of these."""
    for info in app.registered_commands:
        info.cls = Command
    for group in app.registered_groups:
        if group.typer_instance is not None:
            group.typer_instance.info.cls = Group
            add_to(group.typer_instance)


def told(text: str) -> str:
    """A help text, by its paragraphs; what nobody translated stays as it is."""
    if here() == "en":
        return text
    return "\n\n".join(japanese.HELP.get(" ".join(part.split()), part) for part in text.split("\n\n"))


class _Said(UsageError):
    """An error whose message is whole."""


def _asked(words: Sequence[str]) -> str:
    """The language that was typed, wherever: `--help` comes before all else is read."""
    for word, following in pairwise([*words, ""]):
        name, equals, value = word.partition("=")
        if name == "--language":
            return value if equals else following
    return ""


def _usage(line: str) -> str:
    return line if here() == "en" else line.replace("Usage: ", japanese.USAGE, 1)


def _told[Kind](of: Kind) -> Kind:
    """A copy with its help in the reader's language; None of None."""
    if here() == "en" or not getattr(of, "help", None):
        return of
    other: Any = copy.copy(of)
    other.help = told(other.help)
    return other  # type: ignore[no-any-return]  # a copy is of the kind that it was copied from


def _plain(params: list[Any]) -> list[Any]:
    """A flag takes nothing: Typer would put its type beside it, as that of a value to be typed."""
    for param in params:
        if getattr(param, "is_flag", False):
            param.metavar = ""
    return params


def _in_words[Kind: AnyCommand](command: Kind) -> Kind:
    if here() == "en":
        return command
    other = _told(copy.copy(command))
    other.epilog = told(other.epilog) if other.epilog else other.epilog
    other.params = [_told(param) for param in other.params]
    if isinstance(other, TyperGroup):
        other.commands = {name: _in_words(one) for name, one in other.commands.items()}
    return other


@contextlib.contextmanager
def _panels() -> Iterator[None]:
    """The words that Typer puts round a help text, for as long as the block is open."""
    if here() == "en":
        yield
        return
    from typer import rich_utils  # all of rich's Markdown, which only a reader of help needs

    as_made = rich_utils._make_rich_text

    def whole(*given: Any, **how: Any) -> Any:
        # Japanese has no spaces, so a sentence is one word, of which Rich shows what a column holds, and then "…".
        text: Any = as_made(*given, **how)
        text.overflow = "fold"
        return text

    ours: dict[str, Any] = {**japanese.PANELS, "_make_rich_text": whole}
    before = {name: getattr(rich_utils, name) for name in ours}
    for name, other in ours.items():
        setattr(rich_utils, name, other)
    try:
        yield
    finally:
        for name, other in before.items():
            setattr(rich_utils, name, other)


@cache
def _parser() -> Catalogue:
    return Catalogue(japanese.PARSER)


@contextlib.contextmanager
def _errors() -> Iterator[None]:
    """What of the block's usage errors is said is said in the reader's language."""
    try:
        yield
    except (_Said, NoArgsIsHelpError):
        raise
    except UsageError as error:
        if here() == "en":
            raise
        said = _Said(_parser().told(error.format_message()), ctx=error.ctx)
        said.exit_code = error.exit_code
        raise said from error
