"""Drift: what stands there against what a template says, of the types that can be read here.

As on AWS only properties that the template names are compared (the guide, "Detect unmanaged configuration changes"),
tags not among them here. What cannot be read back, as a function's code, is taken as it was deployed.
"""

from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError
from localcloud.ground.kinds import KINDS, Gone, Properties, Work, as_text
from localcloud.services.cloudformation.deploy import is_gone
from localcloud.services.cloudformation.estate import Estate
from localcloud.services.cloudformation.model import Drift, Resource, Stack


def drifts_of(estate: Estate, stack: Stack, caller: Caller) -> dict[str, Drift]:
    """Of each resource of the stack how it stands to what was deployed, read with the caller's rights."""
    return {name: _drift(estate, stack, one, caller) for name, one in stack.resources.items()}


def _drift(estate: Estate, stack: Stack, resource: Resource, caller: Caller) -> Drift:
    read = KINDS[resource.type].read
    if read is None:
        return Drift("UNSUPPORTED", {})
    work = Work(
        cloud=estate.cloud,
        account=stack.account,
        region=stack.region,
        client=lambda service: estate.cloud.client(service, caller.account, caller.role),
        stack=stack.name,
        logical=resource.logical,
        properties=copy.deepcopy(resource.properties),
        stack_tags=stack.tags,
        old=resource.made,
    )
    try:
        there = read(work)
    except Gone:
        return Drift("DELETED", {})
    except (AwsError, ClientError) as error:
        return Drift("DELETED" if is_gone(error) else "UNKNOWN", {})
    actual = {name: there[name] for name in resource.properties if name in there}
    return Drift("MODIFIED" if differing(resource.properties, actual) else "IN_SYNC", actual)


class Difference(NamedTuple):
    """A property, as it should be and as it is."""

    name: str
    wanted: Any
    actual: Any


def differing(wanted: Properties, actual: Properties) -> list[Difference]:
    """Of the properties that were read those that are not as they should be."""
    return [
        Difference(name, wanted.get(name), found)
        for name, found in actual.items()
        if _plain(wanted.get(name)) != _plain(found)
    ]


def _plain(value: Any) -> Any:
    """A value as all that mean the same are: numbers and truth values as texts, documents as what they say, and lists
    in any order, as most of AWS's are sets.
    """
    if isinstance(value, str) and value.startswith(("{", "[")):
        with contextlib.suppress(ValueError):
            value = json.loads(value)
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items() if one is not None}
    if isinstance(value, list):
        return sorted((_plain(one) for one in value), key=lambda one: json.dumps(one, sort_keys=True)) or None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return None if value is None else as_text(value)
