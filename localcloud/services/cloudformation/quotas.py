"""How much a template may hold, and which names it may give (the guide, "CloudFormation quotas")."""

from __future__ import annotations

import re

from localcloud.services.cloudformation.model import Template, TemplateError

SENT, UPLOADED = 51_200, 1_000_000
"""Bytes of a template: in a request, and in S3, which the guide calls 1 MB."""

MOST = {"Mappings": 200, "Outputs": 200, "Parameters": 200, "Resources": 500}
KEYS = 200
"""Keys of one mapping."""
DESCRIPTION = 1_024
_NAME = re.compile(r"[A-Za-z0-9]{1,255}")
_MAPPED = re.compile(r"[A-Za-z0-9.\-]{1,255}")


def demand_uploaded(text: str) -> str:
    """The text of a template that came by S3; TemplateError for one that is too long."""
    if len(text.encode()) > UPLOADED:
        raise TemplateError(f"Template may not exceed {UPLOADED} bytes in size.")
    return text


def demand_within(template: Template) -> None:
    """Raises TemplateError for more than there may be of something, and for a name that is too long or odd."""
    for section, most in MOST.items():
        there = template.get(section) or {}
        if len(there) > most:
            what = f"Number of {section.lower()}, {len(there)}, is greater than maximum allowed, {most}"
            raise TemplateError(f"Template format error: {what}")
        for name in there:
            if not _NAME.fullmatch(name):
                raise TemplateError(f"Template format error: {section[:-1]} name {name[:300]} is non alphanumeric.")
    for name, mapping in (template.get("Mappings") or {}).items():
        _demand_mapping(name, mapping)
    if len((template.get("Description") or "").encode()) > DESCRIPTION:
        told = f"Template description is longer than {DESCRIPTION} bytes"
        raise TemplateError(f"Template format error: {told}.")


def _demand_mapping(name: str, mapping: dict[str, dict[str, object]]) -> None:
    if len(mapping) > KEYS:
        what = f"Number of attributes of mapping {name}, {len(mapping)}, is greater than maximum allowed, {KEYS}"
        raise TemplateError(f"Template format error: {what}")
    for word in (*mapping, *(inner for attributes in mapping.values() for inner in attributes)):
        if not _MAPPED.fullmatch(word):
            what = f"Mappings attribute name '{word[:300]}' must contain only alphanumeric characters."
            raise TemplateError(f"Template format error: {what}")
