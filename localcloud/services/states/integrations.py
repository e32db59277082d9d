"""Which AWS calls a Task can be, under the names that Step Functions has for them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from localcloud.ground import models

_JUST_CALLS = {
    ("sqs", "sendMessage"),
    ("sns", "publish"),
    ("events", "putEvents"),
    ("dynamodb", "getItem"),
    ("dynamodb", "putItem"),
    ("dynamodb", "updateItem"),
    ("dynamodb", "deleteItem"),
    ("states", "startExecution"),
}

# Names of the SDK for Java, which the integrations use, where botocore's differ; and their error prefixes.
SDK_SERVICES = {
    "vpclattice": "vpc-lattice",
    "sfn": "stepfunctions",
    "states": "stepfunctions",
    "eventbridge": "events",
    "elasticloadbalancingv2": "elbv2",
    "cloudwatchlogs": "logs",
    "resourcegroupstaggingapi": "resourcegroupstaggingapi",
}

SDK_PREFIXES = {
    "vpclattice": "VpcLattice",
    "elasticloadbalancingv2": "ElasticLoadBalancingV2",
    "dynamodb": "DynamoDb",
    "eventbridge": "EventBridge",
    "cloudwatchlogs": "CloudWatchLogs",
    "states": "StepFunctions",
    "events": "Events",
}

_INTEGRATION = re.compile(r"arn:aws:states:::(?P<sdk>aws-sdk:)?(?P<service>\w+):(?P<action>\w+)(?P<pattern>\.\w+)?")


def check_resource(state: Mapping[str, Any]) -> list[str]:
    resource = state["Resource"]
    match = _INTEGRATION.fullmatch(resource)
    if resource.startswith("arn:aws:lambda:") or resource == "arn:aws:states:::lambda:invoke":
        return []
    if match is None:
        return [f"the resource {resource} is not recognized"]
    if match["pattern"]:
        return [f"the integration pattern {match['pattern']} is not emulated"]
    service, action = match["service"], match["action"]
    botocore_name, operation = SDK_SERVICES.get(service, service), action[0].upper() + action[1:]
    if not match["sdk"] and (service, action) not in _JUST_CALLS:
        return [f"the task {resource} is not emulated"]
    if not action[0].islower() or not models.is_known(botocore_name, operation):
        return [f"the resource {resource} is not recognized"]
    shape = models.operation_model(botocore_name, operation).input_shape
    members: Mapping[str, Any] = shape.members if shape is not None else {}
    known = {name[0].upper() + name[1:] for name in members}
    given = [key.removesuffix(".$") for key in state.get("Parameters", {})]
    return [f"the field {key} is not supported by {resource}" for key in given if key not in known]
