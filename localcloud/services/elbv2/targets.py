"""What ELB refuses of target groups and of targets: health checks that are none, and what cannot be a target."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Any

from moto.backends import get_backend

from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError

MOST = {"": 1_000, "alb": 1, "lambda": 1}
"""Of one target group, by its type. How many load balancers and groups an account may have is not counted."""
_CODES = (200, 499)
_NEVER = tuple(map(ipaddress.ip_network, ("127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "::1/128", "fe80::/10")))


def demand_group(params: Mapping[str, Any], _: Caller) -> None:
    path = params.get("HealthCheckPath")
    if path is not None and not path.startswith("/"):
        raise AwsError("ValidationError", f"Health check path '{path}' must begin with a '/' character", 400)
    protocol = params.get("HealthCheckProtocol") or params.get("Protocol") or "HTTP"
    if protocol not in ("HTTP", "HTTPS"):
        return
    for code in re.findall(r"\d+", str((params.get("Matcher") or {}).get("HttpCode") or "")):
        if not _CODES[0] <= int(code) <= _CODES[1]:
            within = f"must be within '{_CODES[0]}-{_CODES[1]}' inclusive"
            raise AwsError("ValidationError", f"Health check matcher HTTP code '{code}' {within}", 400)


def demand_targets(params: Mapping[str, Any], caller: Caller) -> None:
    group = get_backend("elbv2")[caller.account][caller.region].target_groups.get(params["TargetGroupArn"])
    if group is None:
        return  # moto says so
    if len({*group.targets, *(one["Id"] for one in params["Targets"])}) > MOST.get(group.target_type, MOST[""]):
        raise AwsError("TooManyTargets", "You've reached the limit on the number of targets.", 400)
    for one in params["Targets"]:
        if group.target_type == "ip":
            _demand_address(one["Id"])
        elif group.target_type in ("instance", None):
            _demand_instance(one["Id"], str(group.vpc_id), caller)


def _demand_address(text: str) -> None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise AwsError("ValidationError", f"The IP address '{text}' is not a valid IPv4 address", 400) from None
    if any(address in network for network in _NEVER):
        raise AwsError("ValidationError", f"The IP address '{text}' is not allowed as a target", 400)


def _demand_instance(identifier: str, vpc: str, caller: Caller) -> None:
    every = get_backend("ec2")[caller.account][caller.region].all_instances()
    found = next((one for one in every if one.id == identifier), None)
    if found is None:
        text = f"The following targets are not valid instances: '{identifier}'"
        raise AwsError("InvalidTarget", text, 400)
    if found.state not in ("pending", "running"):
        text = f"The following targets are not in a running state and cannot be registered: '{identifier}'"
        raise AwsError("InvalidTarget", text, 400)
    if found.vpc_id != vpc:
        text = f"The following targets are not in the target group VPC '{vpc}': '{identifier}'"
        raise AwsError("InvalidTarget", text, 400)
