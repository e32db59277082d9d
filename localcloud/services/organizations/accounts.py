"""Member accounts: made, moved, described, let go."""

from __future__ import annotations

import string
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from localcloud.ground.errors import AwsError
from localcloud.ground.service import Operations
from localcloud.services.organizations.answers import page
from localcloud.services.organizations.estate import Account, Estate, Wire, by_management

if TYPE_CHECKING:
    from localcloud.ground.caller import Caller

CREATING = 30.0
"""Simulated seconds until a new account is there; AWS says only that it takes a while."""


def create_account(estate: Estate, params: Wire, _: Caller) -> Wire:
    account = "".join(estate.cloud.random_ids.choice(string.digits) for _ in range(12))
    request: Wire = {
        "Id": f"car-{estate.letters(32)}",
        "AccountName": params["AccountName"],
        "State": "IN_PROGRESS",
        "RequestedTimestamp": estate.moment(),
    }
    estate.requests[request["Id"]] = request

    def done() -> None:
        taken = any(known.email == params["Email"] for known in estate.accounts.values())
        if taken or not estate.all.id:
            request.update(State="FAILED", FailureReason="EMAIL_ALREADY_EXISTS" if taken else "INTERNAL_FAILURE")
        else:
            estate.all.add(account)
            now = estate.cloud.clock.now
            estate.accounts[account] = Account(params["AccountName"], params["Email"], now, "CREATED")
            request.update(State="SUCCEEDED", AccountId=account)
        request["CompletedTimestamp"] = estate.moment()

    estate.cloud.clock.after(CREATING, done, "an account to be created")
    return {"CreateAccountStatus": dict(request)}


def describe_request(estate: Estate, params: Wire, _: Caller) -> Wire:
    request = estate.requests.get(params["CreateAccountRequestId"])
    if request is None:
        text = "You specified a CreateAccountRequestId that doesn't exist."
        raise AwsError("CreateAccountStatusNotFoundException", text)
    return {"CreateAccountStatus": dict(request)}


def describe_account(estate: Estate, params: Wire, _: Caller) -> Wire:
    return {"Account": shown_account(estate, estate.member(params["AccountId"]))}


def list_accounts(estate: Estate, params: Wire, _: Caller) -> Wire:
    """ListAccounts, and ListAccountsForParent: those right below the parent."""
    parent = estate.parent(params["ParentId"]) if "ParentId" in params else None
    found = [one for one in sorted(estate.all.accounts) if parent in (None, estate.all.parents[one])]
    return page("Accounts", [shown_account(estate, one) for one in found], params)


def move_account(estate: Estate, params: Wire, _: Caller) -> Wire:
    account = estate.member(params["AccountId"])
    source = estate.parent(params["SourceParentId"], "SourceParentNotFoundException")
    to = estate.parent(params["DestinationParentId"], "DestinationParentNotFoundException")
    if estate.all.parents[account] != source:
        raise AwsError("AccountNotFoundException", f"{account} is not in {source}.")
    if source == to:
        raise AwsError("DuplicateAccountException", f"{account} is already in {to}.")
    estate.all.add(account, to)
    return {}


def remove_account(estate: Estate, params: Wire, _: Caller) -> Wire:
    return part(estate, estate.member(params["AccountId"]))


def leave(estate: Estate, _: Wire, caller: Caller) -> Wire:
    estate.require_member(caller)
    return part(estate, caller.account)


def part(estate: Estate, account: str) -> Wire:
    if account == estate.all.management:
        text = "You can't remove the management account from the organization."
        raise AwsError("MasterCannotLeaveOrganizationException", text)
    estate.all.remove(account)
    estate.accounts.pop(account, None)
    return {}


def shown_account(estate: Estate, account: str) -> Wire:
    known = estate.known(account)
    return {
        "Id": account,
        "Arn": estate.account_arn(account),
        "Email": known.email,
        "Name": known.name,
        "Status": "ACTIVE",
        "State": "ACTIVE",
        "JoinedMethod": known.method,
        "JoinedTimestamp": datetime.fromtimestamp(known.joined, UTC),
    }


OPERATIONS: Operations[Estate] = {
    "CreateAccount": by_management(create_account),
    "DescribeAccount": by_management(describe_account),
    "DescribeCreateAccountStatus": by_management(describe_request),
    "LeaveOrganization": leave,
    "ListAccounts": by_management(list_accounts),
    "ListAccountsForParent": by_management(list_accounts),
    "MoveAccount": by_management(move_account),
    "RemoveAccountFromOrganization": by_management(remove_account),
}
