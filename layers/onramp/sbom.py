"""Writes the software bill of materials of the built layer: CycloneDX 1.6, by pip's own report of what it installed.

`python sbom.py REPORT PACKAGE_FOLDER > sbom.cdx.json`. Nothing in it tells of the time, the machine or the index, so
that two builds are the same. Whatever Python has pip here runs it: the standard library alone, no newer than 3.9.
"""

from __future__ import annotations

import json
import re
import sys
from email import message_from_string
from email.message import Message
from pathlib import Path
from typing import Any


def bill(report: dict[str, Any], packages: Path, version: str) -> dict[str, Any]:
    """The document: the product, and a component for each package with the hash of the file that it came in."""
    licences = {
        _plain(known["Name"]): _licences(known) for known in map(_metadata, packages.glob("*.dist-info/METADATA"))
    }
    components = sorted((_component(one, licences) for one in report["install"]), key=lambda one: str(one["name"]))
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": "lattice-onramp",
                "name": "lattice-onramp",
                "version": version,
                "licenses": [{"license": {"id": "Apache-2.0"}}],
            }
        },
        "components": components,
        "dependencies": [{"ref": "lattice-onramp", "dependsOn": [one["bom-ref"] for one in components]}],
    }


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _metadata(file: Path) -> Message:
    return message_from_string(file.read_text(encoding="utf-8"))


SPDX = {"Apache License 2.0": "Apache-2.0", "Apache-2.0": "Apache-2.0", "MIT": "MIT"}
"""What packages call a licence -> its SPDX expression."""

BY_ITS_FILE = {"aws-lambda-powertools": "MIT-0", "python-dateutil": "Apache-2.0 OR BSD-3-Clause"}
"""Of packages whose metadata say something else, or too little: what their licence file says."""


def _component(item: dict[str, Any], licences: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    known = item["metadata"]
    name = _plain(known["name"])
    purl = f"pkg:pypi/{name}@{known['version']}"
    content = item["download_info"]["archive_info"]["hashes"]["sha256"]
    return {
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": known["version"],
        "purl": purl,
        "hashes": [{"alg": "SHA-256", "content": content}],
        "licenses": licences[name],
    }


def _licences(known: Message) -> list[dict[str, Any]]:
    """As SPDX spells it where known: by the package's own expression, else by its line, else by its classifiers.

    pip's report leaves some out.
    """
    spdx = known["License-Expression"] or BY_ITS_FILE.get(_plain(known["Name"]))
    if spdx:
        return [{"expression": spdx}]
    line = (known["License"] or "").strip().partition("\n")[0]
    classifiers = known.get_all("Classifier") or []
    classified = [one.rpartition(" :: ")[2] for one in classifiers if one.startswith("License ::")]
    if line in SPDX:
        return [{"expression": SPDX[line]}]
    return [{"license": {"name": name}} for name in ([line] if line else classified)]


if __name__ == "__main__":
    told = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    source = Path(sys.argv[2], "onramp", "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "(.+)"', source, re.MULTILINE)
    if found is None:
        raise SystemExit("onramp/__init__.py names no __version__")
    sys.stdout.write(json.dumps(bill(told, Path(sys.argv[2]), found[1]), indent=1) + "\n")
