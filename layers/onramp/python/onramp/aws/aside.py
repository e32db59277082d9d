"""Put aside what infra has said where it is much: each ring writes its account's item, whatever infra said of it."""

from collections.abc import Iterable
from typing import NamedTuple

from onramp.aws.shelf import Shelf
from onramp.core.infra import Word, written
from onramp.core.run import Run
from onramp.core.state import KEPT_AT_MOST


class Aside(NamedTuple):
    """`key`: where words lie aside from now on, '' where none does. `forgotten`: those that the item need not hold."""

    key: str
    forgotten: tuple[Word, ...]


def put_aside(shelf: Shelf, run: Run, spent: Iterable[Word]) -> Aside:
    """Of the words that the run had those that still count: aside where they are many, else where they are."""
    gone = frozenset(spent)
    here, there = ([word for word in words if word not in gone] for words in (run.words, run.aside))
    if len(there) == len(run.aside) and len(written(here)) <= KEPT_AT_MOST:
        return Aside(run.aside_at, tuple(word for word in run.words if word in gone))
    # They do not end by themselves, as what is remembered does: a hold counts until it is lifted.
    return Aside(shelf.put(run.account, written([*here, *there])) if here or there else "", run.words)
