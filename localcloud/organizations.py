"""AWS Organizations as its clients meet it: the organisation is made, grows, and lets accounts go.

What belongs together stands in `organization`; here are the calls on it. Policies, tags and delegated
administrators are not emulated.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from localcloud.errors import AwsError, NotEmulated

if TYPE_CHECKING:
    from localcloud.caller import Caller
    from localcloud.cloud import LocalCloud
    from localcloud.organization import Organization

RAM = "ram.amazonaws.com"
CREATING = 30.0
"""Simulated seconds until a new account is there; AWS says only that it takes a while."""
HANDSHAKE_LIFE = 15 * 86_400.0
_PAGE = 20  # what MaxResults may ask at most, and gets if it asks nothing
_LETTERS = string.ascii_lowercase + string.digits

type Wire = dict[str, Any]


@dataclass
class _Account:
    """What is known of an account besides its place."""

    name: str
    email: str
    joined: float
    method: Literal["INVITED", "CREATED"] = "INVITED"


@dataclass
class _Handshake:
    """An invitation to an account to join."""

    id: str
    account: str
    asked: float
    state: str = "OPEN"


class Organizations:
    """The service; `cloud.organization` is what it works on, whoever made that."""

    name: ClassVar[str] = "organizations"

    def __init__(self, cloud: LocalCloud) -> None:
        self.cloud = cloud
        self._accounts: dict[str, _Account] = {}
        self._names: dict[str, str] = {}
        self._trusted: dict[str, float] = {}
        self._requests: dict[str, Wire] = {}
        self._handshakes: dict[str, _Handshake] = {}
        # By operation: what answers, and whether only the management account may ask.
        self._answers: dict[str, tuple[Callable[[Wire, Caller], Wire], bool]] = {
            "AcceptHandshake": (self._accept, False),
            "CancelHandshake": (self._cancel, True),
            "CreateAccount": (self._create_account, True),
            "CreateOrganization": (self._create, False),
            "CreateOrganizationalUnit": (self._create_unit, True),
            "DeclineHandshake": (self._decline, False),
            "DeleteOrganization": (self._delete, True),
            "DeleteOrganizationalUnit": (self._delete_unit, True),
            "DescribeAccount": (self._describe_account, True),
            "DescribeCreateAccountStatus": (self._describe_request, True),
            "DescribeHandshake": (self._describe_handshake, False),
            "DescribeOrganization": (self._describe, False),
            "DescribeOrganizationalUnit": (self._describe_unit, True),
            "DisableAWSServiceAccess": (self._distrust, True),
            "EnableAWSServiceAccess": (self._trust, True),
            "InviteAccountToOrganization": (self._invite, True),
            "LeaveOrganization": (self._leave, False),
            "ListAWSServiceAccessForOrganization": (self._list_trusted, True),
            "ListAccounts": (self._list_accounts, True),
            "ListAccountsForParent": (self._list_accounts, True),
            "ListChildren": (self._list_children, True),
            "ListHandshakesForAccount": (self._list_received, False),
            "ListHandshakesForOrganization": (self._list_sent, True),
            "ListOrganizationalUnitsForParent": (self._list_units, True),
            "ListParents": (self._list_parents, True),
            "ListRoots": (self._list_roots, True),
            "MoveAccount": (self._move, True),
            "RemoveAccountFromOrganization": (self._remove, True),
            "UpdateOrganizationalUnit": (self._rename_unit, True),
        }

    @property
    def _all(self) -> Organization:
        return self.cloud.organization

    def handle(self, operation: str, params: Wire, caller: Caller) -> Wire:
        """Answer one call."""
        if operation not in self._answers:
            raise NotEmulated(self.name, operation)
        answer, by_management = self._answers[operation]
        if by_management:
            self._require_member(caller)
            if caller.account != self._all.management:
                text = "You don't have permissions to access this resource."
                raise AwsError("AccessDeniedException", text)
        return answer(params, caller)

    def _require_member(self, caller: Caller) -> None:
        if not self._all.id_of(caller.account):
            text = "Your account is not a member of an organization."
            raise AwsError("AWSOrganizationsNotInUseException", text)

    # --- the organisation ----------------------------------------------------------------------------------

    def _create(self, params: Wire, caller: Caller) -> Wire:
        if self._all.id_of(caller.account):
            text = "The AWS account is already a member of an organization."
            raise AwsError("AlreadyInOrganizationException", text)
        if self._all.id:
            raise NotEmulated(self.name, "CreateOrganization of a second organization")
        if params.get("FeatureSet", "ALL") != "ALL":
            raise NotEmulated(self.name, "CreateOrganization for consolidated billing")
        self._all.create(caller.account, f"o-{self._letters(10)}", f"r-{self._letters(4)}")
        return {"Organization": self._organization()}

    def _describe(self, _: Wire, caller: Caller) -> Wire:
        self._require_member(caller)
        return {"Organization": self._organization()}

    def _delete(self, _: Wire, caller: Caller) -> Wire:
        if self._all.accounts != {caller.account} or self._all.units():
            text = "To delete the organization, remove all member accounts and organizational units first."
            raise AwsError("OrganizationNotEmptyException", text)
        self._all.disband()
        self._trusted.clear()
        return {}

    def _organization(self) -> Wire:
        management = self._all.management
        return {
            "Id": self._all.id,
            "Arn": self._all.arn,
            "FeatureSet": "ALL",
            "MasterAccountArn": self._account_arn(management),
            "MasterAccountId": management,
            "MasterAccountEmail": self._known(management).email,
            "AvailablePolicyTypes": [],
        }

    def _list_roots(self, params: Wire, _: Caller) -> Wire:
        arn = f"arn:aws:organizations::{self._all.management}:root/{self._all.id}/{self._all.root}"
        return _page("Roots", [{"Id": self._all.root, "Arn": arn, "Name": "Root", "PolicyTypes": []}], params)

    # --- units ---------------------------------------------------------------------------------------------

    def _create_unit(self, params: Wire, _: Caller) -> Wire:
        parent, name = self._parent(params["ParentId"]), params["Name"]
        self._require_free_name(parent, name)
        unit = f"ou-{self._all.root.removeprefix('r-')}-{self._letters(8)}"
        self._all.add_unit(unit, parent)
        self._names[unit] = name
        return {"OrganizationalUnit": self._unit(unit)}

    def _describe_unit(self, params: Wire, _: Caller) -> Wire:
        return {"OrganizationalUnit": self._unit(self._known_unit(params["OrganizationalUnitId"]))}

    def _rename_unit(self, params: Wire, _: Caller) -> Wire:
        unit = self._known_unit(params["OrganizationalUnitId"])
        name = params.get("Name", self._names.get(unit, unit))
        if name != self._names.get(unit, unit):
            self._require_free_name(self._all.parents[unit], name)
        self._names[unit] = name
        return {"OrganizationalUnit": self._unit(unit)}

    def _delete_unit(self, params: Wire, _: Caller) -> Wire:
        unit = self._known_unit(params["OrganizationalUnitId"])
        if unit in self._all.parents.values():
            text = "We can't delete the OU because it still contains accounts or OUs."
            raise AwsError("OrganizationalUnitNotEmptyException", text)
        del self._all.parents[unit]
        self._names.pop(unit, None)
        return {}

    def _list_units(self, params: Wire, _: Caller) -> Wire:
        parent = self._parent(params["ParentId"])
        found = [self._unit(unit) for unit in self._all.units() if self._all.parents[unit] == parent]
        return _page("OrganizationalUnits", found, params)

    def _unit(self, unit: str) -> Wire:
        return {"Id": unit, "Arn": self._all.unit_arn(unit), "Name": self._names.get(unit, unit)}

    def _known_unit(self, unit: str) -> str:
        if unit not in self._all.units():
            raise AwsError(
                "OrganizationalUnitNotFoundException", "You specified an organizational unit that doesn't exist."
            )
        return unit

    def _require_free_name(self, parent: str, name: str) -> None:
        beside = [unit for unit in self._all.units() if self._all.parents[unit] == parent]
        if any(self._names.get(unit, unit) == name for unit in beside):
            text = "An OU with the same name already exists."
            raise AwsError("DuplicateOrganizationalUnitException", text)

    def _parent(self, id: str, code: str = "ParentNotFoundException") -> str:
        if id != self._all.root and id not in self._all.units():
            raise AwsError(code, "You specified parent that doesn't exist.")
        return id

    # --- accounts ------------------------------------------------------------------------------------------

    def _create_account(self, params: Wire, _: Caller) -> Wire:
        account = "".join(self.cloud.random_ids.choice(string.digits) for _ in range(12))
        request: Wire = {
            "Id": f"car-{self._letters(32)}",
            "AccountName": params["AccountName"],
            "State": "IN_PROGRESS",
            "RequestedTimestamp": self._now(),
        }
        self._requests[request["Id"]] = request

        def done() -> None:
            taken = any(known.email == params["Email"] for known in self._accounts.values())
            if taken or not self._all.id:
                request.update(State="FAILED", FailureReason="EMAIL_ALREADY_EXISTS" if taken else "INTERNAL_FAILURE")
            else:
                self._all.add(account)
                now = self.cloud.clock.now
                self._accounts[account] = _Account(params["AccountName"], params["Email"], now, "CREATED")
                request.update(State="SUCCEEDED", AccountId=account)
            request["CompletedTimestamp"] = self._now()

        self.cloud.clock.after(CREATING, done, "an account to be created")
        return {"CreateAccountStatus": dict(request)}

    def _describe_request(self, params: Wire, _: Caller) -> Wire:
        request = self._requests.get(params["CreateAccountRequestId"])
        if request is None:
            text = "You specified a CreateAccountRequestId that doesn't exist."
            raise AwsError("CreateAccountStatusNotFoundException", text)
        return {"CreateAccountStatus": dict(request)}

    def _describe_account(self, params: Wire, _: Caller) -> Wire:
        return {"Account": self._account(self._member(params["AccountId"]))}

    def _list_accounts(self, params: Wire, _: Caller) -> Wire:
        """ListAccounts, and ListAccountsForParent: those right below the parent."""
        parent = self._parent(params["ParentId"]) if "ParentId" in params else None
        found = [one for one in sorted(self._all.accounts) if parent in (None, self._all.parents[one])]
        return _page("Accounts", [self._account(one) for one in found], params)

    def _list_children(self, params: Wire, _: Caller) -> Wire:
        parent = self._parent(params["ParentId"])
        kind = params["ChildType"]
        among = sorted(self._all.accounts) if kind == "ACCOUNT" else self._all.units()
        found = [{"Id": one, "Type": kind} for one in among if self._all.parents[one] == parent]
        return _page("Children", found, params)

    def _list_parents(self, params: Wire, _: Caller) -> Wire:
        parent = self._all.parents.get(params["ChildId"])
        if parent is None:
            raise AwsError("ChildNotFoundException", "You specified child that doesn't exist.")
        kind = "ROOT" if parent == self._all.root else "ORGANIZATIONAL_UNIT"
        return _page("Parents", [{"Id": parent, "Type": kind}], params)

    def _move(self, params: Wire, _: Caller) -> Wire:
        account = self._member(params["AccountId"])
        source = self._parent(params["SourceParentId"], "SourceParentNotFoundException")
        to = self._parent(params["DestinationParentId"], "DestinationParentNotFoundException")
        if self._all.parents[account] != source:
            raise AwsError("AccountNotFoundException", f"{account} is not in {source}.")
        if source == to:
            raise AwsError("DuplicateAccountException", f"{account} is already in {to}.")
        self._all.add(account, to)
        return {}

    def _remove(self, params: Wire, _: Caller) -> Wire:
        return self._part(self._member(params["AccountId"]))

    def _leave(self, _: Wire, caller: Caller) -> Wire:
        self._require_member(caller)
        return self._part(caller.account)

    def _part(self, account: str) -> Wire:
        if account == self._all.management:
            text = "You can't remove the management account from the organization."
            raise AwsError("MasterCannotLeaveOrganizationException", text)
        self._all.remove(account)
        self._accounts.pop(account, None)
        return {}

    def _member(self, account: str) -> str:
        if account not in self._all.accounts:
            text = "You specified an account that doesn't exist."
            raise AwsError("AccountNotFoundException", text)
        return account

    def _known(self, account: str) -> _Account:
        # Accounts of a world given as data have joined without a name.
        since = self.cloud.clock.now
        return self._accounts.setdefault(account, _Account(account, f"{account}@example.com", since))

    def _account_arn(self, account: str) -> str:
        return f"arn:aws:organizations::{self._all.management}:account/{self._all.id}/{account}"

    def _account(self, account: str) -> Wire:
        known = self._known(account)
        return {
            "Id": account,
            "Arn": self._account_arn(account),
            "Email": known.email,
            "Name": known.name,
            "Status": "ACTIVE",
            "State": "ACTIVE",
            "JoinedMethod": known.method,
            "JoinedTimestamp": datetime.fromtimestamp(known.joined, UTC),
        }

    # --- invitations to join -------------------------------------------------------------------------------

    def _invite(self, params: Wire, _: Caller) -> Wire:
        target = params["Target"]
        if target["Type"] != "ACCOUNT":
            raise NotEmulated(self.name, f"InviteAccountToOrganization by {target['Type']}")
        account = target["Id"]
        if not (account.isdecimal() and len(account) == 12):
            raise AwsError(
                "InvalidInputException", "You specified an invalid account id.", Reason="INVALID_PARTY_TYPE_TARGET"
            )
        if account in self._all.accounts:
            text = f"The account {account} is already in an organization."
            raise AwsError("HandshakeConstraintViolationException", text, Reason="ALREADY_IN_AN_ORGANIZATION")
        if any(one.account == account and self._state(one) == "OPEN" for one in self._handshakes.values()):
            raise AwsError("DuplicateHandshakeException", "A handshake with the same action and target already exists.")
        made = _Handshake(f"h-{self._letters(8)}", account, self.cloud.clock.now)
        self._handshakes[made.id] = made
        return {"Handshake": self._handshake(made)}

    def _accept(self, params: Wire, caller: Caller) -> Wire:
        return self._close(params, "ACCEPTED", lambda one: one.account == caller.account)

    def _decline(self, params: Wire, caller: Caller) -> Wire:
        return self._close(params, "DECLINED", lambda one: one.account == caller.account)

    def _cancel(self, params: Wire, _: Caller) -> Wire:
        return self._close(params, "CANCELED", lambda _: True)

    def _close(self, params: Wire, state: str, is_theirs: Callable[[_Handshake], bool]) -> Wire:
        found = self._handshakes.get(params["HandshakeId"])
        if found is None or not is_theirs(found):
            raise AwsError(
                "HandshakeNotFoundException", "We can't find a handshake with the HandshakeId that you specified."
            )
        now = self._state(found)
        if now == state:
            raise AwsError("HandshakeAlreadyInStateException", f"The handshake is already {state}.")
        if now != "OPEN":
            raise AwsError("InvalidHandshakeTransitionException", f"A handshake that is {now} cannot be {state}.")
        found.state = state
        if state == "ACCEPTED":
            self._all.add(found.account)
            self._known(found.account)
        return {"Handshake": self._handshake(found)}

    def _describe_handshake(self, params: Wire, caller: Caller) -> Wire:
        found = self._handshakes.get(params["HandshakeId"])
        if found is None or caller.account not in (found.account, self._all.management):
            raise AwsError(
                "HandshakeNotFoundException", "We can't find a handshake with the HandshakeId that you specified."
            )
        return {"Handshake": self._handshake(found)}

    def _list_received(self, params: Wire, caller: Caller) -> Wire:
        found = [self._handshake(one) for one in self._handshakes.values() if one.account == caller.account]
        return _page("Handshakes", found, params)

    def _list_sent(self, params: Wire, _: Caller) -> Wire:
        return _page("Handshakes", [self._handshake(one) for one in self._handshakes.values()], params)

    def _state(self, one: _Handshake) -> str:
        is_over = one.state == "OPEN" and self.cloud.clock.now >= one.asked + HANDSHAKE_LIFE
        return "EXPIRED" if is_over else one.state

    def _handshake(self, one: _Handshake) -> Wire:
        id = self._all.id
        return {
            "Id": one.id,
            "Arn": f"arn:aws:organizations::{self._all.management}:handshake/{id}/invite/{one.id}",
            "Parties": [
                {"Id": id.removeprefix("o-"), "Type": "ORGANIZATION"},
                {"Id": one.account, "Type": "ACCOUNT"},
            ],
            "State": self._state(one),
            "RequestedTimestamp": datetime.fromtimestamp(one.asked, UTC),
            "ExpirationTimestamp": datetime.fromtimestamp(one.asked + HANDSHAKE_LIFE, UTC),
            "Action": "INVITE",
            "Resources": [{"Type": "ORGANIZATION", "Value": id}, {"Type": "ACCOUNT", "Value": one.account}],
        }

    # --- services that may look into it --------------------------------------------------------------------

    def _trust(self, params: Wire, _: Caller) -> Wire:
        # For RAM this is not enough: only its own call makes the role that sharing needs (facts 17).
        self._trusted.setdefault(params["ServicePrincipal"], self.cloud.clock.now)
        return {}

    def _distrust(self, params: Wire, _: Caller) -> Wire:
        service = params["ServicePrincipal"]
        self._trusted.pop(service, None)
        if service == RAM:
            self._all.ram_sharing = False
        return {}

    def _list_trusted(self, params: Wire, _: Caller) -> Wire:
        if self._all.ram_sharing:
            self._trusted.setdefault(RAM, self.cloud.clock.now)
        found = [
            {"ServicePrincipal": service, "DateEnabled": datetime.fromtimestamp(since, UTC)}
            for service, since in sorted(self._trusted.items())
        ]
        return _page("EnabledServicePrincipals", found, params)

    # --- small things --------------------------------------------------------------------------------------

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self.cloud.clock.now, UTC)

    def _letters(self, count: int) -> str:
        return "".join(self.cloud.random_ids.choice(_LETTERS) for _ in range(count))


def _page(key: str, rows: list[Wire], params: Wire) -> Wire:
    token = params.get("NextToken", "0")
    if not token.isdecimal():
        raise AwsError("InvalidInputException", "You provided an invalid token.", Reason="INVALID_PAGINATION_TOKEN")
    start, size = int(token), params.get("MaxResults", _PAGE)
    answer: Wire = {key: rows[start : start + size]}
    if start + size < len(rows):
        answer["NextToken"] = str(start + size)
    return answer
