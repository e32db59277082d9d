"""Where a policy comes in that guards one thing: it is held to its service's grammar, and refused as the service does.

Lattice's own two are held by Lattice (`services/lattice/policies`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from moto.backends import get_backend
from onramp.core.policy import Principal, evaluate

from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError
from localcloud.ground.grammar import (
    BUCKET,
    BUS,
    KEY,
    LOGS,
    SECRET,
    SNS,
    SQS,
    TABLE,
    TRUST,
    Fault,
    Grammar,
    faults,
    identity_faults,
)


class Given(NamedTuple):
    """A policy's text, its grammar, and the ARN of what it guards."""

    text: str
    grammar: Grammar
    resource: str


def _queue(params: Mapping[str, Any], caller: Caller) -> Given | None:
    text = (params.get("Attributes") or {}).get("Policy")
    account, name = ([caller.account, *str(params.get("QueueUrl", "")).rstrip("/").split("/")])[-2:]
    name = params.get("QueueName") or name
    account = caller.account if params.get("QueueName") else account
    return Given(text, SQS, f"arn:aws:sqs:{caller.region}:{account}:{name}") if text else None


def _topic(params: Mapping[str, Any], caller: Caller) -> Given | None:
    if params.get("AttributeName") == "Policy":
        return Given(params.get("AttributeValue") or "", SNS, params["TopicArn"])
    text = (params.get("Attributes") or {}).get("Policy")
    return Given(text, SNS, f"arn:aws:sns:{caller.region}:{caller.account}:{params['Name']}") if text else None


def _trust(params: Mapping[str, Any], _: Caller) -> Given | None:
    text = params.get("AssumeRolePolicyDocument") or params.get("PolicyDocument")
    return Given(text, TRUST, "") if text else None


def _bus(params: Mapping[str, Any], caller: Caller) -> Given | None:
    name = params.get("EventBusName") or "default"
    text = params.get("Policy")
    return Given(text, BUS, f"arn:aws:events:{caller.region}:{caller.account}:event-bus/{name}") if text else None


def _key(params: Mapping[str, Any], caller: Caller) -> Given | None:
    # Before it is made a key has no ARN; it is "*" in its own policy anyhow.
    key = str(params.get("KeyId", "")).rpartition("/")[2]
    text = params.get("Policy")
    return Given(text, KEY, f"arn:aws:kms:{caller.region}:{caller.account}:key/{key}") if text else None


def _logs(params: Mapping[str, Any], caller: Caller) -> Given | None:
    text = params.get("policyDocument")
    return Given(text, LOGS, f"arn:aws:logs:{caller.region}:{caller.account}:log-group:*") if text else None


def _bucket(params: Mapping[str, Any], _: Caller) -> Given | None:
    text = params.get("Policy")
    text = text.decode() if isinstance(text, bytes) else text
    return Given(text, BUCKET, f"arn:aws:s3:::{params['Bucket']}") if text else None


def _secret(params: Mapping[str, Any], _: Caller) -> Given:
    # Which ARN the secret has, of which its name may be given, its policy need not know: "*" is itself.
    return Given(params["ResourcePolicy"], SECRET, "")


def _table(params: Mapping[str, Any], _: Caller) -> Given:
    return Given(params["Policy"], TABLE, params["ResourceArn"])


GIVEN: dict[tuple[str, str], Callable[[Mapping[str, Any], Caller], Given | None]] = {
    ("sqs", "CreateQueue"): _queue,
    ("sqs", "SetQueueAttributes"): _queue,
    ("sns", "CreateTopic"): _topic,
    ("sns", "SetTopicAttributes"): _topic,
    ("iam", "CreateRole"): _trust,
    ("iam", "UpdateAssumeRolePolicy"): _trust,
    ("events", "PutPermission"): _bus,
    ("kms", "CreateKey"): _key,
    ("kms", "PutKeyPolicy"): _key,
    ("logs", "PutResourcePolicy"): _logs,
    ("s3", "PutBucketPolicy"): _bucket,
    ("secretsmanager", "PutResourcePolicy"): _secret,
    ("dynamodb", "PutResourcePolicy"): _table,
}


def _by_sqs(_: Fault) -> AwsError:
    return AwsError("InvalidAttributeValue", "Invalid value for the parameter Policy.", 400)


def _by_sns(fault: Fault) -> AwsError:
    if fault.kind == "principal":
        return AwsError("InvalidParameter", "Invalid parameter: Policy Error: PrincipalNotFound", 400)
    return AwsError("InvalidParameter", f"Invalid parameter: Policy {fault.why}!", 400)


def _by_iam(fault: Fault) -> AwsError:
    if fault.kind == "size":
        return AwsError("LimitExceeded", f"Cannot exceed quota for ACLSizePerRole: {TRUST.size}", 409)
    if fault.kind == "principal":
        return AwsError("MalformedPolicyDocument", f"Invalid principal in policy: {fault.why}", 400)
    return AwsError("MalformedPolicyDocument", fault.why, 400)


