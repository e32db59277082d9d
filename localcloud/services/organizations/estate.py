"""What is known of the organisation besides who belongs to it, and who may ask."""

from __future__ import annotations

import string
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol

from localcloud.ground.errors import AwsError
from localcloud.ground.questions import AsksOrganization, Ground

if TYPE_CHECKING:
    from localcloud.ground.caller import Caller
    from localcloud.ground.organization import Organization

_LETTERS = string.ascii_lowercase + string.digits
type Wire = dict[str, Any]


@dataclass
class Account:
    """What is known of an account besides its place."""

    name: str
    email: str
    joined: float
    method: Literal["INVITED", "CREATED"] = "INVITED"


@dataclass
class Handshake:
    """An invitation to an account to join."""

    id: str
    account: str
    asked: float
    state: str = "OPEN"


class Around(Ground, AsksOrganization, Protocol):
    """What Organizations asks of its surroundings."""


class Estate:
    """What is known of the organisation besides who belongs to it; `all` is that, whoever made it."""

    def __init__(self, cloud: Around) -> None:
        self.cloud = cloud
        self.accounts: dict[str, Account] = {}
        self.names: dict[str, str] = {}
        self.trusted: dict[str, float] = {}
        self.requests: dict[str, Wire] = {}
        self.handshakes: dict[str, Handshake] = {}

    @property
    def all(self) -> Organization:
        return self.cloud.organization

    def require_member(self, caller: Caller) -> None:
        if not self.all.id_of(caller.account):
            text = "Your account is not a member of an organization."
            raise AwsError("AWSOrganizationsNotInUseException", text)

    # --- the organisation ----------------------------------------------------------------------------------

    # --- units ---------------------------------------------------------------------------------------------

    def parent(self, id: str, code: str = "ParentNotFoundException") -> str:
        if id != self.all.root and id not in self.all.units():
            raise AwsError(code, "You specified parent that doesn't exist.")
        return id

    # --- accounts ------------------------------------------------------------------------------------------

    def member(self, account: str) -> str:
        if account not in self.all.accounts:
            text = "You specified an account that doesn't exist."
            raise AwsError("AccountNotFoundException", text)
        return account

    def known(self, account: str) -> Account:
        # Accounts of a world given as data have joined without a name.
        since = self.cloud.clock.now
        return self.accounts.setdefault(account, Account(account, f"{account}@example.com", since))

    def account_arn(self, account: str) -> str:
        return f"arn:aws:organizations::{self.all.management}:account/{self.all.id}/{account}"

    # --- invitations to join -------------------------------------------------------------------------------

    # --- services that may look into it --------------------------------------------------------------------

    # --- small things --------------------------------------------------------------------------------------

    def moment(self) -> datetime:
        return datetime.fromtimestamp(self.cloud.clock.now, UTC)

    def letters(self, count: int) -> str:
        return "".join(self.cloud.random_ids.choice(_LETTERS) for _ in range(count))


def by_management(function: Callable[[Estate, Wire, Caller], Wire]) -> Callable[[Estate, Wire, Caller], Wire]:
    """The operation, answered to the management account alone."""

    def answer(estate: Estate, params: Wire, caller: Caller) -> Wire:
        estate.require_member(caller)
        if caller.account != estate.all.management:
            text = "You don't have permissions to access this resource."
            raise AwsError("AccessDeniedException", text)
        return function(estate, params, caller)

    return answer
