"""A policy that guards one thing is held to its service's own grammar when it is given, beside IAM's (facts 28.10).

moto stores what it is given. AWS refuses a queue's policy that speaks of another queue, a topic's with two resources in
a statement, a role's trust that names a resource, a bus's with an action of another service.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from onramp.core.policy import MalformedPolicy, parse

from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError

type Statement = Mapping[str, Any]


@dataclass(frozen=True)
class Grammar:
    """What a service takes: actions of its own prefix, and how many of each; 0 is no limit of its own.

    `alone`: a statement speaks of the guarded thing alone.
    """

    prefix: str
    size: int = 0
    statements: int = 0
    actions: int = 0
    principals: int = 0
    conditions: int = 0
    alone: bool = True


# SQS developer guide, "Overview of managing access": quotas of an access policy.
SQS = Grammar("sqs", size=8_192, statements=20, actions=7, principals=50, conditions=10)
SNS = Grammar("sns", size=30_720)
TRUST = Grammar("sts", size=2_048)
BUS = Grammar("events", alone=False)  # of its rules, too; its size is the service's own to judge


def faults(text: str, grammar: Grammar, resource: str) -> Iterator[str]:
    """What AWS has against the policy, in the order of reading; `resource` is the ARN that it guards, or ''."""
    if grammar.size and len(text.encode()) > grammar.size:
        yield f"longer than {grammar.size} bytes"
    try:
        parse(text)
        document = json.loads(text)
    except (MalformedPolicy, ValueError) as error:
        yield str(error)
        return
    statements = _list(document["Statement"])
    if grammar.statements and len(statements) > grammar.statements:
        yield f"more than {grammar.statements} statements"
    for statement in statements:
        yield from _of_statement(statement, grammar, resource)
    people = sum(len(_principals(statement)) for statement in statements)
    if grammar.principals and people > grammar.principals:
        yield f"more than {grammar.principals} principals"


def _of_statement(statement: Statement, grammar: Grammar, resource: str) -> Iterator[str]:
    actions = [str(one) for one in _list(statement.get("Action", []))]
    if foreign := [one for one in actions if one != "*" and not one.lower().startswith(f"{grammar.prefix}:")]:
        yield f"statement action out of service scope: {foreign[0]}"
    if grammar.actions and len(actions) > grammar.actions:
        yield f"more than {grammar.actions} actions in a statement"
    if not {"Principal", "NotPrincipal"} & set(statement):
        yield "a statement names no principal"
    resources = [str(one) for one in _list(statement.get("Resource", []))]
    if not resource and resources:
        yield "Has prohibited field Resource"
    if resource and grammar.alone and len(resources) > 1:
        yield "statement must apply to a single resource"
    if resource and grammar.alone and any(one not in (resource, "*") for one in resources):
        yield f"a statement speaks of another resource: {resources[0]}"
    if grammar.conditions and sum(map(len, statement.get("Condition", {}).values())) > grammar.conditions:
        yield f"more than {grammar.conditions} conditions in a statement"


def _principals(statement: Statement) -> list[Any]:
    named = statement.get("Principal", statement.get("NotPrincipal", []))
    return [one for names in named.values() for one in _list(names)] if isinstance(named, dict) else _list(named)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


# --- where policies come in, and how each service refuses

type Given = tuple[str, Grammar, str]
"""A policy's text, its grammar, and the ARN of what it guards."""


def _queue(params: Mapping[str, Any], caller: Caller) -> Given | None:
    text = (params.get("Attributes") or {}).get("Policy")
    account, name = ([caller.account, *str(params.get("QueueUrl", "")).rstrip("/").split("/")])[-2:]
    name = params.get("QueueName") or name
    account = caller.account if params.get("QueueName") else account
    return (text, SQS, f"arn:aws:sqs:{caller.region}:{account}:{name}") if text else None


def _topic(params: Mapping[str, Any], caller: Caller) -> Given | None:
    if params.get("AttributeName") == "Policy":
        return params.get("AttributeValue") or "", SNS, params["TopicArn"]
    text = (params.get("Attributes") or {}).get("Policy")
    return (text, SNS, f"arn:aws:sns:{caller.region}:{caller.account}:{params['Name']}") if text else None


def _trust(params: Mapping[str, Any], _: Caller) -> Given | None:
    text = params.get("AssumeRolePolicyDocument") or params.get("PolicyDocument")
    return (text, TRUST, "") if text else None


def _bus(params: Mapping[str, Any], caller: Caller) -> Given | None:
    name = params.get("EventBusName") or "default"
    text = params.get("Policy")
    return (text, BUS, f"arn:aws:events:{caller.region}:{caller.account}:event-bus/{name}") if text else None


GIVEN: dict[tuple[str, str], Callable[[Mapping[str, Any], Caller], Given | None]] = {
    ("sqs", "CreateQueue"): _queue,
    ("sqs", "SetQueueAttributes"): _queue,
    ("sns", "CreateTopic"): _topic,
    ("sns", "SetTopicAttributes"): _topic,
    ("iam", "CreateRole"): _trust,
    ("iam", "UpdateAssumeRolePolicy"): _trust,
    ("events", "PutPermission"): _bus,
}

REFUSED: dict[str, Callable[[str], AwsError]] = {
    "sqs": lambda _: AwsError("InvalidAttributeValue", "Invalid value for the parameter Policy.", 400),
    "sns": lambda why: AwsError("InvalidParameter", f"Invalid parameter: Policy {why}!", 400),
    "iam": lambda why: AwsError("MalformedPolicyDocument", why, 400),
    "events": lambda why: AwsError("ValidationException", f"The policy is not valid: {why}.", 400),
}


def refuse(service: str, operation: str, params: dict[str, Any], caller: Caller) -> None:
    """Refuse the policy that AWS would."""
    given = GIVEN[service, operation](params, caller) if (service, operation) in GIVEN else None
    if given is None:
        return
    why = next(faults(*given), "")
    if why:
        raise REFUSED[service](why)
