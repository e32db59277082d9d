"""Writes operations.txt out of the product's code: what it may ask of AWS, an operation a line.

Run `python layers/onramp/operations.py` after a call was added or removed; a test holds the two together.

The layer knows no other. An operation counts as called where its name as a method (`list_services`) stands anywhere in
the code that the functions import, as an attribute or as a text, and its service is one for which that code makes
clients. That finds too much rather than too little: a name that two services share is kept for both.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import botocore.loaders
from botocore import xform_name

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
LIST = HERE / "operations.txt"

HEAD = """\
# What the functions may ask of AWS: of botocore's models, the layer brings these operations alone. Written by
# operations.py out of the code.
"""

_NAMES_A_SERVICE = {"client", "pages"}
_NO_SERVICES = {"service", "ground"}
"""Variables: what a shorthand passes on, and what a function of the plan that is called client is given."""


def operations() -> str:
    """operations.txt, by the code as it stands. ValueError where the code does not show which service it asks."""
    trees = {file: ast.parse(file.read_text(encoding="utf-8")) for file in product()}
    words = {word for tree in trees.values() for word in _words(tree)}
    services = {service for file, tree in trees.items() for service in _services(file, tree)}
    loader = botocore.loaders.Loader()
    lines = [
        f"{service} {operation}"
        for service in sorted(services)
        for operation in sorted(loader.load_service_model(service, "service-2")["operations"])
        if xform_name(operation) in words
    ]
    return HEAD + "".join(f"{line}\n" for line in lines)


def product() -> set[Path]:
    """The functions, and what they import of the layer: it holds what the command alone needs, too."""
    found, todo = set[Path](), set((ROOT / "functions").glob("*/*.py"))
    while todo:
        found |= todo
        todo = {module for file in todo for module in _imported(file)} - found
    return found


def _imported(file: Path) -> Iterator[Path]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] == "onramp":
            for name in (node.module, *(f"{node.module}.{alias.name}" for alias in node.names)):
                where = HERE / "python" / name.replace(".", "/")
                yield from (one for one in (where.with_suffix(".py"), where / "__init__.py") if one.exists())


def _words(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _services(file: Path, tree: ast.AST) -> Iterator[str]:
    """What every `….client(…)`, `….pages(…)` and `wiring.begin(…)` is given."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        given = node.args if node.func.attr == "begin" else node.args[:1] if node.func.attr in _NAMES_A_SERVICE else []
        for one in given:
            match one:
                case ast.Constant(value=str(service)):
                    yield service
                case ast.Name(id=name) if name in _NO_SERVICES:
                    pass
                case _:
                    raise ValueError(f"{file.name}:{node.lineno}: which service?")


if __name__ == "__main__":
    LIST.write_text(operations(), encoding="utf-8")
