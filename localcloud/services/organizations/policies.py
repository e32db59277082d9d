"""Control policies of services and of resources: made, attached, taken off again. What they refuse is IAM's to say."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from onramp.core.policy import MalformedPolicy, Statement, parse

from localcloud.ground.errors import AwsError, NotEmulated
from localcloud.ground.json_text import read_json
from localcloud.ground.organization import FULL_ACCESS, RESOURCE, SERVICE, ControlPolicy
from localcloud.ground.service import Operations
from localcloud.services.organizations.answers import page
from localcloud.services.organizations.estate import Estate, Wire, by_management

if TYPE_CHECKING:
    from localcloud.ground.caller import Caller

CHARACTERS = 5_120
AT_MOST = 5
"""Policies of this kind on one target, and at least one."""


def policy_types(estate: Estate) -> list[Wire]:
    """What kinds of policies are on, as ListRoots shows them."""
    return [{"Type": kind, "Status": "ENABLED"} for kind in sorted(estate.all.limiting)]


def enable(estate: Estate, params: Wire, _: Caller) -> Wire:
    kind = _kind(params["PolicyType"], "EnablePolicyType")
    if kind in estate.all.limiting:
        raise AwsError("PolicyTypeAlreadyEnabledException", "The specified policy type is already enabled.")
    estate.all.limiting.add(kind)
    return {"Root": _root(estate, params)}


def disable(estate: Estate, params: Wire, _: Caller) -> Wire:
    kind = _kind(params["PolicyType"], "DisablePolicyType")
    if kind not in estate.all.limiting:
        raise AwsError("PolicyTypeNotEnabledException", "The specified policy type isn't currently enabled.")
    estate.all.limiting.discard(kind)
    for key in [key for key in estate.all.attached if key[0] == kind]:
        del estate.all.attached[key]
    return {"Root": _root(estate, params)}


def create(estate: Estate, params: Wire, _: Caller) -> Wire:
    kind = _kind(params["Type"], "CreatePolicy")
    _require_content(kind, params["Content"])
    if any(one.name == params["Name"] for one in estate.all.policies.values()):
        raise AwsError("DuplicatePolicyException", "A policy with the same name already exists.")
    told = params.get("Description", "")
    made = ControlPolicy(f"p-{estate.letters(10)}", params["Name"], params["Content"], told, kind)
    estate.all.policies[made.id] = made
    return {"Policy": _shown(estate, made)}


def update(estate: Estate, params: Wire, _: Caller) -> Wire:
    policy = _known(estate, params["PolicyId"])
    if "Content" in params:
        _require_content(policy.kind, params["Content"])
        policy.document = params["Content"]
    policy.name = params.get("Name", policy.name)
    policy.description = params.get("Description", policy.description)
    return {"Policy": _shown(estate, policy)}


def delete(estate: Estate, params: Wire, _: Caller) -> Wire:
    policy = _known(estate, params["PolicyId"])
    if any(policy.id in attached for attached in estate.all.attached.values()):
        raise AwsError("PolicyInUseException", "The policy is attached to one or more entities.")
    del estate.all.policies[policy.id]
    return {}


def describe(estate: Estate, params: Wire, _: Caller) -> Wire:
    return {"Policy": _shown(estate, _known(estate, params["PolicyId"]))}


def listing(estate: Estate, params: Wire, _: Caller) -> Wire:
    kind = _kind(params["Filter"], "ListPolicies")
    return page("Policies", [_summary(estate, it) for it in estate.all.policies.values() if it.kind == kind], params)


def of_target(estate: Estate, params: Wire, _: Caller) -> Wire:
    kind = _kind(params["Filter"], "ListPoliciesForTarget")
    attached = estate.all.over(_target(estate, params), kind)
    return page("Policies", [_summary(estate, estate.all.policies[one]) for one in attached], params)


def attach(estate: Estate, params: Wire, _: Caller) -> Wire:
    policy, target = _known(estate, params["PolicyId"]), _target(estate, params)
    if policy.kind not in estate.all.limiting:
        raise AwsError(
            "PolicyTypeNotEnabledException", "The specified policy type isn't currently enabled in this root."
        )
    attached = estate.all.attached.setdefault((policy.kind, target), [FULL_ACCESS[policy.kind]])
    if policy.id in attached:
        raise AwsError("DuplicatePolicyAttachmentException", "The selected policy is already attached to the target.")
    if len(attached) >= AT_MOST:
        raise _constraint("MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED", f"You can attach at most {AT_MOST} policies.")
    attached.append(policy.id)
    return {}


def detach(estate: Estate, params: Wire, _: Caller) -> Wire:
    policy, target = _known(estate, params["PolicyId"]), _target(estate, params)
    attached = estate.all.attached.setdefault((policy.kind, target), [FULL_ACCESS[policy.kind]])
    if policy.id not in attached:
        raise AwsError("PolicyNotAttachedException", "The policy isn't attached to the specified target.")
    if policy.id == FULL_ACCESS[RESOURCE]:
        raise _constraint("CANNOT_DETACH_AWS_MANAGED_POLICY", "You can't detach RCPFullAWSAccess.")
    if len(attached) == 1:
        raise _constraint("MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED", "You can't detach the last policy of a target.")
    attached.remove(policy.id)
    return {}


def _kind(kind: str, operation: str) -> str:
    if kind not in FULL_ACCESS:
        raise NotEmulated("organizations", f"{operation} of {kind}")
    return kind


def _require_content(kind: str, text: str) -> None:
    if len(text) > CHARACTERS:
        raise _constraint("POLICY_CONTENT_LIMIT_EXCEEDED", f"A policy has at most {CHARACTERS} characters.")
    try:
        read = parse(text)
        document = read_json(text)
    except (MalformedPolicy, ValueError) as error:
        raise AwsError(
            "MalformedPolicyDocumentException", f"The provided policy document is not valid: {error}"
        ) from error
    if not all(map(_FITS[kind], read)) or document.get("Version") != "2012-10-17":
        text = "The provided policy document does not meet the requirements of the specified policy type."
        raise AwsError("MalformedPolicyDocumentException", text)


def _limits_a_service(statement: Statement) -> bool:
    return statement.principals is None and statement.resources is not None


def _limits_a_resource(statement: Statement) -> bool:
    """It denies, to everybody, named actions: Allow, NotAction, NotPrincipal and a bare `*` are AWS's own policy's."""
    return (
        not statement.allows
        and statement.principals == (("*", "*"),)
        and not (statement.not_principals or statement.not_actions)
        and statement.resources is not None
        and "*" not in statement.actions
    )


_FITS = {SERVICE: _limits_a_service, RESOURCE: _limits_a_resource}


def _constraint(reason: str, text: str) -> AwsError:
    return AwsError("ConstraintViolationException", text, Reason=reason)


def _known(estate: Estate, policy: str) -> ControlPolicy:
    if policy not in estate.all.policies:
        raise AwsError("PolicyNotFoundException", "We can't find a policy with the specified PolicyId.")
    return estate.all.policies[policy]


def _target(estate: Estate, params: Wire) -> str:
    target: str = params["TargetId"]
    if target not in (estate.all.root, *estate.all.units(), *estate.all.accounts):
        raise AwsError("TargetNotFoundException", "We can't find a root, OU, or account with the specified TargetId.")
    return target


def _root(estate: Estate, params: Wire) -> Wire:
    if params["RootId"] != estate.all.root:
        raise AwsError("RootNotFoundException", "We can't find a root with the specified RootId.")
    arn = f"arn:aws:organizations::{estate.all.management}:root/{estate.all.id}/{estate.all.root}"
    return {"Id": estate.all.root, "Arn": arn, "Name": "Root", "PolicyTypes": policy_types(estate)}


def _summary(estate: Estate, policy: ControlPolicy) -> Wire:
    aws = policy.id in FULL_ACCESS.values()
    owner = "aws:policy" if aws else f"{estate.all.management}:policy/{estate.all.id}"
    return {
        "Id": policy.id,
        "Arn": f"arn:aws:organizations::{owner}/{policy.kind.lower()}/{policy.id}",
        "Name": policy.name,
        "Description": policy.description,
        "Type": policy.kind,
        "AwsManaged": aws,
    }


def _shown(estate: Estate, policy: ControlPolicy) -> Wire:
    text = policy.document if isinstance(policy.document, str) else json.dumps(policy.document)
    return {"PolicySummary": _summary(estate, policy), "Content": text}


OPERATIONS: Operations[Estate] = {
    "AttachPolicy": by_management(attach),
    "CreatePolicy": by_management(create),
    "DeletePolicy": by_management(delete),
    "DescribePolicy": by_management(describe),
    "DetachPolicy": by_management(detach),
    "DisablePolicyType": by_management(disable),
    "EnablePolicyType": by_management(enable),
    "ListPolicies": by_management(listing),
    "ListPoliciesForTarget": by_management(of_target),
    "UpdatePolicy": by_management(update),
}
