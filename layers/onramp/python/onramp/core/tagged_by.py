"""Who asked for what: whose call last changed the tags of a resource, where the account's trail has told it."""

from collections.abc import Iterable
from typing import Any

import msgspec

from onramp.core.model import Value
from onramp.core.text import plain

TAG_CALLS = frozenset({"AddTags", "RemoveTags", "CreateTags", "DeleteTags"})

AT_ONCE = 20
"""Changes of one batch of rings that are kept; a call names up to 1,000 resources, and a run carries them."""

WAITING_AT_MOST = 40
"""Changes that wait for the next run of their account, above which it is only kept that some are missing."""

KEPT_AT_MOST = 200
"""Resources of an account of which it is remembered: the last changed ones."""

BY_LENGTH = 180  # a role's session has 64 characters of its own, its role as many
RESOURCE_LENGTH = 160

SAME_CHANGE = 60.0
"""Seconds between the two events of one change, at most: its own, which names nobody, and the trail's, which does."""


class Asks(Value, frozen=True, array_like=True):
    """`resource`: a VPC's id, or the ARN of what else it is. `by`: the caller's ARN, as CloudTrail has it; ''
    unknown. `at`: epoch seconds.
    """

    resource: str
    by: str = ""
    at: float = 0.0


MISSING = Asks(resource="")
"""There were more than could be kept: of whatever was changed before, nobody knows whether it was changed again."""


def of_call(detail: dict[str, Any], prefix: str) -> tuple[Asks, ...]:
    """What a record of CloudTrail tells of tags that begin with `prefix`; nothing where it names nobody."""
    identity, asked = detail.get("userIdentity"), detail.get("requestParameters")
    by = identity.get("arn") if isinstance(identity, dict) else None
    if detail.get("eventName") not in TAG_CALLS or not isinstance(by, str) or not isinstance(asked, dict):
        return ()
    keys = _keys(asked)
    everything = detail["eventName"] == "DeleteTags" and not keys  # EC2's, that names none
    if not everything and not any(key.startswith(prefix) for key in keys):
        return ()
    return _of([*_texts(asked.get("resourceArns")), *_members(asked.get("resourcesSet"), "resourceId")], by)


def of_change(arns: Iterable[str]) -> tuple[Asks, ...]:
    """What the event of a change itself tells: that there was one."""
    return _of(arns, "")


def spelled(asks: Asks) -> str:
    """As the table keeps it: one line, the same for the same change."""
    return msgspec.json.encode(asks).decode()


def read(line: str) -> Asks:
    """What the table kept; what another release wrote in another way is missing."""
    try:
        return msgspec.json.decode(line, type=Asks)
    except msgspec.MsgspecError:
        return MISSING


def remembered(before: Iterable[Asks], told: tuple[Asks, ...], resources: Iterable[str]) -> tuple[Asks, ...]:
    """The last change of each of these resources, by resource; nothing of any of them where some are missing."""
    if MISSING in told:
        return ()
    wanted = frozenset(resources)
    last: dict[str, Asks] = {}
    for one in sorted((*before, *told), key=lambda one: (one.at, one.by)):
        known = last.get(one.resource)
        if one.resource in wanted and (one.by or known is None or one.at > known.at + SAME_CHANGE):
            last[one.resource] = one
    newest = sorted(last.values(), key=lambda one: -one.at)[:KEPT_AT_MOST]
    return tuple(sorted(newest, key=lambda one: one.resource))


def may_ask(arn: str) -> bool:
    """Is it a load balancer, a VPC or a Lattice service? ECS has services, too, of whatever names."""
    return ":loadbalancer/" in arn or ":vpc/" in arn or (":vpc-lattice:" in arn and ":service/svc-" in arn)


def may_be_handed_over(arn: str) -> bool:
    """Is it a thing of Lattice's, or a security group, of which its owner may say whose it is to be?"""
    return ":security-group/sg-" in arn or (":vpc-lattice:" in arn and any(kind in arn for kind in _HANDED_OVER))


_HANDED_OVER = (
    ":service/svc-",
    ":targetgroup/tg-",
    ":servicenetworkserviceassociation/snsa-",
    ":servicenetworkvpcassociation/snva-",
)


def _of(resources: Iterable[str], by: str) -> tuple[Asks, ...]:
    ours = [_id(one) for one in resources if one.startswith("vpc-") or may_ask(one) or may_be_handed_over(one)]
    found = tuple(Asks(resource=plain(one, RESOURCE_LENGTH), by=plain(by, BY_LENGTH)) for one in ours[:AT_ONCE])
    return found if len(ours) <= AT_ONCE else (*found, MISSING)


def _id(resource: str) -> str:
    """A VPC goes by its id, whoever tells of it."""
    return resource.rpartition("/")[2] if ":vpc/" in resource else resource


def _keys(asked: dict[str, Any]) -> list[str]:
    """Keys that a call put or removed."""
    listed = [*_texts(asked.get("tagKeys")), *_members(asked.get("tagSet"), "key")]
    tags = asked.get("tags")
    return listed + [str(tag.get("key")) for tag in tags if isinstance(tag, dict)] if isinstance(tags, list) else listed


def _members(value: Any, name: str) -> list[str]:
    """Of EC2's lists, which CloudTrail spells `{"items": [{name: ...}]}`."""
    items = value.get("items") if isinstance(value, dict) else None
    return _texts([item.get(name) for item in items if isinstance(item, dict)]) if isinstance(items, list) else []


def _texts(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
