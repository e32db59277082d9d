"""Text that a team wrote, as it may stand in a mail, a log, an event or a terminal: shown, and never acting."""

import re
import unicodedata
from typing import Any

KEY_LENGTH = 128  # a tag key's own limit; what is longer was not one
MARKS_AT_MOST = 3  # on one letter, as languages have them; a heap of them covers the lines around

_SPACES = frozenset("\t\n\r\v\f\x85\u2028\u2029")
# Letters, signs and marks without ink: a name that seems empty, or another's.
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
# What mail readers make a link of without being asked.
_SCHEME = re.compile(
    r":(?=//)|(?<=\bmailto):(?=\S)|(?<=\bjavascript):(?=\S)|(?<=\bdata):(?=\S)|(?<=\btel):(?=\S)", re.I
)
_HOST = re.compile(r"(?<=\bwww)\.(?=\S)", re.I)
_DOMAIN = re.compile(r"(?<=\w)\.(?!(?:yaml|toml|json)\b)(?=[^\W\d_]{2,}(?!\w))")


def counted(number: int, one: str, several: str = "") -> str:
    """The number with its noun.

    >>> counted(1, "service"), counted(2, "service"), counted(0, "entry", "entries")
    ('1 service', '2 services', '0 entries')
    """
    return f"{number} {one if number == 1 else several or f'{one}s'}"


def plain(text: str, most: int = 1000) -> str:
    """`text` on one line of `most` characters, without what a terminal, a mail reader or an eye would act on.

    Control and formatting characters go (colours, line breaks, reversed writing, zero widths), letters without ink and
    heaps of accents too, and a link is not one any more.

    >>> plain("go to https://example.com\\x1b[2J now")
    'go to https[:]//example.com[2J now'
    """
    line = _HOST.sub("[.]", _SCHEME.sub("[:]", " ".join(visible(text).split())))
    return line if len(line) <= most else f"{line[: most - 3].rstrip()}..."


def mailed(text: str, most: int = 1000) -> str:
    """`plain` for a mail: its readers make links even of bare domains, which elsewhere are there to be copied.

    >>> mailed("pay at example.com/now, see member.yaml")
    'pay at example[.]com/now, see member.yaml'
    """
    return plain(_DOMAIN.sub("[.]", plain(text, most)), most)


def plainly(value: Any) -> Any:
    """`plain` for every text in a value as JSON has it, keys included; the rest as it is."""
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, dict):
        return {plainly(key): plainly(one) for key, one in value.items()}
    return [plainly(one) for one in value] if isinstance(value, (list, tuple)) else value


def within(text: str, most: int) -> str:
    """As much of `text` as `most` bytes of UTF-8 hold: where AWS counts bytes, and a character may take four."""
    return text.encode("utf-8", "ignore")[:most].decode("utf-8", "ignore")


def inert(document: str) -> str:
    r"""A JSON document with its escape for each character that would act where it is shown: it means the same.

    >>> inert('{"name": "abc\u202ecba"}')
    '{"name": "abc\\u202ecba"}'
    """
    if document.isascii() and "\x7f" not in document:
        return document
    return "".join(_escape(it) if it != "\n" and _acts(it) else it for it in document)


def visible(text: str) -> str:
    """`text` on one line, without the characters that act: what `plain` does, short of links and length."""
    shown: list[str] = []
    marks = 0
    for it in text:
        if it in _SPACES:
            shown.append(" ")
        elif not _acts(it):
            marks = marks + 1 if unicodedata.category(it) in ("Mn", "Me") else 0
            if marks <= MARKS_AT_MOST:
                shown.append(it)
    return "".join(shown)


def _acts(it: str) -> bool:
    if it.isascii():
        return not it.isprintable()
    return unicodedata.category(it) in _ACTING or _UNSEEN.match(it) is not None


_ACTING = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def _escape(it: str) -> str:
    """As JSON writes it: two of its units where one does not do."""
    units = it.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def quoted(text: str, most: int = KEY_LENGTH) -> str:
    """`plain` between quotation marks, which it cannot leave: where it begins and ends is ours to say.

    >>> quoted('lattice:x" says infra')
    '"lattice:x\\' says infra"'
    """
    return f'"{plain(text, most).replace(chr(34), chr(39))}"'
