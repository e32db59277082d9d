"""Tags of Lattice objects: everyone has those of his own side only."""

import re

from localcloud.ground.caller import Caller
from localcloud.ground.service import Operations
from localcloud.services.lattice.estate import Estate, id_of
from localcloud.services.lattice.model import Wire
from localcloud.services.lattice.refusals import denied, invalid, not_found

TEXT = re.compile(r"[\w\s.:/=+\-@]*")
"""Letters, digits, spaces and `_ . : / = + - @`, none of the spaces at an end (the guide, "Tags")."""

TAGS_PER_OBJECT = 50
"""Assumed (facts 6, 28); the model allows 200."""


def tag(estate: Estate, params: Wire, caller: Caller) -> Wire:
    tags = _own(estate, params["resourceArn"], caller, "TagResource")
    demand_tags({**tags, **params["tags"]}, params["tags"])
    tags.update(params["tags"])
    return {}


def untag(estate: Estate, params: Wire, caller: Caller) -> Wire:
    """A key that is not there is no error."""
    tags = _own(estate, params["resourceArn"], caller, "UntagResource")
    for key in params["tagKeys"]:
        tags.pop(key, None)
    return {}


def list_all(estate: Estate, params: Wire, caller: Caller) -> Wire:
    tags = _own(estate, params["resourceArn"], caller, "ListTagsForResource")
    return {"tags": dict(tags)}


def demand_tags(together: dict[str, str], new: dict[str, str]) -> None:
    """ValidationException when there are too many, or when a new one uses AWS's own prefix."""
    for key in new:
        if key.lower().startswith("aws:"):
            raise invalid(f"Tag keys that begin with aws: are reserved: {key}", "tags")
        for text in (key, new[key]):
            if not TEXT.fullmatch(text) or text != text.strip():
                raise invalid(f"'{text}' holds characters that a tag cannot have", "tags")
    if len(together) > TAGS_PER_OBJECT:
        raise invalid(f"An object may have {TAGS_PER_OBJECT} tags", "tags")


def _own(estate: Estate, arn: str, caller: Caller, operation: str) -> dict[str, str]:
    """403 for another account's ARN, be it that of an object the caller uses (facts 10)."""
    if arn.split(":")[4] != caller.account:
        raise denied(caller, operation, arn)
    thing = estate.things.get(id_of(arn))
    tags = thing.tags_for(caller.account) if thing is not None else None
    if thing is None or tags is None or thing.arn_for(caller.account) != arn:
        raise not_found("RESOURCE", arn)
    return tags


OPERATIONS: Operations[Estate] = {"TagResource": tag, "UntagResource": untag, "ListTagsForResource": list_all}
