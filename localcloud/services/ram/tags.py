"""Tags of shares."""

from __future__ import annotations

from localcloud.ground.caller import Caller
from localcloud.ground.service import Operations
from localcloud.services.ram import refusals
from localcloud.services.ram.estate import Estate
from localcloud.services.ram.model import Wire


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


def tag_share(estate: Estate, params: Wire, caller: Caller) -> Wire:
    share = estate.own_active(tagged(params), caller)
    share.tags = checked_tags(estate, share.tags, params["tags"])
    share.updated = estate.cloud.clock.now
    return {}


def tagged(params: Wire) -> str:
    arn = params.get("resourceShareArn") or params.get("resourceArn")
    if not arn:
        raise refusals.invalid("resourceShareArn or resourceArn is required")
    return str(arn)


def untag_share(estate: Estate, params: Wire, caller: Caller) -> Wire:
    share = estate.own_active(tagged(params), caller)
    share.tags = {key: value for key, value in share.tags.items() if key not in params["tagKeys"]}
    share.updated = estate.cloud.clock.now
    return {}


OPERATIONS: Operations[Estate] = {
    "TagResource": tag_share,
    "UntagResource": untag_share,
}
