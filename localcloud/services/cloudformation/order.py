"""What refers to what in a template, and the order that comes of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from localcloud.services.cloudformation.model import TemplateError


def references(value: Any) -> Iterator[tuple[str, str]]:
    """All (name, attribute) that a part of a template refers to; attribute is '' for Ref."""
    if isinstance(value, list):
        for one in value:
            yield from references(one)
    elif isinstance(value, dict):
        for key, one in value.items():
            if key == "Ref" and isinstance(one, str):
                yield one, ""
            elif key == "Fn::GetAtt":
                name, attribute = one if isinstance(one, list) else one.split(".", 1)
                yield name, attribute if isinstance(attribute, str) else ""
            elif key == "Fn::Sub":
                yield from _sub_references(one)
            else:
                yield from references(one)


def _sub_references(value: Any) -> Iterator[tuple[str, str]]:
    text, more = value if isinstance(value, list) else (value, {})
    for name in re.findall(r"\$\{([^!}][^}]*)\}", text):
        if name not in more:
            plain, _, attribute = name.partition(".")
            yield plain.strip(), attribute.strip()
    yield from references(list(more.values()))


def depends(resource: Mapping[str, Any]) -> list[str]:
    depends = resource.get("DependsOn") or []
    return [depends] if isinstance(depends, str) else list(depends)


def in_order(resources: Mapping[str, Any]) -> list[str]:
    """The resources' names so that each comes after those it needs; TemplateError for a circle."""
    needs = {
        name: {other for other, _ in references(resource.get("Properties") or {}) if other in resources}
        | set(depends(resource))
        for name, resource in resources.items()
    }
    order: list[str] = []
    while len(order) < len(resources):
        ready = [name for name in resources if name not in order and needs[name] <= set(order)]
        if not ready:
            left = sorted(set(resources) - set(order))
            raise TemplateError(f"Circular dependency between resources: [{', '.join(left)}]")
        order += ready
    return order
