"""Sentences in a reader's language. They are made in English, travel and are kept so, and are put into another where
somebody is about to read them: on a tag, in a mail, on a terminal.

So what is compared, stored or sent to machines is the same in every language, and what was stored before can be read in
any. The catalogue is keyed by the English sentence with names for what it speaks of, as gettext's is by its msgid; what
it does not know stays as it is, after the remedy of its code.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Literal, get_args

type Language = Literal["en", "ja"]

LANGUAGES: tuple[Language, ...] = get_args(Language.__value__)

STILL_HOLDS = ("network {} still ", "まだネットワーク {} ")
"""How an answer begins by which a sibling's network says of this one, by its name, that it waits for that to let
something go, in each language: by that alone one release of a stack knows what another says, and member.yaml's TagRule
that somebody says it.
"""


def waits_for(network: str, message: str) -> bool:
    """Does a sibling's network say so of this one?"""
    return message.startswith(tuple(words.format(network) for words in STILL_HOLDS))


_PLACE = re.compile(r"\{(\w+)\}")
_CODE = re.compile(r"([a-z]+(?:-[a-z]+)*): (.*)", re.DOTALL)
_ANYTHING = re.compile(r".+", re.DOTALL)
_NARROW = {
    "number": re.compile(r"[0-9]+"),
    "most": re.compile(r"[0-9]+"),
    "status": re.compile(r"[A-Za-z_]+"),
}
"""What stands at places of these names; at others anything may."""

BETWEEN = "; "
COUNTS = frozenset({"services", "clients", "accounts", "events", "rules", "vpcs", "balancers", "leavers"})
NESTED = COUNTS | {"why"}
"""Places that hold sentences of their own, or several with that between them; or a number with its noun."""

LISTED = frozenset({"choices", "kind", "keys", "offered", "what"})
"""Places of words of ours: one, or several with what is between them in English."""
QUOTED = frozenset({"account", "given", "who"})
"""Places that may hold such words, and may hold what others wrote: only what is wholly of such words is one."""
WORDED = LISTED | QUOTED
_AND = re.compile(r"(, | and | or )")


class Catalogue:
    """Sentences by their English ones, and what a text is by them."""

    def __init__(self, sentences: Mapping[str, str]) -> None:
        # Those that say most of themselves first: what fits them fits one that is all places, too.
        self._sentences = tuple(sorted(sentences.items(), key=lambda both: -len(_PLACE.sub("", both[0]))))

    def told(self, text: str) -> str:
        """`text` in the catalogue's language, with its code before it, if it has one; else as it is."""
        whole = self.sentence(text)
        if whole is not None:
            return whole
        coded = _CODE.fullmatch(text)
        return f"{coded[1]}: {self.of_code(coded[1], coded[2])}" if coded else text

    def of_code(self, told_by: str, message: str) -> str:
        """What is told with this code, without it: the code's own remedy before words that nobody translated."""
        sentence = self.sentence(message)
        if sentence is not None:
            return sentence
        remedy = _remedies().get(told_by)
        return f"{remedy}: {message}" if remedy else message

    def sentence(self, text: str) -> str | None:
        """None where the catalogue has neither it nor each of several that it is made of.

        What is between two sentences is in a place of one sentence only where nothing else fits: else the place would
        take the end of one and the begin of the next for a name.
        """
        several = BETWEEN in text
        whole = self._whole(text, several=several)
        if whole is not None or not several:
            return whole
        parts = [self.sentence(part) for part in text.split(BETWEEN)]
        if all(parts):
            return BETWEEN.join(part for part in parts if part)
        return self._whole(text, several=False)

    def _whole(self, text: str, *, several: bool) -> str | None:
        """As one sentence; of `several`, none whose places reach from one into the next, if they hold no sentences."""
        for english, other in self._sentences:
            found = _places(english, text)
            if found is None or (several and any(BETWEEN in found[name] for name in found.keys() - NESTED)):
                continue
            put = {name: self._nested(name, value) for name, value in found.items()}
            return _tight(other, put).format_map(put)
        return None

    def _nested(self, name: str, value: str) -> str:
        if name in NESTED:
            return BETWEEN.join(map(self.told, value.split(BETWEEN)))
        return _worded(value, quoted=name in QUOTED) if name in WORDED else value


