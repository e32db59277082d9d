"""Text that a team wrote, as it may stand in a mail, a log, an event or a terminal: shown, and never acting."""

import unicodedata

KEY_LENGTH = 128  # a tag key's own limit; what is longer was not one
_SPACES = frozenset("\t\n\r\v\f\x85\u2028\u2029")


def plain(text: str, most: int = 1000) -> str:
    """`text` on one line of `most` characters, without what a terminal, a mail reader or an eye would act on.

    Control and formatting characters go (colours, line breaks, reversed writing, zero widths), and a link is not one
    any more.

    >>> plain("go to https://example.com\\x1b[2J now")
    'go to https[:]//example.com[2J now'
    """
    visible = "".join(
        " " if it in _SPACES else it for it in text if it in _SPACES or unicodedata.category(it)[0] != "C"
    )
    line = " ".join(visible.split()).replace("://", "[:]//")
    return line if len(line) <= most else f"{line[: most - 3].rstrip()}..."


def quoted(text: str, most: int = KEY_LENGTH) -> str:
    """`plain` between quotation marks, which it cannot leave: where it begins and ends is ours to say.

    >>> quoted('lattice:x" says infra')
    '"lattice:x\\' says infra"'
    """
    return f'"{plain(text, most).replace(chr(34), chr(39))}"'
