"""Who may do what: IAM's evaluation of identity, trust and resource policies."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Protocol, cast

from moto.backends import get_backend
from onramp.core.policy import Context, Decision, Document, Principal, Values, evaluate

from localcloud.ground.barred import BOUNDARY, CONTROL, POLICY, RESOURCE_CONTROL, Barred
from localcloud.ground.caller import Caller
from localcloud.ground.organization import RESOURCE
from localcloud.ground.questions import AsksOrganization, Ground

RESOURCE_CONTROLLED = frozenset({"kms", "s3", "secretsmanager", "sqs", "sts"})
"""Services whose resources these policies speak of since there are such policies; AWS has added others since."""


class Around(Ground, AsksOrganization, Protocol):
    """What IAM asks of its surroundings."""


class Iam:
    """Decisions for the callers of one local cloud, by the roles and policies in moto's IAM."""

    def __init__(self, cloud: Around) -> None:
        self.cloud = cloud

    def allows(
        self,
        caller: Caller,
        action: str,
        resource: str,
        context: Context | None = None,
        resource_policies: Sequence[Document] | None = None,
        owner: str = "",
        *,
        alone: bool = False,
    ) -> Decision:
        """Whether `caller` may do `action` on `resource`.

        An account's own owner may do all that the account may. Without `resource_policies` only the caller's
        side is asked. With them (even none of them) the resource's side is asked too, which belongs to the
        account `owner` (by default the one in its ARN): within one account either side's Allow is enough,
        between two both must allow, and for an AWS service only the resource's counts. With `alone` the caller's
        own side counts only where the resource's leaves it to his account, as a key's policy does.
        """
        full = self.context(caller, context)
        barred = self._by_organization(caller, action, resource, full) or self._by_owners_organization(
            caller, action, resource, full, owner
        )
        if barred is not None:
            return barred
        mine = Decision(allowed=True) if caller.service else self._by_identity(caller, action, resource, full)
        if mine.explicit or resource_policies is None:
            return mine
        who = self.principal(caller)
        theirs = _by_the_resource(evaluate(resource_policies, action, resource, full, who))
        if theirs.explicit or caller.service:
            return theirs
        if (owner or account_of(resource) or caller.account) != caller.account:
            return theirs if mine.allowed else mine
        if mine.allowed and (theirs.allowed or not alone):
            return mine
        if isinstance(mine, Barred):
            # What a boundary does not name is out of reach of a policy that names the role, not of one that names
            # the very session (IAM user guide, "Permissions boundaries for IAM entities").
            who = Principal(frozenset({caller.arn}), account=caller.account)
        direct = evaluate(resource_policies, action, resource, full, who, delegated=False)
        return direct if direct.allowed else theirs if alone and mine.allowed else mine

    def _by_identity(self, caller: Caller, action: str, resource: str, context: Context) -> Decision:
        if not caller.role:
            return Decision(allowed=True)
        decision = evaluate(self.policies(caller), action, resource, context)
        limit = self._boundary(caller)
        if limit is None or decision.explicit:
            return decision
        within = evaluate([limit], action, resource, context)
        return decision if within.allowed else Barred(allowed=False, explicit=within.explicit, by=BOUNDARY)

    def _by_organization(self, caller: Caller, action: str, resource: str, context: Context) -> Decision | None:
        """The refusal of the organisation's service control policies, which bind an account's owner, too."""
        if caller.service:
            return None
        for level in self.cloud.organization.limits_of(caller.account):
            decision = evaluate([policy.document for policy in level], action, resource, context)
            if not decision.allowed:
                return Barred(allowed=False, explicit=decision.explicit, by=CONTROL)
        return None

    def _by_owners_organization(
        self, caller: Caller, action: str, resource: str, context: Context, owner: str = ""
    ) -> Decision | None:
        """The refusal of the resource control policies over whoever owns the resource.

        They bind whoever calls, of whatever organisation: AWS's services too, and an account's owner. Of services only
        those whose resources AWS lets them speak of.
        """
        if action.partition(":")[0] not in RESOURCE_CONTROLLED:
            return None
        organization = self.cloud.organization
        owner = owner or account_of(resource) or _owner_of_bucket(resource) or caller.account
        keys = {**context, "aws:ResourceAccount": owner}
        if organization.id_of(owner):
            keys["aws:ResourceOrgID"] = organization.id_of(owner)
            keys["aws:ResourceOrgPaths"] = organization.paths_of(owner)
        for level in organization.limits_of(owner, RESOURCE):
            documents = [policy.document for policy in level]
            decision = evaluate(documents, action, resource, keys, self.principal(caller))
            if not decision.allowed:
                return Barred(allowed=False, explicit=decision.explicit, by=RESOURCE_CONTROL)
        return None

    def trusts(self, role_arn: str, caller: Caller, context: Context | None = None) -> Decision:
        """Whether the role's trust policy lets `caller` assume it; a role that is not there trusts nobody."""
        role = self.role(role_arn)
        if role is None:
            return Decision(allowed=False)
        full = self.context(caller, context)
        barred = self._by_owners_organization(caller, "sts:AssumeRole", role_arn, full)
        if barred is not None:
            return barred
        return evaluate([role.assume_role_policy_document], "sts:AssumeRole", role_arn, full, self.principal(caller))

    def trusts_by_name(self, role_arn: str, caller: Caller, context: Context | None = None) -> bool:
        """Whether the trust policy names `caller` itself, and not only its account."""
        role = self.role(role_arn)
        if role is None:
            return False
        full = self.context(caller, context)
        document = role.assume_role_policy_document
        who = self.principal(caller)
        return evaluate([document], "sts:AssumeRole", role_arn, full, who, delegated=False).allowed

    def role(self, role_arn: str) -> Any | None:
        """moto's role of that ARN, or None."""
        roles = get_backend("iam")[account_of(role_arn)]["aws"].roles.values() if account_of(role_arn) else ()
        return next((role for role in roles if role.arn == role_arn), None)

    def role_arn(self, caller: Caller) -> str:
        """The ARN of the caller's role with its path; '' for one who has none."""
        if not caller.role:
            return ""
        role = self._role_of(caller)
        return str(role.arn) if role is not None else f"arn:aws:iam::{caller.account}:role/{caller.role}"

    def policies(self, caller: Caller) -> list[Document]:
        """The identity policies of the caller's role: inline and attached; none when the role is gone."""
        role = self._role_of(caller)
        if role is None:
            return []
        return [*role.policies.values(), *(_default_version(p) for p in role.managed_policies.values())]

    def principal(self, caller: Caller) -> Principal:
        """What a Principal element may call this caller."""
        if caller.service:
            return Principal(frozenset({caller.service}), service=caller.service)
        names = {caller.arn, self.role_arn(caller)} - {""}
        return Principal(frozenset(names), account=caller.account)

    def context(self, caller: Caller, more: Context | None = None) -> dict[str, Values]:
        """The global condition keys of a call by `caller`, with `more` (which wins) added."""
        now = datetime.fromtimestamp(self.cloud.clock.now, UTC)
        keys: dict[str, Values] = {
            "aws:CurrentTime": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "aws:EpochTime": str(int(self.cloud.clock.now)),
            "aws:RequestedRegion": caller.region,
            "aws:SecureTransport": "true",
            "aws:PrincipalIsAWSService": "true" if caller.service else "false",
            "aws:ViaAWSService": "false",
        }
        keys |= self._on_behalf_of(caller) if caller.service else self._identity(caller)
        return keys | dict(more or {})

    def _on_behalf_of(self, caller: Caller) -> dict[str, Values]:
        """Of a call by an AWS service: for which account, and of which organisation, it is made."""
        keys: dict[str, Values] = {"aws:PrincipalServiceName": caller.service, "aws:SourceAccount": caller.account}
        organization = self.cloud.organization
        if organization.id_of(caller.account):
            keys["aws:SourceOrgID"] = organization.id_of(caller.account)
            keys["aws:SourceOrgPaths"] = organization.paths_of(caller.account)
        return keys

    def _identity(self, caller: Caller) -> dict[str, Values]:
        account = caller.account
        keys: dict[str, Values] = {
            "aws:PrincipalAccount": account,
            "aws:PrincipalArn": self.role_arn(caller) or caller.arn,
            "aws:PrincipalType": "AssumedRole" if caller.role else "Account",
            "aws:userid": account,
        }
        organization = self.cloud.organization
        if organization.id_of(account):
            keys["aws:PrincipalOrgID"] = organization.id_of(account)
            keys["aws:PrincipalOrgPaths"] = organization.paths_of(account)
        if ":user/" in caller.arn:
            name = caller.arn.rpartition("/")[2]
            user = get_backend("iam")[account]["aws"].users.get(name)
            keys |= {"aws:PrincipalType": "User", "aws:username": name}
            keys["aws:userid"] = user.id if user is not None else account
        role = self._role_of(caller)
        if role is not None:
            keys["aws:userid"] = f"{role.id}:{caller.session}"
            keys |= {f"aws:PrincipalTag/{tag['Key']}": tag["Value"] for tag in _role_tags(role)}
        return keys

    def _role_of(self, caller: Caller) -> Any | None:
        if not caller.role:
            return None
        roles = get_backend("iam")[caller.account]["aws"].roles.values()
        return next((role for role in roles if role.name == caller.role), None)

    def _boundary(self, caller: Caller) -> Document | None:
        role = self._role_of(caller)
        arn = role.permissions_boundary_arn if role is not None else None
        if not arn:
            return None
        managed = get_backend("iam")[caller.account]["aws"].managed_policies
        # A boundary that no longer exists allows nothing: IAM fails closed.
        return _default_version(managed[arn]) if arn in managed else {"Statement": []}


def _by_the_resource(decision: Decision) -> Decision:
    if decision.allowed:
        return decision
    return Barred(allowed=False, explicit=decision.explicit, statement=decision.statement, by=POLICY)


def _default_version(policy: Any) -> Document:
    for version in policy.versions:
        if version.version_id == policy.default_version_id:
            return cast(Document, version.document)
    return {"Statement": []}


def _role_tags(role: Any) -> list[dict[str, str]]:
    tags = role.tags or []
    return list(tags.values()) if isinstance(tags, dict) else list(tags)


def _owner_of_bucket(arn: str) -> str:
    """Buckets alone have ARNs that name no account."""
    name = arn.removeprefix("arn:aws:s3:::").partition("/")[0]
    owners = (owner for owner, there in get_backend("s3").items() for one in there.values() if name in one.buckets)
    return next(owners, "") if arn.startswith("arn:aws:s3:::") else ""


def account_of(arn: str) -> str:
    parts = arn.split(":", 5)
    return parts[4] if len(parts) == 6 else ""
