"""Calls that a role may not make: what is told of one, and how that is known again by its words."""

import re
from collections.abc import Iterable

from onramp.core.inventory import Refusal

ACCESS_DENIED = "access-denied"
STACK_DIFFERS = "stack-differs"
"""The member's stack was given other parameters than the network's, by which its roles let runs do less."""

STEP_FAILED = "step-failed"
OF_STEPS = frozenset({STEP_FAILED, ACCESS_DENIED, STACK_DIFFERS})
"""What a step of a run is told by that AWS refused."""

_BY_THE_ROLE = "no identity-based policy allows"
"""How AWS says that the role's own policies do not have it, which the stack makes: no policy above it denies."""

_ACTION = re.compile(r"perform: ([\w-]+:\w+)")
_ACCOUNT = re.compile(r":sts::(\d{12}):")

_PARAMETERS = {
    "vpc-lattice:GetServiceNetwork": "ServiceNetworkArn",
    "vpc-lattice:CreateServiceNetworkServiceAssociation": "ServiceNetworkArn",
    "vpc-lattice:CreateServiceNetworkVpcAssociation": "ServiceNetworkArn",
    "route53:ChangeResourceRecordSets": "HostedZoneArns and RecordDomains",
    "route53:CreateVPCAssociationAuthorization": "HostedZoneArns and AssociateZones",
    "route53:DeleteVPCAssociationAuthorization": "HostedZoneArns and AssociateZones",
    "route53:AssociateVPCWithHostedZone": "HostedZoneArns and AssociateZones",
    "route53:DisassociateVPCFromHostedZone": "HostedZoneArns and AssociateZones",
}
"""By which parameters of member.yaml a role's statement that allows the action is narrowed."""

_OF_SERVICE = re.compile(r"on resource: \S+:service/")
"""Of joining, the part that is asked of the service itself: there our mark counts, and no parameter."""

_ON_CONTROL = "give what the service control policy above demands, tags by ExtraTagKeys, or have it lifted"
_ON_BOUNDARY = "allow it in the permissions boundary of the role, BoundaryPolicy"
_ON_LOG = "let delivery.logs.amazonaws.com write to the log group by its resource policy, or grant the call to the role"
_ON_ROLE = "grant it to the role, or lift the policy above it that denies it"
_TO_LOGS = ("CreateAccessLogSubscription", "UpdateAccessLogSubscription")

_UPDATE = "update the member stack of account "


def remedy(words: str, operation: str) -> str:
    """By what AWS says has refused: the role is only one of three, and of a log its own policy is a fourth."""
    if "service control policy" in words:
        return _ON_CONTROL
    if "permissions boundary" in words:
        return _ON_BOUNDARY
    return _ON_LOG if operation in _TO_LOGS else _ON_ROLE


def differing(words: str, account: str, extra: Iterable[str] = ()) -> str:
    """Which parameters of a member's stack have to be the network's for what was denied in these words of AWS's, as
    what to do about it; '' where none is known to. `extra`: keys of the tags that the call had by infra's wish.
    `account`: whose, where the words do not say.
    """
    action = _ACTION.search(words)
    if action is None or _BY_THE_ROLE not in words or (_OF_SERVICE.search(words) and action[1] in _PARAMETERS):
        return ""
    parameters = _PARAMETERS.get(action[1], "")
    if action[1].endswith(":TagResource") and (keys := " ".join(sorted(extra))):
        parameters = f"ExtraTagKeys {keys}"
    whose = _ACCOUNT.search(words)
    there = whose[1] if whose else account
    return f"{_UPDATE}{there} with the {parameters} of the network stack" if parameters else ""


def refusal(resource: str, why: str) -> Refusal:
    """What is told of a step that was given up for that, or that would be."""
    denied = why.startswith((_ON_CONTROL, _ON_BOUNDARY, _ON_LOG, _ON_ROLE))
    return Refusal(
        code=STACK_DIFFERS if why.startswith(_UPDATE) else ACCESS_DENIED if denied else STEP_FAILED,
        resource=resource,
        message=why,
    )


def code(why: str) -> str:
    """The code of that."""
    return refusal("", why).code
