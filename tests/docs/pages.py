"""What a page is made of whatever its language: its chapters, and in each its tables, blocks and lists."""

import re
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Chapter:
    """`rows`: of each table row the names in code of its first cell. `blocks`: as typed, without comments.

    `said`: what is in code in each table row, and in all the rest of the chapter together.
    """

    level: int
    title: str
    rows: list[tuple[str, ...]] = field(default_factory=list)
    columns: list[int] = field(default_factory=list)
    blocks: list[str] = field(default_factory=list)
    items: int = 0
    told: list[str] = field(default_factory=list)
    prose: str = ""

    @property
    def said(self) -> list[set[str]]:
        return [set(CODE.findall(text)) for text in (*self.told, self.prose)]

    def shape(self) -> tuple[object, ...]:
        """What the same chapter has in another language, too."""
        return self.level, self.rows, self.columns, self.blocks, self.items


CODE = re.compile(r"`([^`]+)`")
TABLE_RULE = re.compile(r"\|(?: *:?-+:? *\|)+")


def chapters(page: Path) -> list[Chapter]:
    """In order; what stands before the first heading is nobody's."""
    found: list[Chapter] = []
    block: list[str] | None = None
    for line in page.read_text().splitlines():
        heading = re.fullmatch(r"(#+) (.+)", line)
        if line.startswith("```"):
            if block is not None:
                found[-1].blocks.append("\n".join(block))
            block = None if block is not None else [line]
        elif block is not None:
            block.append(re.sub(r"\s+# .*$", "", line))
        elif heading:
            found.append(Chapter(len(heading[1]), heading[2]))
        elif TABLE_RULE.fullmatch(line):
            found[-1].columns.append(line.count("|") - 1)
            found[-1].rows.pop()  # the line above it heads the columns
            found[-1].told.pop()
        elif line.startswith("|"):
            found[-1].rows.append(tuple(CODE.findall(line.split("|")[1])))
            found[-1].told.append(line)
        elif found:
            found[-1].prose += f"{line.strip()} "  # a name may be broken between two lines
            found[-1].items += bool(re.match(r"(?:-|\d+\.) ", line))
    return found


def below(title: str, page: list[Chapter]) -> list[Chapter]:
    """The chapters under that heading, without the heading itself."""
    at = next(number for number, one in enumerate(page) if one.title == title)
    rest = page[at + 1 :]
    end = next((number for number, one in enumerate(rest) if one.level <= page[at].level), len(rest))
    return rest[:end]
