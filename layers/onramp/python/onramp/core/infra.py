"""What infra has said about an account, kept beside its lease: of each matter the last word counts."""

from collections.abc import Iterable, Mapping
from typing import Literal, cast, get_args

import msgspec
from msgspec.structs import replace

from onramp.core.model import Value
from onramp.core.network import Network
from onramp.core.text import plain

type Saying = Literal["Release", "Hold", "Unhold", "Approve", "Reject"]
"""Detail-types, as they stand on the bus."""

SAYINGS: frozenset[str] = frozenset(get_args(Saying.__value__))

WHOLE = "*"
"""What a Hold is about that keeps the whole account off the network."""

BY_LENGTH = 200

KEPT_SECONDS = 30 * 86400
"""How long an answer is kept after somebody asked last for what it answers: who takes a tag off may put it back."""

WORDS_AT_MOST = 200
"""Words that an account's item has room for beside those of one batch, before its next run puts them aside: above that
they come again. What begins a run carries them, and holds 256 KiB (facts 20).
"""

_MATTER = {"Hold": "hold", "Unhold": "hold", "Approve": "approval", "Reject": "approval", "Release": "release"}


class Word(Value, frozen=True):
    """`about`: a service's name or `*` (Hold, Unhold), an approval's id (Approve, Reject), '' (Release); no spaces.

    `at`: epoch seconds at which it was said. `by`: whoever said it, in their own words.
    """

    at: float
    saying: Saying
    about: str = ""
    by: str = ""


def spelled(word: Word) -> str:
    """The word as the table keeps it: one line, the same for the same word."""
    return f"{word.at:.3f} {word.saying} {word.about or '-'} {plain(word.by, BY_LENGTH)}".strip()


def read(line: str) -> Word | None:
    """The word that the table kept; None for what is none."""
    at, saying, about, by = [*line.split(" ", 3), "", "", ""][:4]
    try:
        when = float(at)
    except ValueError:
        return None
    if saying not in SAYINGS:
        return None
    return Word(at=when, saying=cast("Saying", saying), about="" if about == "-" else about, by=by)


def written(words: Iterable[Word]) -> bytes:
    """Words as they lie outside of their account's item."""
    return msgspec.json.encode(sorted({spelled(word) for word in words}))


def read_back(content: bytes) -> tuple[Word, ...]:
    """What `written` wrote."""
    found = map(read, msgspec.json.decode(content, type=tuple[str, ...]))
    return tuple(word for word in found if word is not None)


def last(words: Iterable[Word]) -> dict[tuple[str, str], Word]:
    """(matter, what it is about) -> the last word on it."""
    found: dict[tuple[str, str], Word] = {}
    for word in sorted(words, key=lambda one: (one.at, one.saying)):
        found[_MATTER[word.saying], word.about] = word
    return found


def released(words: Iterable[Word]) -> float:
    """Epoch seconds up to which infra has let go whatever leaves, however much it is; 0.0 never."""
    return max((word.at for word in words if word.saying == "Release"), default=0.0)


def held(words: Iterable[Word]) -> dict[str, Word]:
    """Service, or `*` for all of the account -> the word by which it is kept off the network."""
    return {about: word for (matter, about), word in last(words).items() if matter == "hold" and word.saying == "Hold"}


def answers(words: Iterable[Word]) -> dict[str, Word]:
    """Approval's id -> Approve or Reject."""
    return {about: word for (matter, about), word in last(words).items() if matter == "approval"}


def heeded(network: Network, account: str, words: Iterable[Word]) -> Network:
    """The network as it is for this account: what infra holds of it is kept out, like what the stack keeps out."""
    more = {account if about == WHOLE else f"{account}/{about}" for about in held(words)}
    return replace(network, kept_out=network.kept_out | more) if more else network


def unasked(words: Iterable[Word], before: Mapping[str, float], wanted: Iterable[str], now: float) -> dict[str, float]:
    """Approval's id -> epoch seconds since when nobody asks for what it answers. `before`: the same of the last look;
    `wanted`: ids of what is asked for.
    """
    alive = frozenset(wanted)
    return {about: before.get(about, now) for about in answers(words) if about not in alive}


def spent(words: Iterable[Word], unasked: Mapping[str, float], now: float) -> tuple[Word, ...]:
    """Those that decide nothing any more: a later one has, or nobody has asked for long for what was answered."""
    given = tuple(words)
    latest = last(given)

    def is_over(word: Word) -> bool:
        match _MATTER[word.saying]:
            case "approval":
                return now - unasked.get(word.about, now) > KEPT_SECONDS
            case "release":
                return now - word.at > KEPT_SECONDS
            case _:
                return word.saying == "Unhold"

    return tuple(word for word in given if latest[_MATTER[word.saying], word.about] != word or is_over(word))
