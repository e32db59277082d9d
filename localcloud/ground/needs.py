"""What IAM must allow before a call is answered: action, resource, condition keys.

The Service Authorization Reference is the source; where it names no resource for an operation, `*` is asked. Each
service says what its calls need in its `needs.py`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

from onramp.core.policy import Values

from localcloud.ground import models
from localcloud.ground.caller import Caller

type Requirement = tuple[str, str, dict[str, Values]]

# IAM's prefix where botocore's signing name is another word (tagging, monitoring), and those that are asked
# for so often that loading the service's model for them would be felt.
_PREFIXES = {
    "cloudwatch": "cloudwatch",
    "elbv2": "elasticloadbalancing",
    "resourcegroupstaggingapi": "tag",
    "stepfunctions": "states",
    **{name: name for name in ("dynamodb", "ec2", "events", "iam", "lambda", "logs", "sns", "sqs", "sts")},
}


class Tags(Protocol):
    """What is tagged how, whatever service has it."""

    def tags_of(self, arn: str) -> dict[str, str]:
        """The tags of a resource; empty for what is not there or cannot be asked."""
        ...


@dataclass(frozen=True)
class Call:
    """One call, as the rules below look at it."""

    service: str
    operation: str
    params: dict[str, Any]
    caller: Caller
    tags: Tags

    @property
    def prefix(self) -> str:
        return prefix(self.service)

    @property
    def action(self) -> str:
        return f"{self.prefix}:{self.operation}"

    def arn(self, tail: str, service: str = "") -> str:
        """An ARN in the caller's account and region."""
        return f"arn:aws:{service or self.prefix}:{self.caller.region}:{self.caller.account}:{tail}"

    def get(self, *names: str) -> str:
        """The first of these parameters that is given as text, or ''."""
        return next((self.params[n] for n in names if isinstance(self.params.get(n), str)), "")


@lru_cache
def prefix(service: str) -> str:
    """IAM's prefix of a botocore service: `elasticloadbalancing` for elbv2, `states` for stepfunctions."""
    if service in _PREFIXES:
        return _PREFIXES[service]
    return str(models.model(service).signing_name)


def resource_tags(arn: str, tags: Tags) -> dict[str, Values]:
    """`aws:ResourceTag/…` of a load balancer, EC2, Lattice or RAM resource; nothing for what is not there."""
    if arn.count(":") < 5 or "*" in arn:
        return {}
    return {f"aws:ResourceTag/{key}": str(value or "") for key, value in tags.tags_of(arn).items()}


def request_tags(tags: Any, keys: Any = None) -> dict[str, Values]:
    """`aws:RequestTag/…` and `aws:TagKeys` of tags in any of AWS's spellings, or of keys to remove."""
    named = dict(_pairs(tags))
    every = [*named, *(keys if isinstance(keys, list) else [])]
    context: dict[str, Values] = {f"aws:RequestTag/{key}": value for key, value in named.items()}
    return context | {"aws:TagKeys": every} if every else context


def _pairs(tags: Any) -> Iterable[tuple[str, str]]:
    if isinstance(tags, dict):
        yield from ((str(k), str(v)) for k, v in tags.items())
    for tag in tags if isinstance(tags, list) else []:
        if isinstance(tag, dict):
            lower = {name.lower().removeprefix("tag"): value for name, value in tag.items()}
            yield str(lower.get("key", "")), str(lower.get("value") or "")


def tags_asked(call: Call) -> dict[str, Values]:
    """The request's tags, wherever this API puts them."""
    tags = next((call.params[n] for n in ("Tags", "tags", "TagList") if call.params.get(n)), None)
    keys = next((call.params[n] for n in ("TagKeys", "tagKeys") if call.params.get(n)), None)
    return request_tags(tags, keys)


def plain(call: Call) -> list[Requirement]:
    arn = call.get("ResourceArn", "resourceArn", "ResourceARN")
    return [(call.action, arn or "*", tags_asked(call))]


def need(call: Call, resource: str, more: dict[str, Values] | None = None, action: str = "") -> list[Requirement]:
    return [(action or call.action, resource, tags_asked(call) | (more or {}))]


type Needs = Callable[[Call], list[Requirement]]

HOMES: dict[str, str] = {}
"""Which module says what a service's calls need, by botocore's name of the service; read when it is first called."""


@lru_cache
def needs_of(service: str) -> Needs:
    """What a service's calls need; of a service that says nothing, its own action on the ARN that it names."""
    home = HOMES.get(service)
    return plain if home is None else importlib.import_module(home).needs


def read_all() -> None:
    """Read them now: once a function runs, a name that is imported is the function's own, of whatever release."""
    for service in HOMES:
        needs_of(service)
