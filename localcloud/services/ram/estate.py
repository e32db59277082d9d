"""The shares of a local cloud: how they are found, who sees them, what others ask of them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Protocol

from localcloud.ground.caller import Caller
from localcloud.ground.needs import Tags
from localcloud.ground.questions import AsksEvents, AsksLattice, AsksOrganization, Ground
from localcloud.services.ram import refusals
from localcloud.services.ram.model import (
    Association,
    Invitation,
    Permissions,
    Quotas,
    Replacement,
    Share,
    Wire,
    managed,
)
from localcloud.services.ram.shelf import Shares, together

ARN = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:\d{12}:\S+")


class Around(Ground, AsksLattice, AsksOrganization, AsksEvents, Tags, Protocol):
    """What RAM asks of its surroundings."""


class Estate:
    """RAM of one local cloud, in all its accounts and regions.

    Events say what is documented or seen of them (facts 2.2): associations and invitations. Whether the share
    itself announces anything is unverified, so nothing here may be woken by that.

    `quotas` may be replaced. `sparse_pages` begins every listing with an empty page, as AWS may. `failing`
    maps an entity to the messages with which its next associations fail, one after another.
    """

    def __init__(self, cloud: Around) -> None:
        self.cloud = cloud
        self.quotas = Quotas()
        self.sparse_pages = False
        self.failing: dict[str, list[str]] = {}
        self.shares = Shares()
        self.permissions = managed()
        """By ARN: AWS's own, and whatever accounts have made."""
        self.replacements: dict[str, Replacement] = {}
        self.answered_tokens: dict[tuple[str, str, str, str], tuple[str, Wire]] = {}
        self.expiries: dict[str, Callable[[], None]] = {}

    # --- what others ask -----------------------------------------------------------------------------------

    def shared_with(self, account: str) -> list[str]:
        """ARNs of the resources of others that `account` can see now, by shares that are accepted."""
        admissions = self.shares.admissions(account, self.cloud.organization)
        shares = {a.share.arn: a.share for a in admissions if _is_open(a)}
        arns = {r.entity for share in shares.values() for r in share.of("RESOURCE") if r.alive and r.visible}
        return sorted(arn for arn in arns if self.cloud.lattice.exists(arn))

    def may_use(self, account: str, resource_arn: str) -> bool:
        """Whether `account` owns the resource or has it shared to it and accepted."""
        return owner_of(resource_arn) == account or bool(self.ways(account, resource_arn))

    def permission_actions(self, resource_arn: str, account: str) -> set[str]:
        """The IAM actions that RAM grants `account` on a resource of another; empty when nothing is shared."""
        kind = resource_arn.split(":", 5)[-1].split("/")[0]
        granted = [share.permissions[kind] for share in self.ways(account, resource_arn) if kind in share.permissions]
        return {action for permission in granted for action in permission.actions}

    def tags_of(self, arn: str) -> dict[str, str]:
        """The tags of a share or permission; empty for what is not there."""
        found = self.shares.all.get(arn) or self.permissions.get(arn)
        return dict(found.tags) if found else {}

    def owned_tags(self, account: str) -> dict[str, dict[str, str]]:
        """ARN and tags of every share that `account` owns and that is not deleted."""
        owned = self.shares.owned(account)
        return {share.arn: dict(share.tags) for share in owned if share.status == "ACTIVE"}

    def ways(self, account: str, resource_arn: str) -> list[Share]:
        if not self.cloud.lattice.exists(resource_arn):
            return []
        admissions = self.shares.admissions_to(resource_arn, account, self.cloud.organization)
        return [a.share for a in admissions if _is_open(a)]

    # --- shares --------------------------------------------------------------------------------------------

    # --- associations --------------------------------------------------------------------------------------

    # --- invitations ---------------------------------------------------------------------------------------

    def invitation(self, arn: str, caller: Caller) -> Invitation:
        """An invitation that the caller received, in whatever status; MalformedArn or ArnNotFound."""
        if not (ARN.fullmatch(arn) and ":resource-share-invitation/" in arn):
            raise refusals.malformed(arn)
        found = self.shares.invitations.get(arn)
        if found is None or found.receiver != caller.account or found.share.region != caller.region:
            raise refusals.no_invitation(arn)
        return found

    # --- the rest ------------------------------------------------------------------------------------------

    def share(self, arn: str, caller: Caller) -> Share:
        """A share that the caller owns or sees; MalformedArn or UnknownResource."""
        if not (ARN.fullmatch(arn) and ":resource-share/" in arn):
            raise refusals.malformed(arn)
        share = self.shares.all.get(arn)
        if share is None or share.region != caller.region or not self.sees(share, caller.account):
            raise refusals.unknown(f"ResourceShare {arn} could not be found")
        return share

    def sees(self, share: Share, account: str) -> bool:
        if share.owner == account:
            return True
        return any(a.share is share for a in self.shares.admissions(account, self.cloud.organization))

    def own(self, arn: str, caller: Caller) -> Share:
        share = self.share(arn, caller)
        if share.owner != caller.account:
            # Also the answer to a consumer that wants to leave: Lattice types do not let it (facts 10).
            raise refusals.not_permitted(f"The account {caller.account} does not own the resource share {arn}")
        if share.status == "DELETED":
            raise refusals.unknown(f"ResourceShare {arn} could not be found")
        return share

    def own_active(self, arn: str, caller: Caller) -> Share:
        share = self.own(arn, caller)
        if share.status != "ACTIVE":
            raise refusals.transition(f"The resource share is {share.status}")
        return share

    def permission(self, arn: str, caller: Caller) -> Permissions:
        """AWS's own, or one of the caller's account; MalformedArn or UnknownResource."""
        if not arn.startswith("arn:"):
            raise refusals.malformed(arn)
        found = self.permissions.get(arn)
        if found is None or found.current.owner not in ("", caller.account):
            raise refusals.unknown(f"The permission {arn} could not be found")
        return found

    def own_permission(self, arn: str, caller: Caller) -> Permissions:
        """One that the caller may change."""
        found = self.permission(arn, caller)
        if not found.current.owner:
            raise refusals.not_permitted(f"The permission {arn} is managed by AWS")
        return found

    def arn(self, caller: Caller, kind: str) -> str:
        id = uuid.UUID(int=self.cloud.random.getrandbits(128), version=4)
        return f"arn:aws:ram:{caller.region}:{caller.account}:{kind}/{id}"


def owner_of(arn: str) -> str:
    """The account in an ARN."""
    return arn.split(":", 5)[4] if arn.count(":") >= 5 else ""


def _is_open(admission: Association) -> bool:
    """Whether what is in the share can be used by those whom this lets in."""
    return admission.visible and admission.status == "ASSOCIATED" and admission.share.status == "ACTIVE"


def is_inside(estate: Estate, owner: str, principal: str) -> bool:
    organization = estate.cloud.organization
    return principal.startswith("arn:") or together(organization, owner, principal)


def needs_invitation(estate: Estate, share: Share, principal: str) -> bool:
    if principal.startswith("arn:"):
        return False
    there = share.associations.get(("PRINCIPAL", principal))
    if there is not None and there.alive:
        return False
    return share.retain or not together(estate.cloud.organization, share.owner, principal)
