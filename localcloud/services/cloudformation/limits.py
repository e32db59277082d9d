"""What CloudFormation refuses of a request before it looks into the template (API reference, lengths and patterns)."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Any

from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError
from localcloud.services.cloudformation.quotas import SENT

NAME = 128
_NAME = re.compile(r"[a-zA-Z][-a-zA-Z0-9]*")


def _invalid(value: str, where: str, rule: str) -> AwsError:
    told = f"Value '{value[:300]}' at '{where}' failed to satisfy constraint: Member must {rule}"
    return AwsError("ValidationError", f"1 validation error detected: {told}", 400)


def _template(params: Mapping[str, Any], _: Caller) -> None:
    body = params.get("TemplateBody") or ""
    if len(body.encode()) > SENT:
        raise _invalid(body, "templateBody", f"have length less than or equal to {SENT}")
    _tags(params)
    if body and params.get("TemplateURL"):
        raise AwsError("ValidationError", "You may specify only one of TemplateBody and TemplateURL.", 400)


def _tags(params: Mapping[str, Any]) -> None:
    keys = [one["Key"] for one in params.get("Tags") or ()]
    if any(key.lower().startswith("aws:") for key in keys):
        raise AwsError("ValidationError", "aws: prefixed tag key names are not allowed for external use.", 400)
    if len(set(keys)) < len(keys):
        raise AwsError("ValidationError", "Duplicate tag keys are not allowed.", 400)


def _named(params: Mapping[str, Any], caller: Caller, what: str = "stackName") -> None:
    name = params[f"{what[0].upper()}{what[1:]}"]
    if not _NAME.fullmatch(name):
        raise _invalid(name, what, f"satisfy regular expression pattern: {_NAME.pattern}")
    if len(name) > NAME:
        raise _invalid(name, what, f"have length less than or equal to {NAME}")
    _template(params, caller)


def _change_set(params: Mapping[str, Any], caller: Caller) -> None:
    if params.get("ChangeSetType") == "CREATE":
        _named(params, caller)
    else:
        _template(params, caller)


LIMITS = {
    "CreateStackSet": functools.partial(_named, what="stackSetName"),
    "UpdateStackSet": _template,
    "CreateStack": _named,
    "UpdateStack": _template,
    "CreateChangeSet": _change_set,
    "ValidateTemplate": _template,
    "GetTemplateSummary": _template,
    "EstimateTemplateCost": _template,
}
