"""Where moto's Logs is wrong for what this project needs: it forgets the class of a log group."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.logs.models import LogGroup
from moto.logs.responses import LogsResponse

from localcloud.ground.moto import Patches

_create: Callable[[Any], str] = vars(LogsResponse)["create_log_group"]
_describe: Callable[[Any], dict[str, Any]] = vars(LogGroup)["to_describe_dict"]


def _created(response: Any) -> str:
    answer = _create(response)
    group = response.logs_backend.groups[response._get_param("logGroupName")]
    group.log_group_class = response._get_param("logGroupClass") or "STANDARD"
    return answer


def _described(group: Any) -> dict[str, Any]:
    return {**_describe(group), "logGroupClass": getattr(group, "log_group_class", "STANDARD")}


PATCHES: Patches = ((LogsResponse, "create_log_group", _created), (LogGroup, "to_describe_dict", _described))
