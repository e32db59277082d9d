"""What is shared at this moment: the shares of a local cloud, found by owner, principal and resource."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from localcloud.services.ram.model import Association, Invitation, Share

if TYPE_CHECKING:
    from collections.abc import Iterable

    from localcloud.ground.organization import Organization


class Shares:
    """Indexed, so that no look-up grows with the number of other accounts."""

    def __init__(self) -> None:
        self.all: dict[str, Share] = {}
        self.invitations: dict[str, Invitation] = {}
        self._serial = itertools.count(1)
        self._owned: dict[str, dict[str, Share]] = {}
        self._by_entity: dict[str, dict[str, Association]] = {}
        self._received: dict[str, dict[str, Invitation]] = {}

    def serial(self) -> int:
        return next(self._serial)

    def add(self, share: Share) -> None:
        self.all[share.arn] = share
        self._owned.setdefault(share.owner, {})[share.arn] = share

    def drop(self, share: Share) -> None:
        for association in list(share.associations.values()):
            self.part(association)
        for invitation in [i for i in self.invitations.values() if i.share is share]:
            del self.invitations[invitation.arn]
            del self._received[invitation.receiver][invitation.arn]
        del self.all[share.arn]
        del self._owned[share.owner][share.arn]

    def join(self, association: Association) -> None:
        share = association.share
        share.associations[association.kind, association.entity] = association
        share.by_kind[association.kind][association.entity] = association
        self._by_entity.setdefault(association.entity, {})[share.arn] = association

    def part(self, association: Association) -> None:
        """Forget an association, unless a newer one took its place."""
        share, key = association.share, (association.kind, association.entity)
        if share.associations.get(key) is not association:
            return
        del share.associations[key]
        del share.by_kind[association.kind][association.entity]
        del self._by_entity[association.entity][share.arn]

    def invite(self, invitation: Invitation) -> None:
        self.invitations[invitation.arn] = invitation
        self._received.setdefault(invitation.receiver, {})[invitation.arn] = invitation

    def owned(self, account: str, region: str = "") -> list[Share]:
        """The shares of an account in a region, or in all."""
        return [s for s in self._owned.get(account, {}).values() if region in ("", s.region)]

    def received(self, account: str) -> Iterable[Invitation]:
        return self._received.get(account, {}).values()

    def pending(self, owner: str) -> int:
        """How many invitations of an owner wait for an answer."""
        return sum(i.status == "PENDING" and i.share.owner == owner for i in self.invitations.values())

    def admissions(self, account: str, organization: Organization) -> list[Association]:
        """The principal associations that mean `account` and are alive: its own, and its organisation's.

        An account that left the organisation loses what it had only by being in it (facts 17).
        """
        entities = (account, *organization.arns_of(account))
        found = [a for entity in entities for a in self._by_entity.get(entity, {}).values()]
        return _admitting(found, account, organization)

    def admissions_to(self, resource_arn: str, account: str, organization: Organization) -> list[Association]:
        """Those of them that are of a share in which the resource can be used.

        Found from the side that has fewer shares: a network may be shared with many accounts one by one, an
        organisation's account may be meant by the shares of many others.
        """
        entities = (account, *organization.arns_of(account))
        holding = self._by_entity.get(resource_arn, {})
        if len(holding) > sum(len(self._by_entity.get(entity, {})) for entity in entities):
            admitted = self.admissions(account, organization)
            return [a for a in admitted if (r := holding.get(a.share.arn)) and r.alive and r.visible]
        shares = [resource.share for resource in holding.values() if resource.alive and resource.visible]
        meant = [share.by_kind["PRINCIPAL"].get(entity) for share in shares for entity in entities]
        return _admitting([a for a in meant if a is not None], account, organization)


def _admitting(found: Iterable[Association], account: str, organization: Organization) -> list[Association]:
    alive = [a for a in found if a.alive and a.share.owner != account]
    return [a for a in alive if a.invited or together(organization, a.share.owner, account)]


def together(organization: Organization, owner: str, account: str) -> bool:
    """Whether both are of the organisation and RAM trusts it, so that nobody needs to be invited."""
    return organization.ram_sharing and bool(organization.id_of(owner)) and bool(organization.id_of(account))


def members(association: Association, organization: Organization) -> set[str]:
    """The accounts that a principal association stands for."""
    if association.entity.startswith("arn:"):
        return organization.members_of(association.entity)
    return {association.entity}
