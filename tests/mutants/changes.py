"""Which small changes there are of the product's code, as mutmut makes them: each is an edit of one function of a file.

They are made once for a file as it stands, and kept in `.mutants/changes/`.
"""

import difflib
import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from itertools import accumulate
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
KEPT = ROOT / ".mutants"
PRODUCT = "layers/onramp/python/onramp"
ROOMS = {"core": f"{PRODUCT}/core", "aws": f"{PRODUCT}/aws", "functions": "functions"}
DECORATED = re.compile(r"^( *)@(?=(?!staticmethod|classmethod)[\w.]+(?:\(.*\))?\n(?: *@.*\n)* *def )", re.MULTILINE)
"""A decorator of a function: mutmut, which leaves decorated functions alone, is shown a comment in its place."""


class Change(NamedTuple):
    """`text` in place of what `file` has from `begin` to `end`, within `function`, which begins at `line`."""

    room: str
    file: str
    function: str
    line: int
    begin: int
    end: int
    text: str

    @property
    def name(self) -> str:
        """What it is told by, and kept by between runs: it is another where the code is another."""
        edit = f"{self.begin} {self.end} {self.text}"
        return f"{self.file}:{self.function}:{hashlib.sha256(edit.encode()).hexdigest()[:12]}"

    def applied(self) -> str:
        source = (ROOT / self.file).read_text()
        return source[: self.begin] + self.text + source[self.end :]

    def shown(self) -> tuple[str, str]:
        """FILE:LINE, and the lines that it takes and gives."""
        old, new = (ROOT / self.file).read_text().splitlines(), self.applied().splitlines()
        lines = list(difflib.unified_diff(old, new, lineterm="", n=0))[2:]
        line = re.match(r"@@ -(\d+)", lines[0])
        return f"{self.file}:{line[1] if line else self.line}", "\n".join(one for one in lines if one[:2] != "@@")


def alike(lines: str) -> tuple[str, ...]:
    """What two changes have in common that differ in how far their lines are indented."""
    return tuple(line[:1] + line[1:].strip() for line in lines.strip().splitlines())


def of_kind(lines: str, kinds: Iterable[tuple[str, str]]) -> bool:
    """Is all that changes one of these, old and new, in one place of one line?"""
    old, *new = alike(lines)
    lengths = range(len(old))
    return len(new) == 1 and any(
        old[1:at] + after + old[at + len(before) :] == new[0][1:]
        for before, after in kinds
        for at in lengths
        if old.startswith(before, at)
    )


def all_of(rooms: Iterable[str], processes: int) -> list[Change]:
    """In order. Each process looks for the settings of mutmut where the project has them."""
    files = [
        (room, str(file.relative_to(ROOT))) for room in rooms for file in sorted((ROOT / ROOMS[room]).rglob("*.py"))
    ]
    os.chdir(ROOT)
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        return [change for found in pool.map(_of_file, files) for change in found]


def _of_file(of: tuple[str, str]) -> list[Change]:
    room, file = of
    source = (ROOT / file).read_text()
    known = hashlib.sha256(
        "\0".join((version("mutmut"), file, source, Path(__file__).read_text())).encode()
    ).hexdigest()
    kept = KEPT / "changes" / f"{known}.json"
    if kept.exists():
        return [Change(*one) for one in json.loads(kept.read_text())]
    found = [Change(room, file, *one) for one in _made(file, source)]
    kept.parent.mkdir(parents=True, exist_ok=True)
    fresh = kept.with_suffix(f".{os.getpid()}")
    fresh.write_text(json.dumps(found))
    fresh.replace(kept)
    return found


def _made(file: str, source: str) -> Iterator[tuple[str, int, int, int, str]]:
    """Function, its line, begin, end, text."""
    import libcst as cst
    from libcst.metadata import MetadataWrapper, PositionProvider
    from mutmut.mutation.file_mutation import create_mutations, deep_replace

    bare = DECORATED.sub(r"\1#", source)
    module, mutations, _, _ = create_mutations(file, bare)
    spans = MetadataWrapper(module, unsafe_skip_copy=True).resolve(PositionProvider)
    begins = list(accumulate((len(line) for line in bare.splitlines(keepends=True)), initial=0))

    def edit(node: cst.CSTNode, old: str, new: str) -> tuple[int, int, str] | None:
        """None where the node is not written as it is alone: what is indented further."""
        begin, end = (begins[at.line - 1] + at.column for at in (spans[node].start, spans[node].end))
        return (begin, end, new) if bare[begin:end] == old else None

    homes: dict[cst.CSTNode, str] = {}
    for statement in module.body:
        if isinstance(statement, cst.FunctionDef):
            homes[statement] = statement.name.value
        elif isinstance(statement, cst.ClassDef):
            methods = [one for one in statement.body.body if isinstance(one, cst.FunctionDef)]
            homes |= {one: f"{statement.name.value}.{one.name.value}" for one in methods}
    for mutation in mutations:
        function = mutation.contained_by_top_level_function
        if function not in homes:
            continue
        node, other = mutation.original_node, mutation.mutated_node
        found = edit(node, module.code_for_node(node), module.code_for_node(other)) if node in spans else None
        if found is None:
            block = cst.IndentedBlock if "." in homes[function] else cst.Module
            old, new = (module.code_for_node(block([one])) for one in (function, deep_replace(function, node, other)))  # type: ignore[list-item]
            at = bare.index(old)
            found = at, at + len(old), new
        if bare[found[0] : found[1]] != found[2]:
            yield homes[function], spans[function].start.line, *found
