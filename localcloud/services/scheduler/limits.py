"""What Scheduler refuses of a group that is not there (API reference); moto lists and tags it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localcloud.ground.backends import backend_in, backend_of
from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError


def _missing(group: str) -> AwsError:
    return AwsError("ResourceNotFoundException", f"Schedule group {group} does not exist.", 404)


def demand_group(group: str, caller: Caller) -> None:
    """A schedule stands in a group, and is named in it."""
    backend = backend_in("scheduler", caller.account, caller.region)
    if backend is None or group not in backend.schedule_groups:
        raise _missing(group)


def _tagged(params: Mapping[str, Any], _: Caller) -> None:
    # Only groups have tags.
    arn = params["ResourceArn"]
    backend, group = backend_of("scheduler", arn), arn.partition(":schedule-group/")[2]
    if backend is None or group not in backend.schedule_groups:
        raise _missing(group or arn)


def _within(params: Mapping[str, Any], caller: Caller) -> None:
    demand_group(params.get("GroupName") or "default", caller)


def _new_group(params: Mapping[str, Any], caller: Caller) -> None:
    backend, name = backend_in("scheduler", caller.account, caller.region), params["Name"]
    if backend is not None and name in backend.schedule_groups:
        raise AwsError("ConflictException", f"Schedule group {name} already exists.", 409)


def _gone_group(params: Mapping[str, Any], _: Caller) -> None:
    if params["Name"] == "default":
        raise AwsError("ValidationException", "The default schedule group cannot be deleted.", 400)


LIMITS = {
    "CreateScheduleGroup": _new_group,
    "DeleteScheduleGroup": _gone_group,
    **dict.fromkeys(("TagResource", "UntagResource", "ListTagsForResource"), _tagged),
    **dict.fromkeys(
        ("CreateSchedule", "UpdateSchedule", "GetSchedule", "DeleteSchedule", "ListSchedules"),
        _within,
    ),
}
