"""Writes localcloud/services/cloudformation/registry.json out of the registry's schemas, as cfn-lint has them.

Run `python -m tests.localcloud.services.registered` after a type was added to the local cloud, or with another
cfn-lint; a test holds the two together.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from localcloud.ground.kinds import KINDS
from replay.story import ROOT

REGION = "us-east-1"
FILE = ROOT / "localcloud" / "services" / "cloudformation" / "registry.json"

_NAMED = ("definitions", "patternProperties", "properties")
_ONE = ("items",)
_SAID = (
    "$ref",
    "additionalProperties",
    "enum",
    "maxItems",
    "maxLength",
    "maximum",
    "minItems",
    "minLength",
    "minimum",
    "pattern",
    "required",
    "type",
    "uniqueItems",
)


def _schemas() -> Any:
    # Seconds, which every process would take that only collects the tests.
    from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

    return PROVIDER_SCHEMA_MANAGER


@cache
def registered() -> frozenset[str]:
    """Every type that there is."""
    return frozenset(_schemas().get_resource_types(REGION))


def schema(type_name: str) -> dict[str, Any]:
    found: dict[str, Any] = _schemas().get_resource_schema(REGION, type_name).schema
    return found


def reduced(said: Any) -> Any:
    """What of a schema is said of one value alone."""
    if not isinstance(said, dict):
        return said
    kept = {key: said[key] for key in _SAID if key in said}
    kept |= {key: reduced(said[key]) for key in _ONE if key in said}
    kept |= {key: {name: reduced(one) for name, one in said[key].items()} for key in _NAMED if key in said}
    return kept


def text() -> str:
    known = {name: reduced(schema(name)) for name in sorted(KINDS) if name in registered()}
    lines = [f"{json.dumps(name)}: {json.dumps(one, sort_keys=True)}" for name, one in known.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    from localcloud import cloud as _  # noqa: F401 - it says where each service's types are

    FILE.write_text(text(), encoding="utf-8")
