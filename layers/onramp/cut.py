"""Cuts botocore's data in the built layer down to operations.txt: a client is made of a model that is read whole.

`python cut.py operations.txt BOTOCORE_DATA`. What stays says the same as before, but for documentation, which nobody
reads there. Written as plain JSON: how well a library packs differs from machine to machine, and two builds are the
same. Whatever Python has pip here runs it: the standard library alone, no newer than 3.9.
"""

from __future__ import annotations

import gzip
import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

KEPT = {"endpoint-rule-set-1.json.gz", "paginators-1.json", "paginators-1.sdk-extras.json", "service-2.json.gz"}
"""Of a service's newest version. Examples are for documentation, and nothing here waits by botocore's waiters."""

_OF_SHAPES = ("member", "key", "value")


def cut(asked: Mapping[str, set[str]], data: Path) -> None:
    """`asked`: service -> its operations. ValueError where this botocore does not know one of them, or has a file that
    nobody has judged.
    """
    prefixes = set()
    for folder in sorted(one for one in data.iterdir() if one.is_dir()):
        if folder.name not in asked:
            shutil.rmtree(folder)
    for service, operations in sorted(asked.items()):
        versions = sorted((data / service).glob("*/service-2.json.gz"))
        if not versions:
            raise ValueError(f"botocore has no model of {service}")
        newest = versions[-1].parent
        for other in (data / service).iterdir():
            if other != newest:
                shutil.rmtree(other)
        extra = {one.name for one in newest.iterdir()} - KEPT
        changed = sorted(name for name in extra if "sdk-extras" in name)
        if changed:
            raise ValueError(f"botocore changes its model of {service} by {', '.join(changed)}: judge it in cut.py")
        for name in extra:
            (newest / name).unlink()
        prefixes.add(_service(newest / "service-2.json.gz", service, operations))
        for name in ("paginators-1.json", "paginators-1.sdk-extras.json"):
            if (newest / name).exists():
                _pagination(newest / name, operations)
    _endpoints(data / "endpoints.json", prefixes)


def _service(file: Path, service: str, operations: set[str]) -> str:
    """Writes the model anew beside the packed one, which goes. Answers what its endpoint is called."""
    whole = json.loads(gzip.decompress(file.read_bytes()))
    unknown = operations - whole["operations"].keys()
    if unknown:
        raise ValueError(f"this botocore does not know {', '.join(sorted(unknown))} of {service}")
    _write(file.with_suffix(""), model(whole, operations))
    file.unlink()
    prefix: str = whole["metadata"]["endpointPrefix"]
    return prefix


def model(whole: Mapping[str, Any], operations: set[str]) -> dict[str, Any]:
    """A service's model with these operations, and the shapes that they are made of."""
    kept = {name: it for name, it in whole["operations"].items() if name in operations}
    reached, todo = set(), {one["shape"] for it in kept.values() for one in _named(it)}
    while todo:
        reached |= todo
        todo = {name for one in todo for name in _parts(whole["shapes"][one])} - reached
    return {
        **{key: value for key, value in whole.items() if key != "documentation"},
        "operations": {name: _plain(it) for name, it in kept.items()},
        "shapes": {name: _shape(it) for name, it in whole["shapes"].items() if name in reached},
    }


def _named(operation: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [*(operation[key] for key in ("input", "output") if key in operation), *operation.get("errors", ())]


def _parts(shape: Mapping[str, Any]) -> list[str]:
    within = [*shape.get("members", {}).values(), *(shape[key] for key in _OF_SHAPES if key in shape)]
    return [one["shape"] for one in within]


def _plain(it: Any) -> Any:
    """Without documentation. Not for what a shape's members are called: one may be called documentation."""
    if isinstance(it, dict):
        return {key: _plain(value) for key, value in it.items() if key != "documentation"}
    return [_plain(one) for one in it] if isinstance(it, list) else it


def _shape(it: Mapping[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = _plain({key: value for key, value in it.items() if key != "members"})
    if "members" in it:
        plain["members"] = {name: _plain(value) for name, value in it["members"].items()}
    return plain


def _pagination(file: Path, operations: set[str]) -> None:
    whole = json.loads(file.read_bytes())
    told = whole["pagination"] if "pagination" in whole else whole["merge"]["pagination"]
    for name in told.keys() - operations:
        del told[name]
    _write(file, whole)


def _endpoints(file: Path, prefixes: set[str]) -> None:
    whole = json.loads(file.read_bytes())
    for partition in whole["partitions"]:
        partition["services"] = {name: it for name, it in partition["services"].items() if name in prefixes}
    _write(file, whole)


def _write(file: Path, document: Any) -> None:
    file.write_text(json.dumps(document, ensure_ascii=True, separators=(",", ":")), encoding="utf-8")


def listed(text: str) -> dict[str, set[str]]:
    """operations.txt as service -> operations."""
    found: dict[str, set[str]] = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            service, operation = line.split()
            found.setdefault(service, set()).add(operation)
    return found


if __name__ == "__main__":
    try:
        cut(listed(Path(sys.argv[1]).read_text(encoding="utf-8")), Path(sys.argv[2]))
    except ValueError as wrong:
        sys.exit(f"the models cannot be cut: {wrong}")
