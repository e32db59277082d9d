"""Whether IAM allows a call: all that it needs, and how the service refuses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from onramp.core.policy import Decision

from localcloud.door.call import Call as CallOnItsWay
from localcloud.door.gate import Gate
from localcloud.ground.barred import POLICY, Barred, refuser
from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError
from localcloud.ground.guarded import HOMES, Guarded, guard_of, guarded
from localcloud.ground.needs import Call, Requirement, Tags, needs_of
from localcloud.ground.organization import RESOURCE
from localcloud.ground.service import Authorises, Service


class Asked(Tags, Protocol):
    """Who knows of services: which is ours, and what is tagged how."""

    def service(self, name: str, operation: str) -> Service | None: ...


def requirements(
    service: str, operation: str, params: dict[str, Any], caller: Caller, cloud: Asked
) -> list[Requirement]:
    """All that `caller` must be allowed for this call: (action, resource ARN or `*`, condition keys).

    `service` is botocore's name; `params` carry the model's member names.
    """
    own = cloud.service(service, operation)
    if isinstance(own, Authorises):
        return own.authorisation(operation, params, caller)
    call = Call(service, operation, params, caller, cloud)
    return [*needs_of(service)(call), *_passed_roles(call)]


def denial(service: str, caller: Caller, action: str, resource: str, decision: Decision) -> AwsError:
    """The error with which `service` refuses: its own code and HTTP status, AWS's wording."""
    code, status = _REFUSALS.get(service, ("AccessDeniedException", 400))
    text = refusal(caller, action, resource, decision)
    if service == "ec2":
        text = f"You are not authorized to perform this operation. {text}"
    return AwsError(code, text, status)


def refusal(caller: Caller, action: str, resource: str, decision: Decision) -> str:
    """The sentence that AWS says when it refuses."""
    who = caller.service or caller.arn
    by = refuser(decision)
    article = "an" if by[0] in "aeiou" else "a"
    why = (
        f"with an explicit deny in {article} {by}"
        if decision.explicit
        else f"because no {by} allows the {action} action"
    )
    return f"User: {who} is not authorized to perform: {action} on resource: {resource} {why}"


_REFUSALS: dict[str, tuple[str, int]] = {
    "ec2": ("UnauthorizedOperation", 403),
    "sns": ("AuthorizationError", 403),
    **dict.fromkeys(
        ("autoscaling", "cloudformation", "cloudwatch", "elbv2", "iam", "route53", "s3", "sqs", "sts"),
        ("AccessDenied", 403),
    ),
    **dict.fromkeys(("lambda", "ram", "scheduler", "vpc-lattice", "xray"), ("AccessDeniedException", 403)),
}

_PASSED = {
    "lambda": ("lambda.amazonaws.com", {"CreateFunction", "UpdateFunctionConfiguration"}),
    "stepfunctions": ("states.amazonaws.com", {"CreateStateMachine", "UpdateStateMachine"}),
    "events": ("events.amazonaws.com", {"PutRule", "PutTargets", "CreateEventBus"}),
    "scheduler": ("scheduler.amazonaws.com", {"CreateSchedule", "UpdateSchedule"}),
    "cloudformation": ("cloudformation.amazonaws.com", {"CreateStack", "UpdateStack", "CreateChangeSet"}),
}


def _passed_roles(call: Call) -> list[Requirement]:
    service, operations = _PASSED.get(call.service, ("", set()))
    if call.operation not in operations:
        return []
    arns = dict.fromkeys(_roles_in(call.params))
    return [("iam:PassRole", arn, {"iam:PassedToService": service}) for arn in arns]


def _roles_in(value: Any) -> Iterable[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name.lower() in ("role", "rolearn") and isinstance(inner, str) and ":role/" in inner:
                yield inner
            else:
                yield from _roles_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _roles_in(inner)


MENDING = frozenset(
    {"SetQueueAttributes", "RemovePermission", "SetTopicAttributes", "PutBucketPolicy", "DeleteBucketPolicy"}
)
"""By these an account's owner gets back into what a policy of his has shut to everybody."""


def authorise(gate: Gate, call: CallOnItsWay) -> None:
    """Step: the service's own refusal where IAM does not allow all that the call needs.

    That is asked of the caller's side, and of the policy of what is called for, which may be another account's; then
    it is that account in which the call is answered.
    """
    cloud, caller = gate.cloud, call.caller
    # An account's owner may do all that the account may, which its organisation can limit, and that of what he touches.
    limited = bool(cloud.organization.limits_of(caller.account)) or RESOURCE in cloud.organization.limiting
    by_identity = bool(caller.role) or limited
    if not (by_identity or (call.service in HOMES and not caller.service)):
        return
    for action, resource, context in requirements(call.service, call.name, call.params, caller, cloud):
        thing = None if caller.service else guarded(resource)
        if thing is None:
            decision = cloud.iam.allows(caller, action, resource, context) if by_identity else Decision(allowed=True)
        elif thing.owner == caller.account and not caller.role and call.name in MENDING:
            continue
        else:
            decision = _of_both(gate, call, thing, (action, resource, context))
        if cloud.enforce_iam and not decision.allowed:
            raise denial(call.service, caller, action, resource, decision)


def _of_both(gate: Gate, call: CallOnItsWay, thing: Guarded, needed: Requirement) -> Decision:
    action, resource, context = needed
    caller = call.caller
    if thing.owner != caller.account:
        if not guard_of(resource.split(":")[2]).opens(call.name):
            return Barred(allowed=False, by=POLICY)
        call.home = thing.owner
    policies, owner, alone = list(thing.policies), thing.owner, thing.alone
    return gate.cloud.iam.allows(caller, action, resource, context, policies, owner, alone=alone)
