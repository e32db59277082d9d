"""A resource has fifty tags at most, whichever service it is of: moto counts only some services'.

EC2, load balancers, topics, certificates and IAM count by themselves in moto, as VPC Lattice and RAM do here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from moto.utilities.tagging_service import TaggingService

from localcloud.ground.backends import backend_of
from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError
from localcloud.services.tagging.estate import Estate

TAGS = 50


class _Tags(NamedTuple):
    """Where a call says whose tags and which, and by what code it is refused; `whole`: they replace those there."""

    whose: str
    which: str
    code: str
    whole: bool = False


_CALLS = {
    ("cloudwatch", "TagResource"): _Tags("ResourceARN", "Tags", "InvalidParameterValue"),
    ("dynamodb", "TagResource"): _Tags("ResourceArn", "Tags", "LimitExceededException"),
    ("events", "TagResource"): _Tags("ResourceARN", "Tags", "ValidationException"),
    ("kms", "TagResource"): _Tags("KeyId", "Tags", "LimitExceededException"),
    ("lambda", "TagResource"): _Tags("Resource", "Tags", "InvalidParameterValueException"),
    ("logs", "TagLogGroup"): _Tags("logGroupName", "tags", "InvalidParameterException"),
    ("logs", "TagResource"): _Tags("resourceArn", "tags", "TooManyTagsException"),
    ("s3", "PutBucketTagging"): _Tags("Bucket", "Tagging", "BadRequest", whole=True),
    ("scheduler", "TagResource"): _Tags("ResourceArn", "Tags", "ValidationException"),
    ("secretsmanager", "TagResource"): _Tags("SecretId", "Tags", "InvalidParameterException"),
    ("sqs", "TagQueue"): _Tags("QueueUrl", "Tags", "InvalidParameterValue"),
    ("ssm", "AddTagsToResource"): _Tags("ResourceId", "Tags", "TooManyTagsError"),
    ("stepfunctions", "TagResource"): _Tags("resourceArn", "tags", "TooManyTags"),
}


_UNLISTED = frozenset({"events", "scheduler"})
"""Services of which moto lists not all that is tagged."""


def refuse(estate: Estate, service: str, operation: str, params: dict[str, Any], caller: Caller) -> None:
    """The service's own error for one tag too many."""
    call = _CALLS.get((service, operation))
    if call is None:
        return
    keys = set(_keys(params.get(call.which) or {}))
    if not call.whole:
        keys |= _there(estate, service, str(params.get(call.whose, "")), caller)
    if len(keys) > TAGS:
        raise AwsError(call.code, f"A resource can have {TAGS} tags at most, not {len(keys)}.", 400)


def _keys(given: Any) -> list[str]:
    if isinstance(given, Mapping):
        return _keys(given["TagSet"]) if "TagSet" in given else list(given)
    return [str(one.get("Key") or one.get("TagKey") or one.get("key")) for one in given]


def _there(estate: Estate, service: str, named: str, caller: Caller) -> set[str]:
    name = named.removesuffix(":*").rstrip("/").rpartition("/")[2] if service == "sqs" else named.removesuffix(":*")
    if service in _UNLISTED:
        return set(getattr(backend_of(service, name), "tagger", TaggingService()).get_tag_dict_for_resource(name))
    for one in estate.moto_resources(caller.account, caller.region):
        arn = one.arn.removesuffix(":*")
        # A secret's ARN has a dash and six letters after its name.
        if one.arn.split(":")[2] in (service, "states") and (arn == name or _ends(arn, name) or _ends(arn[:-7], name)):
            return set(one.tags)
    return set()


def _ends(arn: str, name: str) -> bool:
    return bool(name) and arn.endswith((f":{name}", f"/{name.lstrip('/')}"))
