"""Tags of shares and of permissions."""

from __future__ import annotations

from localcloud.ground.caller import Caller
from localcloud.ground.service import Operations
from localcloud.services.ram import refusals
from localcloud.services.ram.estate import Estate
from localcloud.services.ram.model import Permissions, Share, Wire


def checked_tags(estate: Estate, before: dict[str, str], new: list[dict[str, str]]) -> dict[str, str]:
    tags = dict(before)
    for tag in new:
        key, value = tag.get("key", ""), tag.get("value", "")
        if key.lower().startswith("aws:"):
            raise refusals.reserved_tag(key)
        if not 1 <= len(key) <= 128 or len(value) > 256:
            raise refusals.invalid(f"The tag {key} is too long or has no key")
        tags[key] = value
    if len(tags) > estate.quotas.tags:
        raise refusals.tag_limit(estate.quotas.tags)
    return tags


def tag(estate: Estate, params: Wire, caller: Caller) -> Wire:
    """The tags of a share, or of a permission that the caller's account made."""
    thing = _own(estate, params, caller)
    thing.tags = checked_tags(estate, thing.tags, params["tags"])
    if isinstance(thing, Share):
        thing.updated = estate.cloud.clock.now
    return {}


def _own(estate: Estate, params: Wire, caller: Caller) -> Share | Permissions:
    # Of tagging the model knows no OperationNotPermitted and no InvalidStateTransition.
    arn = tagged(params)
    if params.get("resourceShareArn") or ":permission/" not in arn:
        share = estate.share(arn, caller)
        if share.owner != caller.account or share.status != "ACTIVE":
            raise refusals.unknown(f"ResourceShare {arn} could not be found")
        return share
    found = estate.permission(arn, caller)
    if not found.current.owner:
        raise refusals.invalid(f"The permission {arn} is managed by AWS")
    return found


def tagged(params: Wire) -> str:
    arn = params.get("resourceShareArn") or params.get("resourceArn")
    if not arn:
        raise refusals.invalid("resourceShareArn or resourceArn is required")
    return str(arn)


def untag(estate: Estate, params: Wire, caller: Caller) -> Wire:
    thing = _own(estate, params, caller)
    thing.tags = {key: value for key, value in thing.tags.items() if key not in params["tagKeys"]}
    if isinstance(thing, Share):
        thing.updated = estate.cloud.clock.now
    return {}


OPERATIONS: Operations[Estate] = {
    "TagResource": tag,
    "UntagResource": untag,
}