def _by_events(fault: Fault) -> AwsError:
    if fault.kind == "size":
        return AwsError("PolicyLengthExceededException", f"The policy is {fault.why}.", 400)
    return AwsError("ValidationException", f"The policy is not valid: {fault.why}.", 400)


def _by_kms(fault: Fault) -> AwsError:
    if fault.kind == "size":
        return AwsError("LimitExceededException", f"The key policy is {fault.why}", 400)
    if fault.kind == "principal":
        text = "Policy contains a statement with one or more invalid principals."
        return AwsError("MalformedPolicyDocumentException", text, 400)
    return AwsError("MalformedPolicyDocumentException", f"The new key policy is not valid: {fault.why}", 400)


def _by_logs(_: Fault) -> AwsError:
    return AwsError("InvalidParameterException", "Could not convert to persistable policy.", 400)


def _by_s3(fault: Fault) -> AwsError:
    told = {
        "size": f"Policies must not be {fault.why}",
        "action": "Policy has invalid action",
        "principal": "Invalid principal in policy",
        "resource": "Policy has invalid resource",
    }
    return AwsError("MalformedPolicy", told.get(fault.kind, fault.why), 400)


def _by_secrets_manager(fault: Fault) -> AwsError:
    return AwsError("MalformedPolicyDocumentException", f"This resource policy is not valid: {fault.why}", 400)


def _by_dynamodb(fault: Fault) -> AwsError:
    return AwsError("ValidationException", f"Resource-based policy is not valid: {fault.why}", 400)


REFUSED: dict[str, Callable[[Fault], AwsError]] = {
    "sqs": _by_sqs,
    "sns": _by_sns,
    "iam": _by_iam,
    "events": _by_events,
    "kms": _by_kms,
    "logs": _by_logs,
    "s3": _by_s3,
    "secretsmanager": _by_secrets_manager,
    "dynamodb": _by_dynamodb,
}


def refuse(service: str, operation: str, params: dict[str, Any], caller: Caller) -> None:
    """Refuse the policy that AWS would."""
    if service == "iam" and operation in _IDENTITY:
        _IDENTITY[operation](params, caller)
    given = GIVEN[service, operation](params, caller) if (service, operation) in GIVEN else None
    if given is None:
        return
    fault = next(faults(*given), None)
    if fault is not None:
        raise REFUSED[service](fault)
    if service == "kms" and not params.get("BypassPolicyLockoutSafetyCheck"):
        _keep_the_key(given, caller)


def _keep_the_key(given: Given, caller: Caller) -> None:
    """KMS takes no policy after which whoever gives it could not change it again."""
    names = {caller.arn, f"arn:aws:iam::{caller.account}:role/{caller.role}" if caller.role else ""} - {""}
    who = Principal(frozenset(names), account=caller.account)
    context = {"aws:PrincipalAccount": caller.account, "aws:PrincipalArn": caller.arn}
    if not evaluate([given.text], "kms:PutKeyPolicy", given.resource, context, who).allowed:
        text = "The new key policy will not allow you to update the key policy in the future."
        raise AwsError("MalformedPolicyDocumentException", text, 400)


# --- what somebody may do: moto reads most of its language, and no sizes

INLINE, MANAGED = {"role": 10_240, "group": 5_120, "user": 2_048}, 6_144
"""Characters without white space (IAM's quotas): of all inline policies of one, and of one managed policy."""


def _inline(kind: str) -> Callable[[Mapping[str, Any], Caller], None]:
    named = f"{kind.capitalize()}Name"

    def refuse(params: Mapping[str, Any], caller: Caller) -> None:
        all_of_them = getattr(get_backend("iam")[caller.account]["aws"], f"{kind}s").values()
        found = next((one for one in all_of_them if one.name == params[named]), None)
        if found is None:
            return  # moto says so
        _language(params)
        there = {**found.policies, params["PolicyName"]: params["PolicyDocument"]}
        if sum(map(_dense, there.values())) > INLINE[kind]:
            text = f"Maximum policy size of {INLINE[kind]} bytes exceeded for {kind} {params[named]}"
            raise AwsError("LimitExceeded", text, 409)

    return refuse


def _language(params: Mapping[str, Any]) -> None:
    fault = next(identity_faults(params["PolicyDocument"]), None)
    if fault is not None:
        raise AwsError("MalformedPolicyDocument", fault.why, 400)


def _managed(params: Mapping[str, Any], _: Caller) -> None:
    _language(params)
    if _dense(params["PolicyDocument"]) > MANAGED:
        raise AwsError("LimitExceeded", f"Cannot exceed quota for PolicySize: {MANAGED}", 409)


def _dense(document: Any) -> int:
    text = document if isinstance(document, str) else json.dumps(document)
    return len("".join(text.split()))


_IDENTITY: dict[str, Callable[[Mapping[str, Any], Caller], None]] = {
    "PutRolePolicy": _inline("role"),
    "PutGroupPolicy": _inline("group"),
    "PutUserPolicy": _inline("user"),
    "CreatePolicy": _managed,
    "CreatePolicyVersion": _managed,
}
