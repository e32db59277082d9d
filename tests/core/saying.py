"""What people read, word for word, kept in said/: whoever changes a sentence sees it there as its reader will.

`KEEP_SAID=1 pytest tests/core` writes what is said now; the difference is to be read before it is kept.
"""

import os
from collections.abc import Iterable
from pathlib import Path

SAID = Path(__file__).with_name("said")


def says(name: str, lines: Iterable[str]) -> None:
    """Are these the lines of said/NAME.txt?"""
    kept, now = SAID / f"{name}.txt", "".join(f"{line}\n" for line in lines)
    if os.environ.get("KEEP_SAID"):
        kept.write_text(now)
    assert now.splitlines() == kept.read_text().splitlines(), "read the difference, and keep it by KEEP_SAID=1"
