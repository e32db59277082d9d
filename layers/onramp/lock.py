"""Writes requirements.txt out of uv.lock: what the layer brings, each file by its hash, and pip takes no other.

Run `python layers/onramp/lock.py` after `uv lock`; a test holds the two together. The standard library alone.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
LOCK = HERE.parents[1] / "uv.lock"

ROOTS = ("aws-lambda-powertools", "boto3", "msgspec")
"""What the product imports; uv.lock knows what these need."""

# The second is that of who tries the build on such a machine: pip is asked for one of them, the functions' by default.
PLATFORMS = ("manylinux2014_aarch64", "manylinux2014_x86_64")
PYTHON = "cp313"

HEAD = """\
# What the layer brings: the versions of uv.lock, all of them, and of each the files for the functions' platform by
# their hashes, so that a build of tomorrow is that of today and nobody's index can put in another. Written by lock.py.
"""


def requirements(lock: Mapping[str, Any]) -> str:
    """requirements.txt, by a lock file as tomllib reads it. ValueError where a package has no wheel to run there."""
    packages = {one["name"]: one for one in lock["package"]}
    needed, todo = dict[str, Any](), list(ROOTS)
    while todo:
        one = packages[todo.pop()]
        needed[one["name"]] = one
        todo += [other["name"] for other in one.get("dependencies", ()) if other["name"] not in needed]
    return HEAD + "".join(map(_pinned, (needed[name] for name in sorted(needed))))


def _pinned(package: Mapping[str, Any]) -> str:
    hashes = sorted(wheel["hash"] for wheel in package["wheels"] if _runs(wheel["url"].rpartition("/")[2]))
    if not hashes:
        raise ValueError(f"{package['name']} has no wheel for {PYTHON} on {' or '.join(PLATFORMS)}")
    return " \\\n    ".join([f"{package['name']}=={package['version']}", *(f"--hash={one}" for one in hashes)]) + "\n"


def _runs(wheel: str) -> bool:
    python, abi, platforms = wheel.removesuffix(".whl").split("-")[-3:]
    if platforms == "any":
        return "py3" in python.split(".")
    return PYTHON in python.split(".") and abi == PYTHON and bool(set(platforms.split(".")) & set(PLATFORMS))


def pins(text: str) -> Iterator[tuple[str, str]]:
    """(name, version) of a requirements.txt."""
    yield from re.findall(r"^([\w.-]+)==([^\s\\]+)", text, re.MULTILINE)


if __name__ == "__main__":
    text = requirements(tomllib.loads(LOCK.read_text(encoding="utf-8")))
    (HERE / "requirements.txt").write_text(text, encoding="utf-8")