def _worded(text: str, *, quoted: bool) -> str:
    """Words in the catalogue's language, with what is between them."""
    pieces = _AND.split(text)
    words = [_words().sentence(piece) or piece for piece in pieces]
    if quoted and any(word == piece for word, piece in zip(words, pieces, strict=True)):
        return text
    return "".join(words)


def _tight(sentence: str, put: Mapping[str, str]) -> str:
    """Without the spaces round places of words of ours, which stand round Latin letters alone."""
    for name in put.keys() & WORDED:
        if not put[name][0].isascii():
            sentence = re.sub(rf"(?<=[^\x00-\x7f]) (\{{{name}\}})", r"\1", sentence)
        if not put[name][-1].isascii():
            sentence = re.sub(rf"(\{{{name}\}}) (?=[^\x00-\x7f])", r"\1", sentence)
    return sentence


def told(text: str, language: Language) -> str:
    """`text` in that language, with its code before it, if it has one; codes, names and AWS's own words as they are.

    >>> told("not-internal: use an internal load balancer: this one is internet-facing", "ja")
    'not-internal: 内部のロードバランサーを使ってください: これは internet-facing です'
    >>> told("step-failed: CreateService: Odd: no", "ja")
    'step-failed: メッセージにある AWS の言葉に従う。次の実行でもう一度試される: CreateService: Odd: no'
    """
    return text if language == "en" else _catalogue().told(text)


def of_code(told_by: str, message: str, language: Language) -> str:
    """What is told with this code, without it: the code's own remedy before words that nobody translated.

    >>> of_code("invalid", "CreateService: ValidationException: no", "ja")
    'メッセージにある AWS の言葉に従う: CreateService: ValidationException: no'
    """
    return message if language == "en" else _catalogue().of_code(told_by, message)


def labelled(word: str, language: Language) -> str:
    """What heads a line or a column, in that language. Of a few words, which as sentences would fit what teams write.

    >>> labelled("asked by", "ja")
    '依頼者'
    """
    return word if language == "en" else _labels().get(word, word)


def _places(english: str, text: str) -> dict[str, str] | None:
    """Name -> what stands there in `text`; None where it is another sentence.

    From the left, each place as short as it can be: one pass, whatever a team wrote into it.
    """
    parts = _parts(english)
    if not text.startswith(parts[0]) or not text.endswith(parts[-1]):
        return None
    found: dict[str, str] = {}
    rest = text.removeprefix(parts[0])
    for name, literal, last in zip(parts[1::2], parts[2::2], range(len(parts) // 2 - 1, -1, -1), strict=True):
        end = rest.find(literal, 1) if last else len(rest) - len(literal)
        value = rest[: max(end, 0)]
        if not value or found.setdefault(name, value) != value or not _NARROW.get(name, _ANYTHING).fullmatch(value):
            return None
        rest = rest[end + len(literal) :]
    return None if rest else found


@cache
def _parts(english: str) -> list[str]:
    """Its words and the names of its places by turns; words are first and last, if only none."""
    return _PLACE.split(english)


@cache
def _catalogue() -> Catalogue:
    from onramp.core.japanese import SENTENCES  # who needs none loads none

    return Catalogue(SENTENCES)


@cache
def _words() -> Catalogue:
    from onramp.core.japanese import WORDS

    return Catalogue(WORDS)


@cache
def _remedies() -> Mapping[str, str]:
    from onramp.core.japanese import REMEDIES

    return REMEDIES


@cache
def _labels() -> Mapping[str, str]:
    from onramp.core.japanese import LABELS

    return LABELS
