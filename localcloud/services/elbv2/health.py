"""How well a target of a load balancer is: what a health check of its target group would find there."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from moto.elbv2.models import FakeHealthStatus

from localcloud.ground.serves import serves_of

type Moto = Callable[[Any, dict[str, Any], Any], FakeHealthStatus]


class _Found(NamedTuple):
    """Why a target is not healthy, as ELB names and describes it; two empty texts for one that is."""

    reason: str
    description: str


def health_for(moto: Moto) -> Moto:
    """`FakeTargetGroup.health_for`, which knows whether an instance is stopped and takes any other for healthy."""

    def told(group: Any, target: dict[str, Any], ec2: Any) -> FakeHealthStatus:
        known = moto(group, target, ec2)
        if known.status != "healthy" or group.target_type not in ("instance", "ip"):
            return known
        found = _check(group, known, _instance(group, known.instance_id, ec2))
        if found.reason:
            known.status, known.reason, known.description = "unhealthy", found.reason, found.description
        return known

    return told


def _instance(group: Any, target: str, ec2: Any) -> Any | None:
    """The instance that is the target, or has its address in the group's VPC."""
    return next(
        (
            it
            for it in ec2.all_instances()
            if it.id == target or (it.private_ip == target and group.vpc_id in ("", None, it.vpc_id))
        ),
        None,
    )


def _check(group: Any, known: FakeHealthStatus, instance: Any | None) -> _Found:
    if instance is None or instance.state != "running":
        return _Found("Target.Timeout", "Request timed out")
    asked = str(group.health_check_port or "traffic-port")
    port = int(asked if asked.isdigit() else known.port)
    serves = next((it for it in serves_of(_user_data(instance)) if it.port == port), None)
    if serves is None:
        return _Found("Target.FailedHealthChecks", "Health checks failed")
    if group.health_check_protocol not in ("HTTP", "HTTPS"):
        return _Found("", "")
    if _matches(serves.status, str(group.matcher.get("HttpCode", "200"))):
        return _Found("", "")
    return _Found("Target.ResponseCodeMismatch", f"Health checks failed with these codes: [{serves.status}]")


def _user_data(instance: Any) -> str:
    """moto keeps it as it came over the wire: in base64, as a text of its own or one that can decode itself."""
    data = instance.user_data
    if not data:
        return ""
    if isinstance(data, str):
        return base64.b64decode(data).decode(errors="replace")
    return str(data.decode())


def _matches(status: int, codes: str) -> bool:
    """Whether a matcher, as `200,301` or `200-299`, takes a status."""
    return any(first <= status <= last for first, last in _ranges(codes))


def _ranges(codes: str) -> Iterable[tuple[int, int]]:
    for part in codes.split(","):
        first, _, last = part.strip().partition("-")
        yield int(first), int(last or first)
