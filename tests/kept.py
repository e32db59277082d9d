"""What this very tree makes, made once: all of pytest's workers need it to know which tests there are."""

from __future__ import annotations

import fcntl
import functools
import hashlib
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

ROOT = Path(__file__).parents[1]
KEPT = ROOT / ".pytest_cache" / "kept"
MAKES = ("events", "functions", "layers", "localcloud", "replay", "tests", "member.yaml", "template.yaml", "uv.lock")
"""What decides what comes of a play."""


@functools.cache
def _tree() -> str:
    sha = hashlib.sha256(sys.version.encode())
    for name in MAKES:
        files = [ROOT / name] if (ROOT / name).is_file() else sorted((ROOT / name).rglob("*"))
        for file in files:
            if file.suffix != ".pyc" and file.is_file():
                sha.update(f"\0{file.relative_to(ROOT)}\0{file.stat().st_size}\0".encode() + file.read_bytes())
    return sha.hexdigest()


def kept[T](kind: type[T], what: str, make: Callable[[], T]) -> T:
    """`make()`, unless this tree has made `what` before; who asks while it is made waits."""
    file = KEPT / f"{_tree()}-{hashlib.sha256(what.encode()).hexdigest()}.json"
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            for other in KEPT.glob("*.json"):
                if not other.name.startswith(_tree()):
                    other.unlink()
            file.write_bytes(msgspec.json.encode(make()))
    return msgspec.json.decode(file.read_bytes(), type=kind)
