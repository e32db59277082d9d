"""What Step Functions refuses of where a state machine logs to, and of tags (API reference)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localcloud.ground.backends import backend_of
from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError


def _machine(params: Mapping[str, Any], _: Caller) -> None:
    logging = params.get("loggingConfiguration") or {}
    if logging.get("level", "OFF") == "OFF":
        return
    destinations = logging.get("destinations") or []
    if len(destinations) != 1:
        raise AwsError("InvalidLoggingConfiguration", "Must specify exactly one Log Destination.", 400)
    arn = str((destinations[0].get("cloudWatchLogsLogGroup") or {}).get("logGroupArn", ""))
    if ":log-group:" not in arn or not arn.endswith(":*"):
        text = f"The Log Destination {arn} is not valid: it is a log group's ARN that ends with :*"
        raise AwsError("InvalidLoggingConfiguration", text, 400)


def _tagged(params: Mapping[str, Any], _: Caller) -> None:
    arn = params["resourceArn"]
    backend = backend_of("stepfunctions", arn)
    if backend is None or arn not in {one.arn for one in (*backend.state_machines, *backend.activities)}:
        raise AwsError("ResourceNotFound", f"Resource not found: '{arn}'", 400, resourceName=arn)


def _map_run(params: Mapping[str, Any], _: Caller) -> None:
    # A distributed map is refused here, so that there is none.
    text = f"Resource not found: '{params['mapRunArn']}'"
    raise AwsError("ResourceNotFound", text, 400, resourceName=params["mapRunArn"])


LIMITS = {
    **dict.fromkeys(("DescribeMapRun", "UpdateMapRun"), _map_run),
    "CreateStateMachine": _machine,
    "UpdateStateMachine": _machine,
    **dict.fromkeys(("TagResource", "UntagResource", "ListTagsForResource"), _tagged),
}
