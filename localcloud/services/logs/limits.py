"""What CloudWatch Logs refuses of a log group and of its tags (API reference)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.backends import get_backend

from localcloud.ground.backends import backend_of
from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError, NotEmulated

DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)


def _group(params: Mapping[str, Any], _: Caller) -> None:
    if params["logGroupName"].startswith("aws/"):
        text = "Log groups that begin with aws/ are reserved for AWS."
        raise AwsError("InvalidParameterException", text, 400)


def _retention(params: Mapping[str, Any], _: Caller) -> None:
    days = params["retentionInDays"]
    if days not in DAYS:
        told = f"Value '{days}' at 'retentionInDays' failed to satisfy constraint"
        values = ", ".join(map(str, DAYS))
        text = f"1 validation error detected: {told}: Member must satisfy enum value set: [{values}]"
        raise AwsError("InvalidParameterException", text, 400)


def _tagged(params: Mapping[str, Any], _: Caller) -> None:
    arn = params["resourceArn"].removesuffix(":*")
    if ":log-group:" not in arn:
        return
    backend = backend_of("logs", arn)
    if backend is None or arn.partition(":log-group:")[2] not in backend.groups:
        raise AwsError("ResourceNotFoundException", "The specified resource does not exist.", 400)


def _there(params: Mapping[str, Any], caller: Caller) -> None:
    name = params.get("logGroupName")
    if name and name not in get_backend("logs")[caller.account][caller.region].groups:
        raise AwsError("ResourceNotFoundException", "The specified log group does not exist.", 400)


def _query(params: Mapping[str, Any], caller: Caller) -> None:
    if not any(params.get(one) for one in ("logGroupName", "logGroupNames", "logGroupIdentifiers")):
        text = "One of logGroupName, logGroupNames and logGroupIdentifiers must be specified"
        raise AwsError("InvalidParameterException", text, 400)
    _there(params, caller)


def _policy(params: Mapping[str, Any], _: Caller) -> None:
    if params.get("resourceArn"):
        raise NotEmulated("logs", "a resource policy of a single log group (resourceArn)")
    if not params.get("policyName"):
        text = (
            "1 validation error detected: Value null at 'policyName' failed to satisfy constraint: Member must not be"
        )
        raise AwsError("InvalidParameterException", f"{text} null", 400)


LIMITS = {
    **dict.fromkeys(("DescribeMetricFilters", "DeleteMetricFilter", "DescribeQueries"), _there),
    **dict.fromkeys(("PutResourcePolicy", "DeleteResourcePolicy"), _policy),
    "StartQuery": _query,
    "CreateLogGroup": _group,
    "PutRetentionPolicy": _retention,
    **dict.fromkeys(("TagResource", "UntagResource", "ListTagsForResource"), _tagged),
}
