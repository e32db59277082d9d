"""AWS Resource Access Manager: who shares what with whom, and whether they have accepted."""

from __future__ import annotations

import json
from typing import ClassVar

from localcloud.ground.caller import Caller
from localcloud.ground.needs import Requirement
from localcloud.ground.service import Operations, answer
from localcloud.services.ram import (
    associations,
    entities,
    invitations,
    own_permissions,
    permissions,
    policies,
    refusals,
    shares,
    shelf,
    tags,
)
from localcloud.services.ram.estate import Around, Estate
from localcloud.services.ram.model import MANAGED, Quotas, Wire
from localcloud.services.ram.needs import authorisation

OPERATIONS: Operations[Estate] = {
    **shares.OPERATIONS,
    **associations.OPERATIONS,
    **invitations.OPERATIONS,
    **entities.OPERATIONS,
    **permissions.OPERATIONS,
    **own_permissions.OPERATIONS,
    **policies.OPERATIONS,
    **tags.OPERATIONS,
}
"""By operation: all that there are."""


class Ram:
    """RAM of one local cloud, in all its accounts and regions.

    Events say what is documented or seen of them (facts 2.2): associations and invitations. Whether the share
    itself announces anything is unverified, so nothing here may be woken by that.

    `quotas` may be replaced. `sparse_pages` begins every listing with an empty page, as AWS may. `failing`
    maps an entity to the messages with which its next associations fail, one after another.
    """

    name: ClassVar[str] = "ram"

    def __init__(self, cloud: Around) -> None:
        self.estate = Estate(cloud)
        self._answered: dict[tuple[str, str, str, str], tuple[str, Wire]] = {}

    def handle(self, operation: str, params: Wire, caller: Caller) -> Wire:
        """Answer one call."""
        if operation.startswith(("Get", "List")):
            return answer(self.name, OPERATIONS, self.estate, operation, params, caller)
        return self._once(operation, params, caller)

    def authorisation(self, operation: str, params: Wire, caller: Caller) -> list[Requirement]:
        """What IAM must allow for the call: (action, resource ARN, condition context) of each."""
        return authorisation(self.estate, operation, params, caller)

    def _once(self, operation: str, params: Wire, caller: Caller) -> Wire:
        """Answer a repeated client token as the first time; other parameters with it are an error."""
        token = params.get("clientToken")
        if token is None:
            return answer(self.name, OPERATIONS, self.estate, operation, params, caller)
        if not token:
            raise refusals.invalid_token()
        key = (caller.account, caller.region, operation, token)
        given = json.dumps(params, sort_keys=True, default=str)
        if key in self._answered:
            before, told = self._answered[key]
            if before != given:
                raise refusals.mismatch(token)
            return told
        told = answer(self.name, OPERATIONS, self.estate, operation, params, caller)
        if operation not in ("TagResource", "UntagResource"):
            told = told | {"clientToken": token}
        self._answered[key] = (given, told)
        return told

    # --- what others ask -----------------------------------------------------------------------------------

    def shared_with(self, account: str) -> list[str]:
        """ARNs of the resources of others that `account` can see now, by shares that are accepted."""
        return self.estate.shared_with(account)

    def may_use(self, account: str, resource_arn: str) -> bool:
        """Whether `account` owns the resource or has it shared to it and accepted."""
        return self.estate.may_use(account, resource_arn)

    def permission_actions(self, resource_arn: str, account: str) -> set[str]:
        """The IAM actions that RAM grants `account` on a resource of another; empty when nothing is shared."""
        return self.estate.permission_actions(resource_arn, account)

    def default_actions(self, kind: str) -> tuple[tuple[str, ...], ...]:
        """The IAM actions that sharing a `servicenetwork` or `service` grants by default, in each version till now."""
        return tuple(permission.actions for permission in MANAGED[kind])

    def tags_of(self, arn: str) -> dict[str, str]:
        """The tags of a share; empty for what is not there."""
        return self.estate.tags_of(arn)

    def owned_tags(self, account: str) -> dict[str, dict[str, str]]:
        """ARN and tags of every share that `account` owns and that is not deleted."""
        return self.estate.owned_tags(account)

    # --- what tests and stories turn -----------------------------------------------------------------------

    @property
    def shares(self) -> shelf.Shares:
        return self.estate.shares

    @property
    def quotas(self) -> Quotas:
        return self.estate.quotas

    @quotas.setter
    def quotas(self, quotas: Quotas) -> None:
        self.estate.quotas = quotas

    @property
    def sparse_pages(self) -> bool:
        return self.estate.sparse_pages

    @sparse_pages.setter
    def sparse_pages(self, sparse: bool) -> None:
        self.estate.sparse_pages = sparse

    @property
    def failing(self) -> dict[str, list[str]]:
        return self.estate.failing
