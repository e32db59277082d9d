"""A mapping, whatever it reads from: which there are, who may, and what of it the function wants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from moto.awslambda.utils import get_backend as lambda_backend
from onramp.core.policy import Document

from localcloud.door.call import Done
from localcloud.ground import patterns
from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError
from localcloud.ground.questions import Invoked
from localcloud.services.lambda_.estate import Estate


class Senseless(Exception):
    """What a function answered says nothing of its batch."""


def reads_from(arn: str, service: str) -> bool:
    """Whether an ARN is of something of that service."""
    return arn.split(":")[2:3] == [service]


def mappings_of(account: str, region: str) -> dict[str, Any]:
    """An account's mappings, moto's, by their UUID."""
    found: dict[str, Any] = lambda_backend(account, region)._event_source_mappings
    return found


def changed(done: Done) -> bool:
    """Whether a call made, changed or removed a mapping."""
    return done.service == "lambda" and done.operation.endswith("EventSourceMapping")


def twin(source: str, function: Any, caller: Caller) -> str:
    """The UUID of the mapping that joins these two already; '' for none."""
    for uuid, one in mappings_of(caller.account, caller.region).items():
        if (one.event_source_arn, one.function_arn) == (source, function.function_arn):
            return uuid
    return ""


def conflict(text: str, uuid: str) -> AwsError:
    told = f"{text} already exists. Please update or delete the existing mapping with UUID {uuid}"
    return AwsError("ResourceConflictException", told, 409, Type="User")


def invalid(text: str) -> AwsError:
    return AwsError("InvalidParameterValueException", text, Type="User")


def as_role(function: Any) -> Caller:
    """The function's role, as Lambda reads for it."""
    role, account = function.role.rpartition("/")[2], function.role.split(":")[4]
    arn = f"arn:aws:sts::{account}:assumed-role/{role}/{function.function_name}"
    return Caller(account, function.region, arn, role=role, session=function.function_name)


def lacking(
    estate: Estate, function: Any, actions: Sequence[str], source: str, policies: Sequence[Document] = ()
) -> str:
    """The first action that the function's role may not do on what it is to read from; '' for none."""
    if not estate.cloud.enforce_iam:
        return ""
    caller, iam = as_role(function), estate.cloud.iam
    return next((one for one in actions if not iam.allows(caller, one, source, {}, list(policies)).allowed), "")


def is_wanted(mapping: Any, record: Mapping[str, Any]) -> bool:
    """By the mapping's FilterCriteria."""
    filters = (mapping.filter_criteria or {}).get("Filters", [])
    return not filters or any(patterns.parse(one["Pattern"]).matches(record) for one in filters)


def named_failures(mapping: Any, done: Invoked) -> list[str] | None:
    """What a function named in `batchItemFailures`; None where it did not, or was not asked to.

    Senseless for an answer that makes no sense: it fails the whole batch.
    """
    if "ReportBatchItemFailures" not in (mapping.function_response_types or []) or not done.result:
        return None
    if not isinstance(done.result, dict):
        raise Senseless
    failures = done.result.get("batchItemFailures")
    if failures is None:
        return None
    if not isinstance(failures, list):
        raise Senseless
    return [str(one.get("itemIdentifier")) if isinstance(one, dict) else "" for one in failures]
