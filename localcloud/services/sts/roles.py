"""Sessions of roles."""

from __future__ import annotations

from typing import Any

from localcloud.ground.barred import Barred, refuser
from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError, NotEmulated
from localcloud.ground.service import Operations
from localcloud.services.sts.estate import HOUR, Estate
from localcloud.services.sts.needs import context_of


def assume_role(estate: Estate, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
    for member in ("Policy", "PolicyArns", "Tags", "TransitiveTagKeys", "ProvidedContexts"):
        if params.get(member):
            raise NotEmulated("sts", f"AssumeRole with {member}")
    arn, session = params["RoleArn"], params["RoleSessionName"]
    if not (arn.startswith("arn:aws:iam::") and ":role/" in arn):
        raise AwsError("ValidationError", f"{arn} is invalid")
    # A role that does not exist and one that does not trust the caller look the same from outside.
    trusted = estate.cloud.iam.trusts(arn, caller, context_of(params))
    if not trusted.allowed:
        who = caller.service or caller.arn
        text = f"User: {who} is not authorized to perform: sts:AssumeRole on resource: {arn}"
        if isinstance(trusted, Barred):
            text += f" with an explicit deny in a {refuser(trusted)}"
        raise AwsError("AccessDenied", text, 403)
    seconds = int(params.get("DurationSeconds") or HOUR)
    role = estate.cloud.iam.role(arn)
    longest = int(getattr(role, "max_session_duration", None) or HOUR)
    if caller.role and seconds > HOUR:
        text = "DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining"
        raise AwsError("ValidationError", f"The requested {text}")
    if seconds > longest:
        text = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        raise AwsError("ValidationError", text)
    credentials = estate.issue(arn, session, seconds)
    made, _ = estate.sessions[credentials["AccessKeyId"]]
    answer = {
        "Credentials": credentials,
        "AssumedRoleUser": {"Arn": made.arn, "AssumedRoleId": estate.user_id(made)},
    }
    if params.get("SourceIdentity"):
        answer["SourceIdentity"] = params["SourceIdentity"]
    return answer


OPERATIONS: Operations[Estate] = {"AssumeRole": assume_role}
